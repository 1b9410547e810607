"""What an agent is told in a session: of one fluent, and after a turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from plandrift.sim.engine.executor import Reported
from plandrift.sim.interfaces.policy import Observation
from plandrift.sim.terms.calls import Value


class Known(NamedTuple):
    """What an agent knows of one fluent.

    Attributes:
        value: what it held.
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
        time: now.
        reported: of a call: ``ok``, ``error``, ``refused``, ``no answer``; or why the guard did not let it
            be made: ``blocked``, ``skipped``, ``withdrawn``; or ``under way``. Empty where there was no call.
        reason: what the guard says of it.
        news: what has been heard since the last answer.
        advice: why the guard, or the news, wants a new plan; empty where nothing does.
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
