"""What plain shell commands read and write: `cat`, `sed -n`, `head`, `nl`, `grep -n`; redirections, `sed -i`.

A command is recognized only if its output can have just one source. Anything that changes the text on the way
(`sort`, `cut`) or is unknown stays opaque, as do formatters and git, which write more than they name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from plandrift.experiments.agents.transcripts.digest import path_of
from plandrift.experiments.agents.transcripts.knowledge import Replacement, Touch
from plandrift.experiments.agents.transcripts.shell_words import Pipeline, ShellCommand, pipelines

SHELLS = frozenset(
    ("Bash", "bash", "exec_command", "shell", "shell_command", "write_stdin", "local_shell_call")
    + ("container.exec", "unified_exec", "run_shell_command", "execute_bash", "terminal")
)
"""The tools of all formats that run a shell command."""
SILENT = re.compile(r"cd|mkdir|rm|mv|cp|touch|true|:|set|export|test|chmod")
"""Programs that print nothing if they succeed."""
LOOKING = re.compile(
    r"ls|pwd|echo|printf|wc|which|file|stat|du|df|tree|diff|cmp|sort|uniq|cut|tr|date|whoami|ps|rg|[ef]?grep|"
    r"cat|nl|head|tail|true|cd|jq|basename|dirname|realpath|readlink|type|test|:|uname|id"
)
"""Programs that change no file."""
LOOKING_GIT = re.compile(r"status|diff|log|show|ls-files|grep|blame|rev-parse|remote|ls-remote|describe")
MATCHES = 20
"""The most runs of matching lines that are taken from one search."""
_READERS = re.compile(r"\b(cat|sed|nl|head|tail|e?f?grep|rg)\b")
_RANGE = re.compile(r"(\d+)(?:,(\d+|\$))?p")
_NUMBERED = re.compile(r" *(\d+)\t(.*)")
_SHOWN = re.compile(r"(.+?):(\d+):(.*)")
_ALONE = re.compile(r"(\d+)[:-](.*)")
_GREP_FLAGS = re.compile(
    r"-[nHiISFEwxsPrR]+|--(line-number|ignore-case|smart-case|fixed-strings|hidden|no-heading)"
)
_GREP_VALUES = frozenset({"-e", "-g", "-t", "-T", "--glob", "--type", "-A", "-B", "-C"})
_GREP_JOINED = re.compile(r"--(glob|type|include|exclude|exclude-dir)=.*|-[ABC]\d+")


@dataclass(frozen=True)
class ShellTouches:
    """What a command did to files.

    Attributes:
        touches: what it read and wrote by name, in order.
        changing: whether it may have changed other files.
    """

    touches: list[Touch]
    changing: bool

    def rows(self) -> list[Touch]:
        """Return the touches, with an opaque one for what they do not cover."""
        return [*self.touches, *([Touch("opaque")] if self.changing or not self.touches else [])]


@dataclass(frozen=True)
class _Search:
    """A search, with its folder."""

    folder: str
    words: tuple[str | None, ...]


def may_read(command: object) -> bool:
    """Say whether a command's output is worth keeping until it is known what it read."""
    return isinstance(command, str) and _READERS.search(command) is not None


@dataclass(frozen=True)
class _Lines:
    """Lines of one file: `first` is 0 if only the end is certain, and `most` None up to the end."""

    path: str
    first: int = 1
    most: int | None = None
    numbered: bool = False

    def then(self, first: int, most: int | None) -> _Lines | None:
        """Return the lines that are left if only these of them are shown."""
        if not first or not self.first:
            # The last lines of a range that may be cut short by the end of the file.
            return None if self.most is not None or self.first != 1 else replace(self, first=0, most=most)
        left = None if self.most is None else max(self.most - first + 1, 0)
        fewest = min((n for n in (left, most) if n is not None), default=None)
        return replace(self, first=self.first + first - 1, most=fewest)


def shell_touches(
    command: object, folder: str, output: str | None, *, ok: bool = True, trimmed: bool = False
) -> ShellTouches:
    """Return what a shell command read and wrote.

    Args:
        command: the command as given to the shell.
        folder: the folder that it ran in.
        output: what it printed; None if that is unknown or cut.
        ok: whether it succeeded; if it failed, it is unknown which parts ran.
        trimmed: whether blank lines at the end of the output may be missing.

    >>> made = shell_touches("sed -n '1,9p' a.py", "/w", "x = 1\\n")
    >>> made.touches[0].fluent, made.touches[0].text, made.touches[0].whole, made.changing
    ('/w/a.py', 'x = 1\\n', True, False)
    >>> shell_touches("sort a.py", "/w", "x = 1\\n")
    ShellTouches(touches=[], changing=False)
    """
    found = pipelines(command) if isinstance(command, str) else None
    if found is None:
        return ShellTouches([], True)
    if not ok or not all(p.sure for p in found):
        plain = all(_looks(c) and not c.into for p in found for c in p.commands)
        return ShellTouches([], not plain)
    written: list[Touch] = []
    shown: list[_Lines | _Search | None] = []
    changing = False
    for pipeline in found:
        last = pipeline.commands[-1]
        if last.words[0] == "cd":
            into = last.words[1] if len(last.words) == 2 and len(pipeline.commands) == 1 else None
            moved = None if into in (None, "-") else path_of(into, folder)
            if moved is None:
                return ShellTouches([], True)
            folder = moved
            continue
        names = _writes(pipeline, folder)
        written += names or []
        changing = changing or (names is None and not all(_looks(c) for c in pipeline.commands))
        silent = SILENT.fullmatch(last.words[0] or "") is not None and len(pipeline.commands) == 1
        if not last.into and not silent and not _in_place(last):
            shown += _read(pipeline, folder) or [None]
    # A file that is also written may have been read before or after that, so its content is unknown.
    both = {touch.fluent for touch in written}
    reads = [touch for touch in _shown(shown, output, trimmed) if touch.fluent not in both]
    return ShellTouches(reads + written, changing)


def _shown(shown: Sequence[_Lines | _Search | None], output: str | None, trimmed: bool) -> list[Touch]:
    """Return the reads, with their texts as far as the output can be divided among them."""
    if len(shown) == 1 and isinstance(shown[0], _Search):
        return _matches(shown[0], output or "")
    reads = [one for one in shown if isinstance(one, _Lines)]
    texts: list[str | None] = [output if len(shown) == 1 else None] * len(reads)
    lines = _split(output or "")
    if 1 < len(reads) == len(shown) and all(r.most for r in reads):
        # Ranges that are all of full length can be told apart.
        ends = list(accumulate(r.most or 0 for r in reads))
        if ends[-1] == len(lines):
            texts = ["\n".join(lines[a:b]) + "\n" for a, b in zip([0, *ends], ends, strict=False)]
    return [_touch(read, text, trimmed) for read, text in zip(reads, texts, strict=True)]


def _split(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _touch(read: _Lines, text: str | None, trimmed: bool) -> Touch:
    if text is None:
        return Touch("read", read.path)
    lines, first = _split(text), read.first
    if read.numbered:
        matched = [m for m in map(_NUMBERED.fullmatch, lines) if m is not None]
        numbers = [int(m[1]) for m in matched]
        if not numbers or numbers != list(range(numbers[0], numbers[0] + len(lines))):
            return Touch("read", read.path)
        lines, first = [m[2] for m in matched], numbers[0]
    if (read.most is not None and len(lines) > read.most) or (not lines and first != 1):
        return Touch("read", read.path)
    ended = read.most is None or (len(lines) < read.most and not trimmed)
    if first == 0 and ended:
        first = 1
    return Touch("read", read.path, "".join(f"{line}\n" for line in lines), first, first == 1 and ended)


def _read(pipeline: Pipeline, folder: str) -> list[_Lines | _Search] | None:
    """Return what a pipeline shows; None if it is not a plain read."""
    first = pipeline.commands[0]
    if first.fed or first.into:
        return None
    if first.words[0] in ("rg", "grep", "egrep", "fgrep") and len(pipeline.commands) == 1:
        return [_Search(folder, tuple(first.words))]
    stage = _stage(first.words)
    if stage is None or not stage[0]:
        return None
    files, at, most, numbered = stage
    paths = [path for file in files if (path := path_of(file, folder)) is not None]
    if len(paths) > 1:
        # The contents of several files follow each other without a separator.
        return [_Lines(path) for path in paths] if len(pipeline.commands) == 1 else None
    shown: _Lines | None = _Lines(paths[0], at, most, numbered) if paths else None
    for command in pipeline.commands[1:]:
        stage = None if command.fed or command.into else _stage(command.words)
        if shown is None or stage is None or stage[0] or stage[3]:
            return None
        shown = shown.then(stage[1], stage[2])
    return None if shown is None else [shown]


def _stage(words: Sequence[str | None]) -> tuple[list[str], int, int | None, bool] | None:
    """Return files, first line, most lines, and whether lines are numbered; None for any other command."""
    if None in words:
        return None
    program, *given = (word or "" for word in words)
    flags = [word for word in given if word.startswith("-") and word != "-"]
    files = [word for word in given if not word.startswith("-")]
    if program == "cat" and set(flags) <= {"-n"}:
        return files, 1, None, bool(flags)
    if program == "nl" and flags == ["-ba"]:
        return files, 1, None, True
    if program == "sed" and flags in (["-n"], ["-ne"], ["-n", "-e"]) and files:
        ranged = _RANGE.fullmatch(files[0])
        if ranged is None:
            return None
        first = int(ranged[1])
        most = None if ranged[2] == "$" else int(ranged[2] or first) - first + 1
        return (files[1:], first, most, False) if first and (most is None or most > 0) else None
    if program in ("head", "tail"):
        return _end(program, given)
    return None


def _end(program: str, given: list[str]) -> tuple[list[str], int, int | None, bool] | None:
    count, files = "10", list(given)
    if files and (found := re.fullmatch(r"-(?:n)?(\+?\d+)", files[0])):
        count, files = found[1], files[1:]
    elif len(files) > 1 and files[0] in ("-n", "--lines"):
        count, files = files[1], files[2:]
    if not re.fullmatch(r"\+?\d+", count) or any(file.startswith("-") for file in files) or len(files) > 1:
        return None
    if count.startswith("+"):
        return (files, max(int(count), 1), None, False) if program == "tail" else None
    return files, 1 if program == "head" else 0, int(count), False


def _matches(search: _Search, output: str) -> list[Touch]:
    """Return the lines that a search with line numbers showed, one read for each run of lines."""
    program, *given = search.words
    files, pattern, flags = list[str | None](), False, ""
    while given:
        word = given.pop(0)
        if word in _GREP_VALUES and given:
            given.pop(0)
            pattern = pattern or word == "-e"
        elif word is not None and (_GREP_FLAGS.fullmatch(word) or _GREP_JOINED.fullmatch(word)):
            if program == "rg" and re.fullmatch(r"-\w*r\w*", word):
                return []
            flags += word if word[:2] != "--" else "n" * (word == "--line-number")
        elif word is not None and word.startswith("-"):
            return []
        elif pattern:
            files.append(word)
        else:
            pattern = True
    if "n" not in flags or not pattern:
        return []
    alone = files[0] if len(files) == 1 and "H" not in flags else None
    runs: list[tuple[str, int, list[str]]] = []
    for line in output.split("\n"):
        found = _SHOWN.fullmatch(line)
        single = _ALONE.fullmatch(line) if alone is not None else None
        if single is not None and alone is not None:
            name, number, text = alone, int(single[1]), single[2]
        elif found is not None and found[1] != alone:
            name, number, text = found[1], int(found[2]), found[3]
        else:
            continue
        if runs and runs[-1][0] == name and runs[-1][1] + len(runs[-1][2]) == number:
            runs[-1][2].append(text)
        else:
            runs.append((name, number, [text]))
    named = [(path_of(name, search.folder), number, texts) for name, number, texts in runs[:MATCHES]]
    return [
        Touch("read", path, "\n".join(texts), number) for path, number, texts in named if path is not None
    ]


def _writes(pipeline: Pipeline, folder: str) -> list[Touch] | None:
    """Return what a pipeline wrote; None if it names no file, or may have written others."""
    last = pipeline.commands[-1]
    words, into = last.words[1:], [to for to in last.into if to[0] != "/dev/null"]
    plain = [word for word in words if word is None or (word and not word.startswith("-"))]
    flags = "".join(word for word in words if word is not None and word.startswith("-"))
    names, gone = list[str | None](), list[str | None]()
    if _in_place(last) and "f" not in flags:
        names = plain[words.count("-e") or 1 :]
    elif last.words[0] in ("mv", "cp", "rm") and "r" not in flags.lower():
        if last.words[0] == "rm":
            gone = plain
        elif len(plain) == 2 and not (plain[1] or "/").endswith(("/", ".")):
            names, gone = plain[1:], plain[:1] if last.words[0] == "mv" else []
    elif last.words[0] == "tee" and all(_looks(command) for command in pipeline.commands[:-1]):
        names = plain
    elif not all(_looks(command) for command in pipeline.commands):
        return None
    made = [_written(name, folder) for name in names]
    made += [_written(name, folder, gone=True) for name in gone]
    for name, appended in into:
        copied = last.words == ["cat"] and len(pipeline.commands) == 1 and not appended
        made.append(_written(name, folder, last.given if copied else None))
    found = [touch for touch in made if touch is not None]
    return found if found and len(found) == len(made) else None


def _written(name: str | None, folder: str, text: str | None = None, gone: bool = False) -> Touch | None:
    path = path_of(name, folder)
    if path is None:
        return None
    if gone or text is not None:
        return Touch("write", path, after=text, after_known=True)
    return Touch("write", path, replaced=(Replacement("", ""),))


def _in_place(command: ShellCommand) -> bool:
    words = command.words
    return words[0] == "sed" and any(
        (w or "").startswith(("-i", "--in-place", "-Ei", "-ri")) for w in words[1:]
    )


def _looks(command: ShellCommand) -> bool:
    """Say whether a program changes no file, leaving redirections aside."""
    program, *rest = (word or "" for word in command.words)
    if program == "git":
        return LOOKING_GIT.fullmatch(next((w for w in rest if not w.startswith("-")), "")) is not None
    if program == "find":
        return not {"-exec", "-execdir", "-delete", "-ok", "-fprint"} & set(rest)
    if program == "sed":
        return not _in_place(command) and _stage(command.words) is not None
    if program == "sort":
        return not any(word.startswith("-o") for word in rest)
    return LOOKING.fullmatch(program) is not None
