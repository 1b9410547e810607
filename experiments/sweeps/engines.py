"""The engine that runs an episode: SimPy, or a faster one with the same rows to the last bit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple, Protocol, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.statistics.measures import taken_from
from plandrift.experiments.sweeps.condition import Condition
from plandrift.policies import replan_each
from plandrift.sim import Metrics, SettingError, StepRecord

Column: TypeAlias = NDArray[Any]

FASTER = {
    "compiled": "plandrift.experiments.twin.engine",
}
"""The faster engines, each a `FasterEngine` imported only when needed: its package can be deleted together
with its line here."""

ENGINES = ("auto", "simpy", *FASTER)
"""The values that `--engine` takes."""

MANY = 2000
"""The number of episodes from which on a sweep is long enough to pay for preparing a faster engine."""


class HasMetrics(Protocol):
    """An object that holds an episode's metrics."""

    @property
    def metrics(self) -> Metrics:
        """Return all metrics."""
        ...


class Ran(NamedTuple):
    """An episode that an engine has run.

    Attributes:
        row: the metrics, as returned by `Metrics.row`.
        steps: one record per fired step; empty if they were not requested.
        episode: the object that holds them as `metrics`.
    """

    row: dict[str, Any]
    steps: tuple[StepRecord, ...]
    episode: HasMetrics

    @property
    def metrics(self) -> Metrics:
        """Return the episode's metrics."""
        return self.episode.metrics


class EpisodeColumns(NamedTuple):
    """The episodes of some seeds in a row.

    Attributes:
        columns: one column per metric.
        ran: for each seed, whether it was run; SimPy has to run the others.
    """

    columns: dict[str, Column]
    ran: Column


class FasterEngine(Protocol):
    """A module that runs some episodes exactly as the SimPy engine does, but faster."""

    INSTALL: str
    """The command that installs its requirements."""

    def missing(self) -> str:
        """Say what it needs that is not installed; empty if nothing is missing."""
        ...

    def empty(self) -> Sequence[str]:
        """Return the metrics that it leaves empty (NaN)."""
        ...

    def reason(self, one: Condition, /) -> str:
        """Say why it cannot run a condition; empty if it can."""
        ...

    def make_ready(self, say: Callable[[str], None], /) -> None:
        """Do slow one-time preparation; `say` is called with a message before it."""
        ...

    def episode(self, one: Condition, seed: int, steps: bool, /) -> Ran | None:
        """Run one seed's episode, with its steps if wanted; None if SimPy has to run it."""
        ...

    def rows(self, one: Condition, first: int, count: int, /) -> EpisodeColumns | None:
        """Run the episodes of `count` seeds from `first` on; None if SimPy has to run them all."""
        ...

    def best(self, one: Condition, first: int, count: int, /) -> Column | None:
        """Return effectiveness of `ORACLE_POLICY` under the oracle setting, NaN where SimPy has to run it."""
        ...


def _faster(name: str) -> FasterEngine:
    return cast(FasterEngine, import_module(FASTER[name]))


def chosen(
    conditions: Sequence[Condition], engine: str, episodes: int, metrics: Iterable[str] = ()
) -> dict[str, str]:
    """Choose the engine for each condition, by its id: a name in `FASTER`, or ``simpy: `` with the reason.

    Args:
        conditions: the conditions to run.
        engine: one of `ENGINES`.
        episodes: the largest possible number of episodes in all.
        metrics: metrics asked for by name; an engine that leaves one of them empty is not used.

    Raises:
        SettingError: the engine is unknown, or it was requested by name and cannot run a condition.
    """
    if engine not in ENGINES:
        raise SettingError(f"--engine {engine}: give {', '.join(ENGINES)}")
    if engine == "simpy":
        return {one.id: "simpy: as asked" for one in conditions}
    if engine == "auto" and episodes < MANY:
        return {one.id: f"simpy: fewer than {MANY} episodes" for one in conditions}
    wanted = {column for metric in metrics for column in taken_from(metric)}
    if engine == "auto":
        return {one.id: _fastest(one, wanted) for one in conditions}
    faster = _faster(engine)
    if faster.missing():
        raise SettingError(f"--engine {engine}: {faster.missing()}: {faster.INSTALL}")
    for one in conditions:
        why = _lacking(faster, wanted) or faster.reason(one)
        if why:
            raise SettingError(
                f"--engine {engine}: {one.world} under {one.policy}: {why}: give --engine auto"
            )
    return {one.id: engine for one in conditions}


def _fastest(one: Condition, wanted: Iterable[str]) -> str:
    why = "there is no other"
    for name in FASTER:
        faster = _faster(name)
        why = faster.missing() or _lacking(faster, wanted) or faster.reason(one)
        if not why:
            return name
    return f"simpy: {why}"


def _lacking(faster: FasterEngine, wanted: Iterable[str]) -> str:
    """Name a wanted metric that an engine leaves empty; empty if it has them all."""
    lacked = sorted(set(wanted).intersection(faster.empty()))
    return f"the metric {lacked[0]}" if lacked else ""


def left_empty(engines: dict[str, str]) -> dict[str, list[str]]:
    """Return the metrics without a value for each condition that has any, by the condition's id.

    Args:
        engines: the engine of each condition, as returned by `chosen`.
    """
    found = {one: list(_faster(name).empty()) for one, name in engines.items() if name in FASTER}
    return {one: metrics for one, metrics in found.items() if metrics}


@lru_cache(maxsize=4096)
def fitting(one: Condition, episodes: int) -> str:
    """Return the engine for this many episodes of a condition: a faster one if possible and worthwhile."""
    found = chosen([one], "auto", episodes)[one.id]
    return found if found in FASTER else "simpy"


def make_ready(engines: Iterable[str], say: Callable[[str], None] | None = None) -> None:
    """Prepare the engines that are needed; `say` is called with a message before anything slow."""
    for name in FASTER.keys() & set(engines):
        _faster(name).make_ready(say or _say)


def missing_for(engines: Iterable[str]) -> str:
    """Say what this process lacks for these engines and how to install it; empty if nothing."""
    faster = [_faster(name) for name in sorted(FASTER.keys() & set(engines))]
    return "; ".join(f"{why}: {one.INSTALL}" for one in faster if (why := one.missing()))


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def episode(one: Condition, seed: int, engine: str = "simpy", *, steps: bool = False) -> Ran:
    """Run the episode of one seed.

    Args:
        one: the condition.
        seed: the seed of its random streams.
        engine: the engine, as returned by `chosen`.
        steps: whether to record the steps.
    """
    found = _faster(engine).episode(one, seed, steps) if engine in FASTER else None
    if found is None:
        ran = one.run(seed)
        return Ran(ran.metrics.row(), ran.steps, ran)
    return found


def rows(one: Condition, first: int, count: int, engine: str) -> EpisodeColumns | None:
    """Run the episodes of `count` seeds from `first` on in a faster engine; None if SimPy has to run them."""
    return _faster(engine).rows(one, first, count) if engine in FASTER else None


def regret_of(one: Condition, first: int, effectiveness: Column, engine: str = "simpy") -> Column:
    """Return the regret of the seeds from `first` on.

    It is how much more effective an agent would have been that hears everything at once.

    The other agent meets the same seed, and so the same exogenous events. It is the best that the oracle
    setting makes of any named policy: it replans on each observation, without latency and in no time
    (docs/model/measures.md). The regret is negative if the episode did better than that agent.
    """
    best = _faster(engine).best(one, first, len(effectiveness)) if engine in FASTER else None
    if best is None:
        best = np.full(len(effectiveness), np.nan)
    for i in np.flatnonzero(np.isnan(best)):
        best[i] = one.run_oracle(first + int(i), ORACLE_POLICY).metrics.effectiveness
    return best - effectiveness


ORACLE_POLICY = replan_each()
"""The policy that is run under the oracle setting to measure regret."""
