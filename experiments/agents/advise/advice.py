"""Advice: which guard a system needs, what it costs, how certain that is, and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from plandrift.experiments.agents.advise.exact import FORMS
from plandrift.experiments.agents.advise.flips import FACTORS, FlipLine, by_price, exactly, simulated
from plandrift.experiments.agents.advise.guards import DEAF, NONE, Guard, contenders, leave_out
from plandrift.experiments.agents.advise.information import worth_knowing
from plandrift.experiments.agents.advise.prices import COMPONENTS, Array, Prices
from plandrift.experiments.agents.advise.ranking import FIRST, ROUND, Ranking
from plandrift.experiments.agents.advise.system import DRAWS, UserSystem
from plandrift.experiments.agents.advise.trials import Trials
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.rulings import ruling
from plandrift.experiments.sweeps.engines import fitting, make_ready
from plandrift.experiments.sweeps.horizon import ENOUGH, try_horizon, undisturbed, with_horizon

BUDGET = 6_000
"""The default number of episodes."""

FEW_DRAWS = 16
"""Draws for each value that is tried for a number, if theory is exact."""

FOR_FLIPS = 24
"""Seeds for each value that is tried for a number."""

COMPARED = 4
"""How many guards are compared when a number is changed: no guard, and the cheapest ones."""

HORIZON = 10.0
"""By default the horizon starts at this multiple of an undisturbed episode, and grows from there."""

PILOT = 2
"""Episodes per guard that show how far the horizon has to grow before the first stage."""

CUT_OFF = COMPONENTS.index("cut off")

ZONE = 0.05
"""By default a difference below this share of the cost without a guard does not matter."""

VARIED = (
    "volatility",
    "agent.thinking_time",
    "agent.step_duration",
    "agent.read_latency",
    "channel.latency",
)
"""The settings for which the advice says where the choice flips."""


@dataclass(frozen=True)
class GuardStanding:
    """The result for one guard.

    Attributes:
        guard: the guard.
        cost: cost per episode. If the advice is exact, the interval covers only the uncertainty of the given
            numbers. Otherwise it is the best guard's cost plus this guard's extra cost on the seeds that both
            had, because costs on different seeds are never compared directly.
        above: how much more it costs than the best guard, on the same seeds.
        means: mean amount of each of `COMPONENTS` per episode.
        seeds: number of seeds that it had; 0 if its cost is exact.
        verdict: ``best``, ``as good`` (equal on every seed), ``not told apart`` (no significant
            difference), ``dearer``, or, if the advice is exact, ``dearer on average``: for some values of
            the uncertain numbers it is the cheaper one.
    """

    guard: Guard
    cost: Interval
    above: Interval
    means: Array
    seeds: int
    verdict: str

    @property
    def cut_off(self) -> float:
        """Return the share of its episodes that the horizon ended."""
        return float(self.means[CUT_OFF])


@dataclass(frozen=True)
class Advice:
    """The advice for a system.

    Attributes:
        system: the system advised on.
        prices: the prices it is judged by.
        standings: every guard, the cheapest first.
        zone: the largest difference that does not matter.
        settled: whether the procedure of `plandrift.experiments.agents.advise.ranking` decided the choice.
        exact: whether closed forms gave the costs, without running any episode.
        chosen_after: number of episodes before the choice was made.
        ran: number of episodes in all.
        saved: episodes of a full sweep, in which every guard has as many seeds as the best, that were not
            needed to make the choice.
        lines: where the choice flips.
        worth: the value of knowing each uncertain number exactly.
        without: guards that were excluded because the user cannot build them.
        horizon: the horizon of the episodes; None if none was run.
        undisturbed: how long an undisturbed episode takes, if the horizon was derived from it.
    """

    system: UserSystem
    prices: Prices
    standings: tuple[GuardStanding, ...]
    zone: float
    settled: bool
    exact: bool
    chosen_after: int
    ran: int
    saved: int
    lines: tuple[FlipLine, ...]
    worth: Mapping[str, float]
    without: tuple[str, ...] = ()
    horizon: float | None = None
    undisturbed: float | None = None

    @property
    def best(self) -> GuardStanding:
        """Return the recommended guard."""
        return self.standings[0]

    @property
    def unguarded(self) -> GuardStanding:
        """Return the result without a guard."""
        return next(one for one in self.standings if one.guard.name == NONE)


def advise(
    system: UserSystem,
    prices: Prices,
    *,
    zone: float | None = None,
    budget: int = BUDGET,
    without: Sequence[str] = (),
    pool: Executor | None = None,
    tell: Callable[[int], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> Advice:
    """Choose a guard for a system; if episodes are run and no horizon is given, choose that first.

    Args:
        system: what is known about the system.
        prices: the prices.
        zone: a cost difference that does not matter; by default 5 % of the cost without a guard.
        budget: the most episodes; a third of them is reserved for finding where the choice flips.
        without: names of guards to exclude, with the guards built on them.
        pool: processes to run the episodes in.
        tell: called with the number of episodes run so far.
        say: called with a message before something slow that is not counted.

    Raises:
        SettingError: the world or a setting is wrong, or a guard does not exist.
    """
    every = contenders(system.drawn(0))
    guards = leave_out(every, without)
    system.condition(guards[0])  # fails before anything is computed
    known = _exact_costs(system)
    if known is not None:
        left = [guard for guard in DEAF if guard in guards]
        found = _exactly(system, prices, {guard.name: known[guard.name] for guard in left}, zone)
        every = list(DEAF)
    else:
        make_ready([fitting(system.condition(guards[0]), budget)], say)
        if "horizon" not in system.settings:
            say("looking for a horizon that cuts off almost no episode")
        found = _by_trials(system, guards, prices, zone, budget, Trials(pool, tell, budget))
    return replace(found, without=tuple(guard.name for guard in every if guard not in guards))


def _exact_costs(system: UserSystem, draws: int = DRAWS) -> dict[str, Array] | None:
    """Return the expected components of each guard in `DEAF`, one row per draw; None if no form holds."""
    rows: dict[str, list[list[float]]] = {guard.name: [] for guard in DEAF}
    for draw in range(min(draws, len(system.draws))):
        of = system.silent(draw)
        if of is None:
            return None
        horizon = system.at(system.draws[draw]).point("horizon")
        for guard in DEAF:
            expected = FORMS[guard.policy](of)
            # The forms do not hold if the horizon could cut episodes short.
            if expected is None or (horizon is not None and expected["time"] > horizon / 4):
                return None
            rows[guard.name].append([expected[name] for name in COMPONENTS])
    return {name: np.array(found) for name, found in rows.items()}


def _exactly(system: UserSystem, prices: Prices, known: Mapping[str, Array], zone: float | None) -> Advice:
    vector = prices.vector
    costs = {name: rows @ vector for name, rows in known.items()}
    guards = sorted(
        (guard for guard in DEAF if guard.name in known),
        key=lambda guard: (round(float(costs[guard.name].mean()), 9), guard.simple),
    )
    best = guards[0].name
    standings = tuple(
        GuardStanding(
            guard,
            _over_draws(costs[guard.name]),
            _over_draws(costs[guard.name] - costs[best]),
            known[guard.name].mean(axis=0),
            0,
            "best" if guard.name == best else _exact_verdict(costs[guard.name] - costs[best]),
        )
        for guard in guards
    )
    lines = []
    for name in VARIED:
        here = system.point(name)
        if here:

            def cost(value: float, name: str = name) -> Mapping[str, float]:
                found = _exact_costs(system.at({name: value}), FEW_DRAWS)
                # Where no form holds, no guard is called the best.
                return {"": 0.0} if found is None else {n: float((found[n] @ vector).mean()) for n in known}

            lines.append(exactly(name, here, cost))
    means = {one.guard.name: one.means for one in standings}
    facts = _facts(system, len(system.draws))
    return Advice(
        system=system,
        prices=prices,
        standings=standings,
        zone=zone if zone is not None else ZONE * float(costs[NONE].mean()),
        settled=True,
        exact=True,
        chosen_after=0,
        ran=0,
        saved=0,
        lines=(*lines, *by_price(prices, means)),
        worth=worth_knowing(costs, best, facts, system.seed),
    )


def _exact_verdict(above: Array) -> str:
    low = _over_draws(above).low
    return "dearer on average" if low <= 0 else "dearer"


def _over_draws(costs: Array) -> Interval:
    """Return the mean of costs that are exact per draw, and the range of 95 % of the draws."""
    if costs.size == 1:
        return Interval(float(costs[0]), float("nan"), float("nan"), 1)
    low, high = np.quantile(costs, (0.025, 0.975))
    return Interval(float(costs.mean()), float(low), float(high), costs.size)


def _by_trials(
    system: UserSystem,
    candidates: Sequence[Guard],
    prices: Prices,
    zone: float | None,
    budget: int,
    trials: Trials,
) -> Advice:
    guards = {guard.name: guard for guard in candidates}
    vector = prices.vector
    asked, lasts = system, None
    if "horizon" in system.settings:
        rows = trials.run(system, candidates, 0, FIRST)
    else:
        system, lasts, grows = _with_horizon(system, candidates, budget)
        while True:
            rows = trials.run(system, candidates, 0, FIRST)
            cut = float(np.mean([found[:, CUT_OFF].mean() for found in rows.values()]))
            if not grows or cut < ENOUGH or trials.ran + FIRST * len(guards) > budget / 2:
                break
            system = system.at({"horizon": 2 * system.settings["horizon"]})
    ranking = Ranking({name: found @ vector for name, found in rows.items()})
    none = float(ranking.costs[NONE].mean())
    ranking.begin(zone if zone is not None else max(ZONE * none, 1e-9))
    while not ranking.settled and trials.ran + ROUND * len(ranking.left) <= budget * 2 / 3:
        more = trials.run(system, [guards[name] for name in ranking.left], ranking.seeds, ROUND)
        for name, found in more.items():
            rows[name] = np.concatenate([rows[name], found])
        ranking.add({name: found @ vector for name, found in more.items()})
    best = min(
        ranking.left, key=lambda name: (round(float(ranking.costs[name].mean()), 9), guards[name].simple)
    )
    chosen_after = trials.ran
    standings = tuple(
        sorted(
            (
                GuardStanding(
                    guard,
                    ranking.beside(name, best),
                    ranking.above(name, best),
                    rows[name].mean(axis=0),
                    len(rows[name]),
                    _verdict(ranking, name, best),
                )
                for name, guard in guards.items()
            ),
            key=lambda one: (one.guard.name != best, one.above.mean, one.guard.simple),
        )
    )
    compared = _compared(standings, ranking)
    facts = _facts(system, FIRST)
    worth = worth_knowing({n: ranking.costs[n][:FIRST] for n in compared}, best, facts, system.seed)
    lines = _lines(system, vector, [guards[name] for name in compared], trials, budget, lasts is not None)
    means = {one.guard.name: one.means for one in standings if one.guard.name in compared}
    assert ranking.zone is not None
    return Advice(
        system=asked,
        prices=prices,
        standings=standings,
        zone=ranking.zone,
        settled=ranking.settled,
        exact=False,
        chosen_after=chosen_after,
        ran=trials.ran,
        saved=len(guards) * ranking.seeds - chosen_after,
        lines=(*lines, *by_price(prices, means)),
        worth=worth,
        horizon=system.condition(candidates[0]).parts.horizon,
        undisturbed=lasts,
    )


def _with_horizon(
    system: UserSystem, guards: Sequence[Guard], budget: int
) -> tuple[UserSystem, float | None, bool]:
    """Return the system with a horizon, an undisturbed episode's duration, and whether longer may help.

    The horizon cuts off almost no episode, or no more than a much longer one would. In a world without goals
    it stays as it is, because an episode there ends only at the horizon.
    """
    draws = min(PILOT, len(system.draws))
    conditions = [system.condition(guard, draw) for draw in range(draws) for guard in guards]
    times = [undisturbed(one) for one in conditions[: len(guards)]]
    known = [time for time in times if time is not None]
    if not known:
        return system.at({"horizon": conditions[0].parts.horizon}), None, False
    begun = [with_horizon(one, HORIZON * max(known)) for one in conditions]
    trial = try_horizon(begun, seeds=PILOT // draws, budget=budget)
    return system.at({"horizon": HORIZON * max(known) * trial.factor}), max(known), trial.ample


def _verdict(ranking: Ranking, name: str, best: str) -> str:
    if name == best:
        return "best"
    n = min(len(ranking.costs[name]), len(ranking.costs[best]))
    if np.array_equal(ranking.costs[name][:n], ranking.costs[best][:n]):
        return "as good"
    return "dearer" if ruling(ranking.above(name, best)).verdict == "more" else "not told apart"


def _compared(standings: Sequence[GuardStanding], ranking: Ranking) -> list[str]:
    """Return the cheapest guards that differ from each other, and no guard."""
    found: list[str] = []
    for one in standings:
        name = one.guard.name
        if len(found) < COMPARED - 1 and not any(
            np.array_equal(ranking.costs[name][:FIRST], ranking.costs[other][:FIRST]) for other in found
        ):
            found.append(name)
    return found if NONE in found else [*found, NONE]


def _lines(
    system: UserSystem, vector: Array, guards: Sequence[Guard], trials: Trials, budget: int, grows: bool
) -> list[FlipLine]:
    """Return where the choice flips, for as many numbers as the budget allows; `guards[0]` is the choice.

    A horizon that was not given grows with the duration of an episode (`grows`).
    """
    lines = []
    for name in VARIED:
        here = system.point(name)
        wanted = len(FACTORS) * len(guards) * FOR_FLIPS
        if not here or trials.ran + wanted > budget:
            continue
        found = []
        for factor in FACTORS:
            changed = {name: here * factor}
            if grows and name != "volatility" and factor > 1:
                changed["horizon"] = system.settings["horizon"] * factor
            rows = trials.run(system.at(changed), guards, 0, FOR_FLIPS)
            found.append({guard: some @ vector for guard, some in rows.items()})
        lines.append(simulated(name, here, found, guards[0].name))
    return lines


def _facts(system: UserSystem, count: int) -> dict[str, list[float]]:
    """Return the uncertain numbers, each with its value in every draw."""
    return {name: [system.draws[i % len(system.draws)][name] for i in range(count)] for name in system.spans}
