"""A page of the documentation as a session: its blocks run in order, in a folder of the page's own.

The build runs them to show what they print; the tests run the same ones. A block is a fence of one of:

    ```{run} console    each line that begins with "$ " is a command; a backslash goes on in the next line
    ```{run} python     a script
    ```{file} NAME      its content is saved under that name, for the blocks after it; with a line
                        ":from: examples/NAME.py" it is the text of that file of the repository
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

LIMIT = 1200
"""Seconds that one command may take. The whole book takes a quarter of that on an idle machine."""

_FENCE = re.compile(r"^(`{3,}|:{3,})\{(run|file)\} ([\w.-]+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_OPTION = re.compile(r":([\w-]+): *(.*)\n")


class BlockError(Exception):
    """A block of a page failed; the message contains its output."""


@dataclass(frozen=True)
class Block:
    """One block of a page that runs or is saved.

    Attributes:
        kind: ``console``, ``python``, or the name under which the text is saved.
        text: its content, without its options.
        saved: whether it is saved and not run.
    """

    kind: str
    text: str
    saved: bool

    def play(self, folder: Path) -> list[tuple[str, str]]:
        """Run it in this folder.

        Returns:
            Each command as written in the page, with what it printed.

        Raises:
            BlockError: it ended with another exit code than 0.
        """
        if self.saved:
            (folder / self.kind).write_text(self.text)
            return []
        if self.kind == "python":
            script = folder / "block.py"
            script.write_text(self.text)
            return [(self.text.rstrip("\n"), _said([sys.executable, script.name], folder, self.text))]
        return [(line, _said(["bash", "-c", line], folder, line)) for line in commands(self.text)]


def commands(text: str) -> list[str]:
    """The commands of a console block."""
    lines = re.findall(r"^\$ ((?:.*\\\n)*.*)$", text, re.MULTILINE)
    return [str(line) for line in lines]


def blocks(page: str) -> list[Block]:
    """The blocks of a page's source, in order."""
    found = []
    for _, directive, kind, body in _FENCE.findall(page):
        text = body
        while (option := _OPTION.match(text)) is not None:
            text = (ROOT / option[2]).read_text() if option[1] == "from" else text[option.end() :]
        found.append(Block(kind, text, directive == "file"))
    return found


def _said(words: list[str], folder: Path, shown: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # As wide as a page; no bytecode beside what the page shows; a known author for what it commits.
    env = os.environ | {
        "PATH": path,
        "COLUMNS": "110",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GIT_AUTHOR_NAME": "Ana",
        "GIT_AUTHOR_EMAIL": "ana@example.org",
        "GIT_COMMITTER_NAME": "Ana",
        "GIT_COMMITTER_EMAIL": "ana@example.org",
    }
    done = subprocess.run(
        words, cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    if done.returncode:
        raise BlockError(
            f"exit code {done.returncode} of\n{shown}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())
