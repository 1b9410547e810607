"""The errors of plandrift: each is one line that names the value, the place and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SHOWN = 100
"""How many known names an error lists when none resembles the one given."""


class PlandriftError(Exception):
    """An error that the user can fix; its message is one line.

    >>> issubclass(SettingError, PlandriftError) and issubclass(WorldError, PlandriftError)
    True
    """


class SettingError(PlandriftError, ValueError):
    """A setting has an unknown name, or a value of the wrong type or out of range.

    The message is ``name problem: fix``, unless `text` gives the whole of it.

    Args:
        text: the whole message, if it should not be built from name, problem and fix.
        name: the setting's name, dotted if its part is known; empty if no single setting is wrong.
        problem: what is wrong with it, such as ``= 2``.
        fix: what to do about it.

    Attributes:
        name: see above.
        problem: see above; equal to the text if only the text was given.
        fix: see above.

    >>> error = SettingError(name="agent.minds", problem="= 3", fix="give 1 or 2")
    >>> str(error), error.named("minds").name
    ('agent.minds = 3: give 1 or 2', 'minds')
    """

    def __init__(self, text: str = "", *, name: str = "", problem: str = "", fix: str = "") -> None:
        wrong = " ".join(part for part in (name, problem) if part)
        super().__init__(text or ": ".join(part for part in (wrong, fix) if part))
        self.name, self.problem, self.fix = name, problem or text, fix

    def named(self, name: str) -> SettingError:
        """Return the same error with the setting's full name."""
        return SettingError(name=name, problem=self.problem, fix=self.fix)


class WorldError(PlandriftError):
    """A world broke its interface: it named an unknown fluent, or yielded a change out of order.

    >>> str(WorldError("Doors changed 'dor', which is not a fluent: add it to `first`"))[:13]
    'Doors changed'
    """


class PolicyError(PlandriftError):
    """A policy answered one of its questions with something that is not a valid answer.

    >>> from plandrift import Decision, Policy, run
    >>> from plandrift.worlds import Telegraph
    >>> class Dithering(Policy):
    ...     def observed(self, view, observation):
    ...         return Decision("dither")
    >>> run(Telegraph(volatility=1.0), Dithering())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    plandrift.sim.terms.errors.PolicyError: Dithering answered 'dither' to an observation: ...
    """


class RunawayError(PlandriftError):
    """An episode processed far more events than its settings should produce.

    >>> issubclass(RunawayError, PlandriftError)
    True
    """


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the known name closest to `name`, else the sorted known names."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return "known: " + ", ".join(names[:SHOWN]) + more
