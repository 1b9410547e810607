"""The pace of a session: how much of the world's time an agent's thinking costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from plandrift.sim.terms.errors import SettingError, nearest

KINDS = ("fixed", "wall", "tokens", "live")
TURNS = ("submit_plan", "do", "look", "wait", "done")
"""The kinds of turns that an agent can take in a session."""
_USAGE = "give fixed:TIME, wall:RATE, tokens:RATE or live:RATE, such as fixed:0.5 or fixed:0.5,do=0"


@dataclass(frozen=True)
class Pace:
    """The cost of an agent's thinking before each turn, in units of the world's time.

    ``fixed:x`` costs x per turn, and ``fixed:x,do=y`` costs y before each call instead; ``wall:r`` costs r
    for each second that the agent took, ``tokens:r`` costs r for each token that it reports. With these three
    the world waits while the agent thinks, and then advances by the cost. With ``live:r`` the world does not
    wait: it runs at r units per second, and a turn costs the time that has passed.

    Attributes:
        kind: one of the four.
        rate: the x or r above, at least 0.
        turns: with ``fixed``, the cost of particular kinds of turns.

    >>> Pace.parse("fixed:0.5,do=0").cost("do", seconds=3.0, tokens=0)
    0.0
    >>> Pace.parse("tokens:0.01").cost("do", seconds=3.0, tokens=250)
    2.5
    """

    kind: str
    rate: float
    turns: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Pace:
        """Parse a pace.

        Raises:
            SettingError: the text is not a pace.
        """
        head, *rest = [part.strip() for part in str(text).split(",")]
        kind, colon, rate = head.partition(":")
        if kind not in KINDS:
            raise SettingError(name="pace", problem=f"= {text}", fix=_USAGE)
        turns: dict[str, float] = {}
        for part in rest:
            turn, _, cost = part.partition("=")
            if turn not in TURNS or kind != "fixed":
                fix = nearest(turn, TURNS) if kind == "fixed" else "only fixed takes more than a rate"
                raise SettingError(name="pace", problem=f"= {text}: {part!r}", fix=fix)
            turns[turn] = _number(text, cost)
        if kind == "live" and not colon:
            rate = "1"
        return cls(kind, _number(text, rate), turns)

    @property
    def timed(self) -> bool:
        """Whether it needs a clock that runs while the agent thinks."""
        return self.kind in ("wall", "live")

    def cost(self, turn: str, seconds: float, tokens: float) -> float:
        """Return the cost of the thinking before a turn.

        Args:
            turn: one of `TURNS`.
            seconds: the seconds that have passed since the agent's last answer.
            tokens: the tokens that it has reported since then.
        """
        if self.kind == "fixed":
            return self.turns.get(turn, self.rate)
        return self.rate * (tokens if self.kind == "tokens" else seconds)

    def __str__(self) -> str:
        more = "".join(f",{turn}={cost:g}" for turn, cost in self.turns.items())
        return f"{self.kind}:{self.rate:g}{more}"


def _number(text: str, part: str) -> float:
    try:
        number = float(part)
    except ValueError:
        raise SettingError(name="pace", problem=f"= {text}: {part!r} is not a number", fix=_USAGE) from None
    if not math.isfinite(number) or number < 0:
        raise SettingError(name="pace", problem=f"= {text}", fix="give a finite number of at least 0")
    return number
