"""The statements of a shell command in literal words, as `shlex` reads them; None wherever that is uncertain.

Substitutions, loops, subshells and background jobs give None for the whole command. A word that the shell
would expand (`*.py`, `$HOME`) is None, as its value is unknown.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from functools import lru_cache

LONGEST = 20_000
"""The longest command in characters that is read; longer ones are scripts."""
MOST_LINES = 40
"""The most lines over which one quoted text may run."""
_EXPANDED = re.compile(r"[$*?\[{~!]")
_KEYWORD = re.compile(
    r"if|then|else|elif|fi|for|while|until|do|done|case|esac|function|select|time|[{}!]|\[\["
)


@dataclass
class ShellCommand:
    """One program with its arguments.

    Attributes:
        words: the program and its arguments; None for a word that the shell expands.
        into: the files that its output goes to, and whether it is appended; None for a name that the shell
            expands.
        given: the text of a here-document with a quoted delimiter; None if there is none.
        fed: whether its input comes from somewhere other than the pipe.
    """

    words: list[str | None] = field(default_factory=list)
    into: list[tuple[str | None, bool]] = field(default_factory=list)
    given: str | None = None
    fed: bool = False


@dataclass
class Pipeline:
    """Programs joined by pipes.

    Attributes:
        commands: the programs, in order.
        sure: whether it is certain to have run if the whole command succeeded.
    """

    commands: list[ShellCommand]
    sure: bool = True


@lru_cache(4096)
def pipelines(text: str) -> list[Pipeline] | None:
    """Return what a shell command runs, in order; None if that is uncertain.

    >>> made, = pipelines("nl -ba 'a b.py' 2>/dev/null | sed -n '1,9p'")
    >>> [command.words for command in made.commands]
    [['nl', '-ba', 'a b.py'], ['sed', '-n', '1,9p']]
    >>> pipelines("grep -n '>' a.py && echo done > b")[0].commands[0].into
    []
    >>> pipelines("cat $(ls)") is None, pipelines("cat *.py")[0].commands[0].words
    (True, ['cat', None])
    """
    if len(text) > LONGEST:
        return None
    made: list[Pipeline] = []
    lines = text.replace("\r\n", "\n").split("\n")
    place = 0
    while place < len(lines):
        if not lines[place].strip() or lines[place].lstrip().startswith("#"):
            place += 1
            continue
        found = _logical_line(lines, place)
        if found is None:
            return None
        tokens, place = found
        read = _Statements(tokens)
        if not read.parse():
            return None
        for command, delimiter in read.awaited:
            try:
                end = lines.index(delimiter.strip("'\""), place)
            except ValueError:
                return None
            if delimiter[0] in "'\"":
                command.given = "".join(f"{line}\n" for line in lines[place:end])
            elif "$(" in (body := "\n".join(lines[place:end])) or "`" in body:
                return None
            place = end + 1
        made += read.made
    return made


def _logical_line(lines: list[str], place: int) -> tuple[list[str], int] | None:
    """Return the tokens up to the next line end outside quotes, and the number of the line after it."""
    text = ""
    for end in range(place, min(place + MOST_LINES, len(lines))):
        text += lines[end]
        if text.endswith("\\"):
            text = text[:-1] + " "
            continue
        lexer = shlex.shlex(text, posix=False, punctuation_chars=True)
        lexer.commenters, lexer.whitespace_split = "", True
        try:
            tokens = list(lexer)
        except ValueError:
            text += "\n"
            continue
        # Adjacent quoted pieces come as separate tokens, so the words are then uncertain.
        squeezed = "".join(text.split())
        return (tokens, end + 1) if not _torn(text, tokens, squeezed) else None
    return None


def _torn(text: str, tokens: list[str], squeezed: str) -> bool:
    """Say whether a token ends inside a word."""
    if "".join("".join(tokens).split()) != squeezed:
        return True
    at = 0
    for token in tokens:
        at = text.index(token, at) + len(token)
        if token[0] in "'\"" and at < len(text) and text[at] not in " \t\r\n;()<>|&":
            return True
    return False


class _Statements:
    """The pipelines of one logical line."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self.made: list[Pipeline] = []
        self.awaited: list[tuple[ShellCommand, str]] = []

    def parse(self) -> bool:
        """Read the tokens; False if anything in them is uncertain."""
        current = Pipeline([ShellCommand()])
        tokens = iter(self._tokens)
        for token in tokens:
            command = current.commands[-1]
            if token[0] not in ";()<>|&":
                if token.startswith("#"):
                    break
                if (found := _word(token)) is None or (
                    not command.words and _KEYWORD.fullmatch(found[0] or "")
                ):
                    return False
                command.words.append(found[0])
            elif token == "|":
                current.commands.append(ShellCommand())
            elif token in (";", "&&", "||"):
                if not command.words:
                    return False
                self.made.append(current)
                current = Pipeline([ShellCommand()], sure=token != "||" and (current.sure or token == ";"))
            elif not self._redirected(token, next(tokens, ""), command):
                return False
        if current.commands[-1].words:
            self.made.append(current)
        elif len(current.commands) > 1 or current.commands[0].into or not self.made:
            return False
        return all(command.words for pipeline in self.made for command in pipeline.commands)

    def _redirected(self, token: str, target: str, command: ShellCommand) -> bool:
        if not target or target[0] in ";()<>|&":
            return False
        stream = "1"
        if command.words and (command.words[-1] or "").isdigit() and token[0] == ">":
            stream = command.words.pop() or ""
        if token in ("<<", "<<-"):
            command.fed = True
            self.awaited.append((command, target))
            return token == "<<"
        word = _word(target)
        if word is None:
            return False
        if token == "<":
            command.fed = True
            return True
        if token == ">&":
            return target in ("1", "2")
        if token not in (">", ">>", "&>", ">|"):
            return False
        if word[0] != "/dev/null":
            if stream != "1":
                return False
            command.into.append((word[0], token == ">>"))
        elif stream == "1":
            command.into.append(("/dev/null", False))
        return True


def _word(token: str) -> tuple[str | None] | None:
    """Return the value of a token, which is None if it is expanded; None if it runs a program itself."""
    if token[0] == "'":
        return (token[1:-1],)
    if "`" in token or "$(" in token:
        return None
    try:
        parts = shlex.split(token)
    except ValueError:
        return None
    if len(parts) != 1:
        return None
    return (None if ("$" in token if token[0] == '"' else _EXPANDED.search(token)) else parts[0],)
