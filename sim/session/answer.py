"""What an agent is told in a session, about a fluent and after a turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from plandrift.sim.engine.executor import Reported
from plandrift.sim.interfaces.policy import Observation
from plandrift.sim.terms.calls import Value


class Known(NamedTuple):
    """What an agent knows about one fluent.

    Attributes:
        value: its last known value.
        time: when that was true in the world.

    >>> Known("open", time=2.5).value
    'open'
    """

    value: Value
    time: float


@dataclass(frozen=True)
class Answer:
    """What an agent is told after a turn. It is what was reported, which need not be true.

    Attributes:
        time: the current time.
        reported: the report on a call: ``ok``, ``error``, ``refused`` or ``no answer``; or, if it was not
            made, ``blocked``, ``skipped`` or ``withdrawn``; or ``under way``. Empty if there was no call.
        reason: what the guard says about the call or, of a call that was rejected or refused, the world: what
            it needs that did not hold.
        news: what has been heard since the last answer.
        advice: why a new plan is wanted, by the guard or because of the news; empty if none is.
        over: whether the session has ended.

    >>> Answer(time=3.0, reported="blocked", reason="ticket-3.status changed").over
    False
    """

    time: float
    reported: Reported = ""
    reason: str = ""
    news: tuple[Observation, ...] = ()
    advice: str = ""
    over: bool = False
