"""What goes wrong in plandrift, told in one line that names the value, the place and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PlandriftError(Exception):
    """Something the user can mend; its message is one line."""


class SettingError(PlandriftError, ValueError):
    """A setting has an unknown name, or a value of the wrong type or out of range.

    Its message is ``name problem: fix``, or a text that says it in another way.

    Args:
        text: the whole message, where name, problem and fix do not make it.
        name: of the setting, dotted where its part is known; empty where no one setting is wrong.
        problem: what is wrong with it, such as ``= 2``.
        fix: what to do about it.

    Attributes:
        name: see above.
        problem: see above; the text, where that is all that was given.
        fix: see above.
    """

    def __init__(self, text: str = "", *, name: str = "", problem: str = "", fix: str = "") -> None:
        wrong = " ".join(part for part in (name, problem) if part)
        super().__init__(text or ": ".join(part for part in (wrong, fix) if part))
        self.name, self.problem, self.fix = name, problem or text, fix

    def named(self, name: str) -> SettingError:
        """The same of a setting whose whole name is known."""
        return SettingError(name=name, problem=self.problem, fix=self.fix)


class WorldError(PlandriftError):
    """A world broke its side of the interface (an unknown fluent, a change that goes back in time)."""


class PolicyError(PlandriftError):
    """A policy answered one of its three questions with something that is no answer to it."""


class RunawayError(PlandriftError):
    """An episode processed far more events than its settings can produce."""


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the known name most like `name`, else the known names in order."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return "known: " + ", ".join(names)
