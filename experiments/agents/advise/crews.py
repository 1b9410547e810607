"""Advice on a crew: how many agents are worth having, and how they should coordinate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from plandrift.experiments.agents.advise.prices import Array
from plandrift.experiments.agents.advise.ranking import Ranking
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.ratios import ratio_interval
from plandrift.experiments.sweeps.condition import condition

FIRST, ROUND = 8, 8
"""Seeds before a crew can drop out, and between two checks."""

ZONE = 0.05
"""A difference that does not matter, as a share of the best rate after the first seeds."""

WAYS: Mapping[str, str] = {
    "none": "if-match",
    "serial": "plan-once",
    "step-lock": "gated",
    "plan-lock": "gated",
    "start-lock": "gated",
    "merge-queue": "plan-once",
}
"""The coordinations to choose from, each with a policy that makes use of it."""

RIGHT, TIME, CUT_OFF = range(3)


@dataclass(frozen=True)
class Crew:
    """A contender: a number of agents, and how they coordinate."""

    agents: int
    coordination: str

    @property
    def policy(self) -> str:
        """The policy of each agent."""
        return WAYS[self.coordination]

    @property
    def name(self) -> str:
        """The contender's name, for people."""
        if self.agents == 1:
            return "one agent"
        check = " and if-match" if self.coordination == "none" else ""
        return f"{self.agents} agents with {self.coordination.replace('none', 'no lock')}{check}"


@dataclass(frozen=True)
class CrewStanding:
    """A contender's result.

    Attributes:
        crew: the contender.
        rate: right tasks per second, one sum divided by another.
        times: that rate divided by the rate of one agent on the same seeds.
        cut_off: the share of its episodes that the horizon ended.
        seeds: how many seeds it had.
        verdict: ``best``; ``not decided``, if the interval of its difference from the best, on the seeds that
            both had, contains 0; or ``less``.
    """

    crew: Crew
    rate: Interval
    times: float
    cut_off: float
    seeds: int
    verdict: str


@dataclass(frozen=True)
class CrewAdvice:
    """How crews compare in a world.

    Attributes:
        standings: every contender: the best, those that were not told apart from it, then the others.
            If any was not told apart, the first is ``not decided`` as well.
        seeds: how many seeds the best has had.
        zone: the difference in right tasks per second that does not matter.
        settings: the settings that they have in common.
    """

    standings: tuple[CrewStanding, ...]
    seeds: int
    zone: float
    settings: Mapping[str, Any]

    @property
    def settled(self) -> bool:
        """Whether the best was told apart from all others."""
        return self.standings[0].verdict == "best"


def contenders(counts: Sequence[int], without: Sequence[str] = ()) -> list[Crew]:
    """Return the crews to compare: one agent, and each number of agents in each way that is possible."""
    ways = [word for word in WAYS if word not in without]
    return [Crew(1, "none"), *(Crew(count, word) for count in counts if count > 1 for word in ways)]


def advise_crews(
    settings: Mapping[str, Any],
    crews: Sequence[Crew],
    *,
    budget: int,
    pool: Executor | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> CrewAdvice:
    """Compare crews on the same seeds; one drops out when it is certain to get less right per time.

    The procedure compares the means of the seeds' own rates; the rate shown is one sum divided by another.

    Args:
        settings: settings of the `ledger`, the agents and the crew, by dotted name.
        crews: the contenders; the first is one agent.
        budget: the most episodes, each counted as often as it has agents; the first seeds are always run.
        pool: the processes; None for this one.
        tell: called with the number of episodes so far, counted that way.
    """
    figures: dict[str, Array] = {}
    ran = 0

    def run(chosen: Sequence[Crew], first: int, count: int) -> dict[str, Array]:
        nonlocal ran
        given = (chosen, [settings] * len(chosen), [first] * len(chosen), [count] * len(chosen))
        rates = {}
        for crew, rows in zip(chosen, (pool.map if pool is not None else map)(episodes, *given), strict=True):
            before = figures.get(crew.name)
            figures[crew.name] = rows if before is None else np.concatenate([before, rows])
            rates[crew.name] = -rows[:, RIGHT] / rows[:, TIME]
            ran += count * crew.agents
            tell(ran)
        return rates

    ranking = Ranking(run(crews, 0, FIRST), first=FIRST)
    zone = ZONE * max(-float(costs.mean()) for costs in ranking.costs.values()) or ZONE
    ranking.begin(zone)
    while not ranking.settled:
        left = [crew for crew in crews if crew.name in ranking.left]
        if ran + ROUND * sum([crew.agents for crew in left]) > budget:
            break
        ranking.add(run(left, ranking.seeds, ROUND))
    return _advice(settings, crews, figures, ranking)


def episodes(crew: Crew, settings: Mapping[str, Any], first: int, count: int) -> Array:
    """Return right tasks, duration and whether the horizon ended it, for each of some seeds."""
    given = dict(settings) | {"crew.agents": crew.agents, "crew.coordination": crew.coordination}
    made = condition("ledger", crew.policy, given)
    rows = [made.run(seed) for seed in range(first, first + count)]
    return np.array([(e.metrics.right_tasks, e.metrics.duration, e.end == "horizon") for e in rows], float)


def _advice(
    settings: Mapping[str, Any], crews: Sequence[Crew], figures: Mapping[str, Array], ranking: Ranking
) -> CrewAdvice:
    costs, alone = ranking.costs, figures[crews[0].name]
    best = min(ranking.left, key=lambda name: float(costs[name].mean()))
    near = {crew.name for crew in crews if crew.name != best and not ranking.above(crew.name, best).low > 0}
    standings = []
    for crew in crews:
        mine = figures[crew.name]
        n = min(len(mine), len(alone))
        one, here = [rows[:n, RIGHT].sum() / rows[:n, TIME].sum() for rows in (alone, mine)]
        alike = near and crew.name in {best, *near}
        standings.append(
            CrewStanding(
                crew=crew,
                rate=ratio_interval(mine[:, RIGHT], mine[:, TIME], bounds=(0.0, np.inf)),
                times=float(here / one) if one else float("nan"),
                cut_off=float(mine[:, CUT_OFF].mean()),
                seeds=len(mine),
                verdict="not decided" if alike else "best" if crew.name == best else "less",
            )
        )
    standings.sort(key=lambda one: (one.crew.name != best, one.verdict == "less", -one.times))
    return CrewAdvice(tuple(standings), ranking.seeds, ranking.zone or 0.0, dict(settings))
