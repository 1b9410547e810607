"""Who runs an episode: the SimPy engine, or a faster one, which gives the same rows to the last bit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple, Protocol, cast

from plandrift.experiments.statistics.measures import taken_from
from plandrift.experiments.sweeps.condition import Condition
from plandrift.policies import replan_each
from plandrift.sim import Metrics, SettingError, StepRecord

FASTER = {
    "compiled": "plandrift.experiments.twin.engine",
}
"""The faster engines, each a `FasterEngine`, imported when it is asked for: a room that one may delete with
its line here."""

ENGINES = ("auto", "simpy", *FASTER)
"""What `--engine` takes."""

MANY = 2000
"""Episodes from which a sweep is long enough for a faster engine to be made ready for it."""


class HasMetrics(Protocol):
    """What knows what was measured."""

    @property
    def metrics(self) -> Metrics:
        """All of it."""
        ...


class Ran(NamedTuple):
    """An episode that an engine has run.

    Attributes:
        row: what was measured, as `Metrics.row` gives it.
        steps: a record a step fired; empty where they were not asked for.
        episode: what has it as `metrics`.
    """

    row: dict[str, Any]
    steps: tuple[StepRecord, ...]
    episode: HasMetrics

    @property
    def metrics(self) -> Metrics:
        """What was measured."""
        return self.episode.metrics


class FasterEngine(Protocol):
    """A module that runs episodes as the SimPy engine does, those that it can."""

    INSTALL: str
    """The command that installs what it needs."""

    def missing(self) -> str:
        """What it needs and is not installed, in words; empty where all is there."""
        ...

    def empty(self) -> Sequence[str]:
        """The metrics that it leaves empty (NaN)."""
        ...

    def reason(self, one: Condition, /) -> str:
        """Why it cannot run a condition; empty where it can."""
        ...

    def make_ready(self, say: Callable[[str], None], /) -> None:
        """Do what takes long and is done once; `say` is told before that."""
        ...

    def episode(self, one: Condition, seed: int, steps: bool, /) -> Ran | None:
        """The episode of one seed, with its steps where they are wanted; None where SimPy has to run it."""
        ...

    def best(self, one: Condition, seed: int, /) -> float | None:
        """The effectiveness of `ORACLE_POLICY` under the oracle setting; None where SimPy has to run it."""
        ...


def _faster(name: str) -> FasterEngine:
    return cast(FasterEngine, import_module(FASTER[name]))


def chosen(
    conditions: Sequence[Condition], engine: str, episodes: int, metrics: Iterable[str] = ()
) -> dict[str, str]:
    """Which engine runs each condition, by its id: a name of `FASTER`, or ``simpy: `` and why.

    Args:
        conditions: what is run.
        engine: one of `ENGINES`.
        episodes: how many there will be in all, at most.
        metrics: those that are asked for by name: an engine that leaves one empty runs nothing.

    Raises:
        SettingError: the engine is unknown; or it is asked for by name and cannot run a condition.
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
    """The wanted metric that an engine leaves empty, in words; empty where it has all."""
    lacked = sorted(set(wanted).intersection(faster.empty()))
    return f"the metric {lacked[0]}" if lacked else ""


def left_empty(engines: dict[str, str]) -> dict[str, list[str]]:
    """The metrics that have no value, of each condition by its id, where there are such.

    Args:
        engines: what runs each, as `chosen` says.
    """
    found = {one: list(_faster(name).empty()) for one, name in engines.items() if name in FASTER}
    return {one: metrics for one, metrics in found.items() if metrics}


@lru_cache(maxsize=4096)
def fitting(one: Condition, episodes: int) -> str:
    """The engine for so many episodes of a condition: a faster one where it can and it pays."""
    found = chosen([one], "auto", episodes)[one.id]
    return found if found in FASTER else "simpy"


def make_ready(engines: Iterable[str], say: Callable[[str], None] | None = None) -> None:
    """Make those engines ready that are wanted; `say` is told what takes long before it is done."""
    for name in FASTER.keys() & set(engines):
        _faster(name).make_ready(say or _say)


def missing_for(engines: Iterable[str]) -> str:
    """What this process lacks for these engines, with what installs it; empty where all is there."""
    faster = [_faster(name) for name in sorted(FASTER.keys() & set(engines))]
    return "; ".join(f"{why}: {one.INSTALL}" for one in faster if (why := one.missing()))


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def episode(one: Condition, seed: int, engine: str = "simpy", *, steps: bool = False) -> Ran:
    """The episode of one seed.

    Args:
        one: the condition.
        seed: of its streams.
        engine: as `chosen` says.
        steps: whether the records of the steps are wanted.
    """
    found = _faster(engine).episode(one, seed, steps) if engine in FASTER else None
    if found is None:
        ran = one.run(seed)
        return Ran(ran.metrics.row(), ran.steps, ran)
    return found


def regret_of(one: Condition, seed: int, effectiveness: float, engine: str = "simpy") -> float:
    """Regret: how much effectiveness an agent that hears everything at once would have had more.

    The other agent meets the same seed, so the same exogenous events, and is the best that the
    oracle setting makes of any named policy: it replans on each observation, with no latency and in
    no time (docs/model/measures.md). Negative where the episode did better.
    """
    best = _faster(engine).best(one, seed) if engine in FASTER else None
    if best is None:
        best = one.run_oracle(seed, ORACLE_POLICY).metrics.effectiveness
    return best - effectiveness


ORACLE_POLICY = replan_each()
"""What is run under the oracle setting to measure regret against."""
