"""The kind of a shell command, as far as its words show: what may have changed files."""

from __future__ import annotations

import re

_FORMATTERS = re.compile(
    r"\b(fmt|gofmt|gofumpt|goimports|rustfmt|format|prettier|eslint|biome|black|isort|ruff|autopep8|yapf|"
    r"clang-format|shfmt|golangci-lint|lint|lint-staged|pre-commit|stylelint|rubocop|ktlint|spotless)\b"
)
_GIT = re.compile(
    r"\bgit\b(?:\s+-\S+(?:\s+[^-\s]\S*)?)*\s+(checkout|switch|merge|rebase|pull|stash|reset|restore|revert|apply|am|"
    r"cherry-pick|clean|rm|mv|commit|worktree|clone)\b"
)


def command_kind(command: object) -> str:
    """Return ``formatter``, ``git`` (if it writes to the tree) or ``command``; empty if it is not a string.

    >>> command_kind("mise run fmt && go test ./..."), command_kind("git -C a stash pop"), command_kind("ls")
    ('formatter', 'git', 'command')
    """
    if not isinstance(command, str):
        return ""
    if _FORMATTERS.search(command):
        return "formatter"
    return "git" if _GIT.search(command) else "command"


_ERRORS = (
    ("not read", re.compile(r"has not been read yet|must read|read it first", re.I)),
    (
        "modified",
        re.compile(r"modified since|has been (unexpectedly )?modified|changed since|stale|blocked by", re.I),
    ),
    (
        "not found",
        re.compile(
            r"string to replace not found|old_?string not found|could not find|failed to find|"
            r"context not found|no match",
            re.I,
        ),
    ),
    ("ambiguous", re.compile(r"found \d+ matches|multiple matches|not unique|more than once", re.I)),
    ("missing", re.compile(r"does not exist|no such file|not found|ENOENT", re.I)),
    ("declined", re.compile(r"user doesn't want|user rejected|rejected by user|declined|denied", re.I)),
    ("refused", re.compile(r"precondition failed|if-match|412|conflict", re.I)),
)


def error_kind(text: str) -> str:
    """Return why a call was not executed, judged by the words of its answer: one of `operation.ERRORS`.

    >>> error_kind("File has been modified since read, either by the user or by a linter")
    'modified'
    """
    head = text[:400]
    return next((name for name, pattern in _ERRORS if pattern.search(head)), "other")
