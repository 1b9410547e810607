"""The figures of one episode (docs/model/measures.md), each declared once, in `Metrics`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from plandrift.sim.measure.causes import CAUSES, MAST
from plandrift.sim.measure.crew_figures import CrewFigures
from plandrift.sim.measure.meter import Meter
from plandrift.sim.measure.records import StepRecord
from plandrift.sim.measure.tracked_plan import TrackedPlan

NAN = float("nan")

Kind = Literal[
    "count", "share", "time", "time average", "step average", "plan average", "flag", "ratio", "total"
]
Better = Literal["lower", "higher", ""]


class StepSums:
    """Sums over the fired steps, computed in one pass.

    Attributes:
        fired: the number of fired steps.
        staleness: the plan staleness just before each fire.
        misfires, first, first_misfires: misfires, first attempts, and misfires among first attempts.
        mismatches: calls that differ from the planned ones.
        undetected: silent successes that no check refuted.
        after_goals: steps fired when the goals already held.
        outcomes: how often each outcome occurred.
        causes: failures by cause.
        mast: failures by MAST code.
    """

    __slots__ = (
        "after_goals",
        "causes",
        "fired",
        "first",
        "first_misfires",
        "mast",
        "misfires",
        "mismatches",
        "outcomes",
        "staleness",
        "undetected",
    )

    def __init__(self, steps: Sequence[StepRecord]) -> None:
        self.fired = len(steps)
        self.misfires = self.first = self.first_misfires = self.mismatches = 0
        self.undetected = self.after_goals = 0
        self.outcomes: dict[str, int] = {}
        self.causes: dict[str, int] = {}
        self.mast: dict[str, int] = {}
        # Python's own sum, to agree to the last bit: since 3.12 it adds floats differently from a loop.
        self.staleness = sum([step.staleness for step in steps])
        for step in steps:
            first = step.attempt == 1
            self.first += first
            if step.misfire:
                self.misfires += 1
                self.first_misfires += first
            self.after_goals += step.after_goals
            self.mismatches += step.call is not step.planned and step.call != step.planned
            self.undetected += step.silent and step.verified is not False
            self.outcomes[step.outcome] = self.outcomes.get(step.outcome, 0) + 1
            if step.failure is not None:
                self.causes[step.failure.cause] = self.causes.get(step.failure.cause, 0) + 1
                for code in step.failure.mast:
                    self.mast[code] = self.mast.get(code, 0) + 1


class Measured:
    """The data of a finished episode from which its metrics are computed.

    Attributes:
        tracked: the plan in hand, with its integrals and tallies.
        steps: the records of the fired steps.
        over_steps: the sums over those steps.
        unmet: how many goals do not hold in the world.
        thinking: time spent thinking, including discarded thinking.
        expansions: states expanded by the planner's searches.
        plan_ratio: mean length of the plans, divided by that of a shortest plan.
        opportunity: opportunity staleness.
        end: ``done``, ``gave-up`` or ``horizon``.
        duration: when the episode ended.
        score: the score reached and the score reachable.
        still: whether nothing more could happen in the world, by itself or by a call.
        crew: the figures of a crew; None for an agent alone.
    """

    def __init__(
        self,
        tracked: TrackedPlan,
        thinking: float,
        expansions: int,
        plan_ratio: float,
        opportunity: float,
        end: str,
        duration: float,
        score: tuple[float, float],
        still: bool,
        crew: CrewFigures | None = None,
    ) -> None:
        self.tracked, self.steps = tracked, tracked.records
        self.over_steps = StepSums(self.steps)
        self.unmet = tracked.truth.unmet(tracked.goals)
        self.thinking, self.expansions = thinking, expansions
        self.plan_ratio, self.opportunity = plan_ratio, opportunity
        self.end, self.duration, self.score, self.still = end, duration, score, still
        self.crew = crew

    @property
    def false_completion(self) -> bool:
        """Whether the agent declared itself done although a goal does not hold."""
        return self.end == "done" and bool(self.unmet)

    def count(self, has: Callable[[StepRecord], bool]) -> int:
        """Return how many fired steps satisfy `has`."""
        return len([step for step in self.steps if has(step)])


Take = Callable[[Measured], Any]


def _over(part: float, whole: float) -> float:
    return part / whole if whole else NAN


@dataclass(frozen=True)
class Metric:
    """The declaration of one figure.

    Attributes:
        name: the name of its column.
        meaning: one line of explanation.
        unit: the unit: ``share``, ``time``, or what is counted.
        kind: ``count``, ``share``, ``time``, ``total``, ``flag`` (0 or 1), ``ratio``, or an average.
        better: the direction that is better; empty if neither is.
        over: for a rate, the two metrics whose sums over episodes are divided; empty for other figures.
    """

    name: str
    meaning: str
    unit: str
    kind: Kind
    better: Better
    over: tuple[str, str] | tuple[()] = ()

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and greatest possible value: 0 and 1 for shares and flags, otherwise 0 and infinity."""
        return (0.0, 1.0) if self.unit == "share" or self.kind == "flag" else (0.0, math.inf)

    @property
    def formula(self) -> str:
        """How it is aggregated over episodes, in words."""
        if self.over:
            return f"sum of {self.over[0]} / sum of {self.over[1]}"
        if self.kind == "step average":
            return "sum over the fired steps / sum of steps_fired"
        return "share of the episodes" if self.kind == "flag" else "mean over the episodes that have it"


def metric(
    take: Take,
    meaning: str,
    unit: str,
    kind: Kind,
    better: Better = "",
    over: tuple[str, str] | tuple[()] = (),
) -> Any:
    """Declare a field of `Metrics`: what it is (see `Metric`), and how `take` computes it."""
    return field(metadata={"metric": Metric("", meaning, unit, kind, better, over), "take": take})


def average(name: str) -> Take:
    """Return a function that takes the time average of one of the meter's integrals."""
    place = Meter.NAMES.index(name)
    return lambda m: m.tracked.meter.average(place)


def _crew(name: str) -> Take:
    """Return a function that takes one of a crew's figures; NaN outside a crew."""
    return lambda m: float(getattr(m.crew, name)) if m.crew is not None else NAN


@dataclass(frozen=True)
class Metrics:
    """The figures of one episode.

    Shares are in [0, 1], times in the world's units of time. Time averages run from the arrival of the first
    plan to the end, over the time in which a plan with steps left is held; they are NaN if there was no such
    time. Averages over steps are NaN if none was fired.

    >>> from plandrift import run
    >>> from plandrift.policies import plan_once
    >>> from plandrift.worlds import Records
    >>> metrics = run(Records(volatility=0.0), plan_once()).metrics
    >>> metrics.success, metrics.misfires, metrics.row()["cause_slip"]
    (1, 0, 0)
    >>> DECLARED["plan_staleness"].unit, DECLARED["plan_staleness"].better
    ('share', 'lower')
    """

    plan_staleness: float = metric(
        average("plan"), "share of the remaining steps that are stale", "share", "time average", "lower"
    )
    plan_validity: float = metric(
        average("valid"),
        "share of the time in which the whole kernel holds",
        "share",
        "time average",
        "higher",
    )
    staleness_before_fire: float = metric(
        lambda m: _over(m.over_steps.staleness, m.over_steps.fired),
        "plan staleness just before each step is fired",
        "share",
        "step average",
        "lower",
    )
    direct_staleness: float = metric(
        average("direct"),
        "share of the remaining steps that are directly stale",
        "share",
        "time average",
        "lower",
    )
    perceived_staleness: float = metric(
        average("perceived"), "plan staleness according to the belief", "share", "time average"
    )
    blind_staleness: float = metric(
        average("blind"),
        "share of the remaining steps that are stale in truth but not according to the belief",
        "share",
        "time average",
        "lower",
    )
    version_staleness: float = metric(
        average("version"),
        "share of the remaining steps with a dependency that somebody else has written since the basis, or "
        "that a step of the plan failed to write",
        "share",
        "time average",
    )
    plan_age: float = metric(
        lambda m: m.tracked.meter.plan_age,
        "time since the planner read the belief for the plan in hand",
        "time",
        "time average",
    )
    belief_age: float = metric(
        lambda m: m.tracked.belief_age.average,
        "time since the kernel's fluents were last known to hold their believed values",
        "time",
        "time average",
        "lower",
    )
    steps_fired: int = metric(lambda m: m.over_steps.fired, "calls that reached the world", "steps", "count")
    misfires: int = metric(
        lambda m: m.over_steps.misfires,
        "fired steps with a requirement that did not hold when the call reached the world",
        "steps",
        "count",
        "lower",
    )
    first_misfires: int = metric(
        lambda m: m.over_steps.first_misfires,
        "misfires among first attempts, that is, not after a failed attempt at the same work",
        "steps",
        "count",
        "lower",
    )
    misfire_rate: float = metric(
        lambda m: _over(m.over_steps.misfires, m.over_steps.fired),
        "misfires per fired step",
        "share",
        "ratio",
        "lower",
        ("misfires", "steps_fired"),
    )
    first_attempts: int = metric(
        lambda m: m.over_steps.first,
        "fired steps that do not follow a failed attempt at the same work",
        "steps",
        "count",
    )
    first_misfire_rate: float = metric(
        lambda m: _over(m.over_steps.first_misfires, m.over_steps.first),
        "misfires among first attempts, per first attempt",
        "share",
        "ratio",
        "lower",
        ("first_misfires", "first_attempts"),
    )
    harm: int = metric(
        lambda m: m.over_steps.outcomes.get("harmful", 0),
        "calls that did the wrong thing",
        "steps",
        "count",
        "lower",
    )
    repeats: int = metric(
        lambda m: m.over_steps.outcomes.get("repeat", 0),
        "calls whose work had already been done",
        "steps",
        "count",
        "lower",
    )
    refused: int = metric(
        lambda m: m.over_steps.outcomes.get("refused", 0),
        "calls that the world refused because an assumption they carried did not hold; nothing was done",
        "steps",
        "count",
    )
    false_blocks: int = metric(
        lambda m: m.tracked.tallies.false_blocks,
        "blocks of a call that would not have misfired",
        "blocks",
        "count",
        "lower",
    )
    blocks: int = metric(lambda m: m.tracked.tallies.blocks, "calls that a gate blocked", "blocks", "count")
    replans: int = metric(
        lambda m: m.tracked.history.replans, "plans handed over after the first", "plans", "count"
    )
    thinking_time: float = metric(
        lambda m: m.thinking,
        "time spent thinking, including discarded thinking",
        "time",
        "time",
    )
    goals_met: float = metric(
        lambda m: 1 - m.unmet / len(m.tracked.goals) if m.tracked.goals else 1.0,
        "share of the goals that hold in the world at the end; 1 if there are none",
        "share",
        "share",
        "higher",
    )
    success: int = metric(
        lambda m: int(not m.unmet),
        "1 if every goal holds in the world at the end",
        "episodes",
        "flag",
        "higher",
    )
    false_completion: int = metric(
        lambda m: int(m.false_completion),
        "1 if the agent declared itself done although a goal does not hold",
        "episodes",
        "flag",
        "lower",
    )
    duration: float = metric(lambda m: m.duration, "when the episode ended", "time", "time")
    score: float = metric(
        lambda m: m.score[0],
        "score reached; in a world without scores, each goal that holds counts one",
        "points",
        "total",
        "higher",
    )
    score_reachable: float = metric(lambda m: m.score[1], "score that was reachable", "points", "total")
    effectiveness: float = metric(
        lambda m: _over(*m.score),
        "score reached / score reachable; in a world without scores, each goal counts one",
        "share",
        "ratio",
        "higher",
        ("score", "score_reachable"),
    )
    mismatches: int = metric(
        lambda m: m.over_steps.mismatches + m.tracked.tallies.mismatches_blocked,
        "calls that differ from the planned one, whether fired or blocked",
        "calls",
        "count",
    )
    mismatches_fired: int = metric(
        lambda m: m.over_steps.mismatches, "mismatches that were fired", "calls", "count", "lower"
    )
    mismatches_blocked: int = metric(
        lambda m: m.tracked.tallies.mismatches_blocked, "mismatches that a gate blocked", "calls", "count"
    )
    verified: int = metric(
        lambda m: m.tracked.tallies.verified, "checks of a call's effects", "checks", "count"
    )
    reads: int = metric(
        lambda m: m.tracked.tallies.reads,
        "fresh reads, whether before a fire, after it, or after a refusal",
        "reads",
        "count",
    )
    undetected_silent_successes: int = metric(
        lambda m: m.over_steps.undetected,
        "silent successes that no check refuted",
        "steps",
        "count",
        "lower",
    )
    gave_up: int = metric(lambda m: int(m.end == "gave-up"), "1 if the agent gave up", "episodes", "flag")
    cut_off: int = metric(
        lambda m: int(m.end == "horizon" and bool(m.tracked.goals)),
        "1 if the horizon ended an episode that has goals: what was achieved by then says little about the "
        "agent",
        "episodes",
        "flag",
    )
    thinking_share: float = metric(
        lambda m: m.thinking / m.duration if m.duration else 0.0,
        "thinking time / duration",
        "share",
        "ratio",
        over=("thinking_time", "duration"),
    )
    storms: int = metric(
        lambda m: m.tracked.history.storms,
        "how often three or more replans came in a row with nothing fired in between",
        "storms",
        "count",
        "lower",
    )
    opportunity_staleness: float = metric(
        lambda m: m.opportunity,
        "share of the time in which the plan is valid but not what the planner would now choose if it knew "
        "the world; NaN if the world does not measure it",
        "share",
        "time average",
        "lower",
    )
    plan_ratio: float = metric(
        lambda m: m.plan_ratio,
        "length of a plan / length of a shortest plan; NaN if that is not known",
        "times",
        "plan average",
        "lower",
    )
    plan_distance: float = metric(
        lambda m: m.tracked.history.distance,
        "steps that only one of a plan and the rest of its predecessor contains / steps in that rest (Fox et "
        "al. 2006); NaN if there was no replan",
        "times",
        "plan average",
    )
    expansions: int = metric(
        lambda m: m.expansions,
        "states expanded by the planner's searches; 0 in a world that does not count them",
        "states",
        "count",
    )
    exogenous_changes: int = metric(
        lambda m: m.tracked.truth.exogenous,
        "writes made by the world itself",
        "changes",
        "count",
    )
    side_effects: int = metric(
        lambda m: m.tracked.tallies.side_effects,
        "unplanned writes made by the agent's own calls",
        "changes",
        "count",
    )
    standstill: int = metric(
        lambda m: int(m.still and bool(m.unmet)),
        "1 if at the end a goal did not hold and nothing more could happen, by itself or by a call",
        "episodes",
        "flag",
        "lower",
    )
    right_tasks: float = metric(
        _crew("right_tasks"),
        "tasks of a crew in which no step went wrong and no write was lost",
        "tasks",
        "total",
        "higher",
    )
    right_rate: float = metric(
        lambda m: _over(m.crew.right_tasks, m.duration) if m.crew is not None else NAN,
        "right tasks per unit of time",
        "1/time",
        "ratio",
        "higher",
        ("right_tasks", "duration"),
    )
    speedup: float = metric(
        lambda m: _over(_over(m.crew.right_tasks, m.duration), m.crew.alone) if m.crew is not None else NAN,
        "right tasks per unit of time / those of one agent alone on the same seed",
        "times",
        "plan average",
        "higher",
    )
    fairness: float = metric(
        _crew("fairness"),
        "how evenly right tasks are spread over the agents: 1 if all did equally many, 1/N if one did all",
        "share",
        "plan average",
        "higher",
    )
    lost_updates: float = metric(
        _crew("lost_updates"),
        "writes that replaced a fellow's newer version, by a step that requires the fluent",
        "writes",
        "total",
        "lower",
    )
    lost_values: float = metric(
        _crew("lost_values"),
        "lost updates that replaced a value other than the one the step requires",
        "writes",
        "total",
        "lower",
    )
    overwritten: float = metric(
        _crew("overwritten"),
        "writes that replaced a fellow's value without having read it",
        "writes",
        "total",
    )
    misfires_by_fellow: float = metric(
        _crew("misfires_by_fellow"),
        "misfires for which a fellow's write is to blame; the world is to blame for the others",
        "steps",
        "total",
        "lower",
    )
    lock_waits: float = metric(
        _crew("lock_waits"),
        "locks and turns that were waited for",
        "waits",
        "total",
    )
    lock_time: float = metric(
        _crew("lock_time"),
        "time spent waiting for locks and turns, over all agents",
        "time",
        "total",
    )
    deadlocks: float = metric(
        _crew("deadlocks"),
        "deadlocks, each ended by aborting one agent",
        "deadlocks",
        "total",
        "lower",
    )
    aborts: float = metric(
        _crew("aborts"),
        "tasks begun again because of a deadlock or a merge conflict",
        "tasks",
        "total",
        "lower",
    )
    undone: float = metric(
        _crew("undone"),
        "writes taken back after a deadlock",
        "writes",
        "total",
    )
    model_time: float = metric(
        _crew("model_time"),
        "time spent queueing for a model, over all agents",
        "time",
        "total",
    )
    thinking_wasted: float = metric(
        _crew("thinking_wasted"),
        "time from basis to arrival of plans that were thrown away or replaced before their first call",
        "time",
        "total",
        "lower",
    )
    causes: Mapping[str, int] = field(default_factory=dict)
    """Failures by cause."""
    mast: Mapping[str, int] = field(default_factory=dict)
    """Failures by MAST code."""

    def row(self) -> dict[str, Any]:
        """Return all figures in one flat row: `causes` as ``cause_<name>``, `mast` as ``mast_<code>``."""
        flat = {name: getattr(self, name) for name in _PLAIN}
        return flat | counted(self.causes, self.mast)


def column(code: str) -> str:
    """Return the metric's name for a MAST code: ``FM-2.6`` becomes ``mast_fm_2_6``."""
    return "mast_" + code.lower().replace("-", "_").replace(".", "_")


def counted(causes: Mapping[str, int], mast: Mapping[str, int]) -> dict[str, int]:
    """Return the columns that count failures: one per cause and one per MAST code.

    >>> counted({"slip": 2}, {})["cause_slip"]
    2
    """
    found = {place: causes.get(name, 0) for place, name in _CAUSE_COLUMNS}
    return found | {place: mast.get(code, 0) for place, code in _MAST_COLUMNS}


_CAUSE_COLUMNS = tuple([(f"cause_{name}", name) for name in CAUSES])
_MAST_COLUMNS = tuple([(column(code), code) for code in MAST])
_PLAIN: dict[str, Take] = {f.name: f.metadata["take"] for f in fields(Metrics) if f.metadata}


def _causes(measured: Measured) -> dict[str, int]:
    """Failures by cause."""
    given_up = {"given_up": 1} if measured.end == "gave-up" else {}
    return measured.over_steps.causes | given_up


def _codes(measured: Measured) -> dict[str, int]:
    """Failures by MAST code."""
    codes = dict(measured.over_steps.mast)
    after = measured.over_steps.after_goals
    if after:
        codes["FM-1.5"] = codes.get("FM-1.5", 0) + after
    if measured.false_completion:
        codes["FM-3.1"] = codes.get("FM-3.1", 0) + 1
    return codes


def _declared() -> dict[str, Metric]:
    found = {f.name: replace(f.metadata["metric"], name=f.name) for f in fields(Metrics) if f.metadata}
    meanings = {f"cause_{name}": f"failures caused by {name}" for name in CAUSES}
    for code, (title, _) in MAST.items():
        read_as = title if code == "drift" else f"failures that MAST classifies as {code}: {title}"
        meanings[column(code)] = read_as
    return found | {
        name: Metric(name, meaning, "failures", "count", "lower") for name, meaning in meanings.items()
    }


DECLARED = _declared()
"""Every figure by name, in the order of a table's columns."""

METRICS = tuple(DECLARED)
"""The names of all figures, which are the columns of a table."""

CREW = tuple(_PLAIN)[list(_PLAIN).index("right_tasks") :]
"""The names of the figures that only a crew has; they are NaN for an agent alone."""

COUNTS = frozenset(name for name, metric in DECLARED.items() if metric.kind in ("count", "flag"))
"""The names of the figures that are whole numbers."""


def taken_from(measured: Measured) -> Metrics:
    """Compute the figures of a finished episode."""
    plain = {name: take(measured) for name, take in _PLAIN.items()}
    return Metrics(**plain, causes=_causes(measured), mast=_codes(measured))
