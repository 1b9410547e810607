"""The crew's settings: how many agents share the world, and how they coordinate."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim.settings.agent import ZERO
from plandrift.sim.settings.coordinations import COORDINATIONS
from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.settings.fields import Settings, setting
from plandrift.sim.terms.errors import SettingError

MOST_AGENTS = 64
"""The most agents that a crew may have."""


@dataclass(frozen=True)
class CrewSettings(Settings):
    """How many agents there are, how they coordinate, and how they share the goals (docs/model/crew.md).

    >>> CrewSettings(agents=8, coordination="step-lock", lease=3.0).models is None
    True
    """

    agents: int = setting(1, "how many agents share the world (N)", unit="agents", low=1, high=MOST_AGENTS)
    coordination: str = setting(
        "none",
        "; ".join([f"{word}: {one.meaning}" for word, one in COORDINATIONS.items()]),
        choices=tuple(COORDINATIONS),
    )
    lease: float | None = setting(
        None, "how long a lock is held at most; none: until it is released", unit="time", above=0
    )
    fenced: bool = setting(False, "refuse a call whose locks have expired by the time it lands")
    victim: str = setting(
        "youngest",
        "who is aborted in a deadlock: the agent that took its task last, or the one that asked for a lock "
        "last",
        choices=("youngest", "requester"),
    )
    merge_time: Distribution = setting(
        ZERO, "with merge-queue: how long it takes to validate one finished plan", unit="time", low=0
    )
    notify_latency: Distribution = setting(
        ZERO, "with notify: how long it takes to hear of a fellow's write", unit="time", low=0
    )
    models: int | None = setting(
        None, "how many agents can think at once; none: all of them", unit="agents", low=1
    )
    repair: str = setting(
        "whole",
        "how long a replan takes: a whole thinking time, or only the share of it that equals the share of "
        "steps that look stale (part)",
        choices=("whole", "part"),
    )
    share: str = setting(
        "pool",
        "where tasks come from: each agent takes the next free one (pool), has its own (split), or has its "
        "own and helps with other agents' when those are done (overlap)",
        choices=("pool", "split", "overlap"),
    )
    spread: float = setting(0.0, "agents begin at random times up to this one", unit="time", low=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        locks = COORDINATIONS[self.coordination].locks
        for name, given in (("lease", self.lease is not None), ("fenced", self.fenced)):
            if given and not locks:
                raise SettingError(
                    name=f"crew.{name}",
                    problem=f"= {getattr(self, name)}: {self.coordination} has no locks",
                    fix="leave it out, or give a coordination with locks, such as step-lock",
                )
        if self.fenced and self.lease is None:
            raise SettingError(
                name="crew.fenced",
                problem="= True: locks without a lease never expire",
                fix="give crew.lease",
            )


ALONE = CrewSettings()
"""The settings of a single agent."""
