"""The pace of a session: what an agent's thinking costs in the world's time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from plandrift.sim.terms.errors import SettingError, nearest

KINDS = ("fixed", "wall", "tokens", "live")
TURNS = ("submit_plan", "do", "look", "wait", "done")
"""What an agent does in a session."""
_USAGE = "give fixed:TIME, wall:RATE, tokens:RATE or live:RATE, such as fixed:0.5 or fixed:0.5,do=0"


@dataclass(frozen=True)
class Pace:
    """What the thinking before each turn of an agent costs, in units of the world's time.

    ``fixed:x`` is x a turn, and ``fixed:x,do=y`` y before each call; ``wall:r`` is r for each second that
    the agent took, ``tokens:r`` r for each token that it reports. In all three the world waits while the
    agent thinks, and then jumps by the cost. In ``live:r`` the world does not wait: it runs at r units a
    second, and a turn costs what has passed by then.

    Attributes:
        kind: one of the four.
        rate: the x or r above, at least 0.
        turns: with ``fixed``, what turns of one kind cost instead.

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
        """Read a pace from a text.

        Raises:
            SettingError: it is no pace.
        """
        head, *rest = [part.strip() for part in str(text).split(",")]
        kind, colon, rate = head.partition(":")
        if kind not in KINDS:
            raise SettingError(name="pace", problem=f"= {text}", fix=_USAGE)
        turns: dict[str, float] = {}
        for part in rest:
            turn, _, cost = part.partition("=")
            if turn not in TURNS or kind != "fixed":
                fix = nearest(turn, TURNS) if kind == "fixed" else "only fixed takes more"
                raise SettingError(name="pace", problem=f"= {text}: {part!r}", fix=fix)
            turns[turn] = _number(text, cost)
        if kind == "live" and not colon:
            rate = "1"
        return cls(kind, _number(text, rate), turns)

    @property
    def timed(self) -> bool:
        """Whether a clock is needed that runs while the agent thinks."""
        return self.kind in ("wall", "live")

    def cost(self, turn: str, seconds: float, tokens: float) -> float:
        """What the thinking before a turn costs.

        Args:
            turn: one of `TURNS`.
            seconds: that passed since the agent was answered.
            tokens: that it has reported since then.
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
        raise SettingError(name="pace", problem=f"= {text}: {part!r} is no number", fix=_USAGE) from None
    if not math.isfinite(number) or number < 0:
        raise SettingError(name="pace", problem=f"= {text}", fix="give a finite number of at least 0")
    return number
