"""A second reader of traces, written from the design alone: it shares no code with the engine.

It takes the rows of a trace as they stand in the file and works every figure out again in the plainest form.
A dependency graph is built afresh whenever something that could move a figure has happened, and what is stale
is what networkx can reach in it from the steps that are directly stale.

What it takes from neither the design nor the events' docstrings, but from agreement with the engine:

- a requirement that a step still to come writes otherwise makes its step directly stale;
- an acknowledgment that never came makes its step heard, until a retry;
- a landed step has written what the world then shows, whoever wrote it; what a slip wrote is somebody else's;
- a `done` step is the last call that was to write the same;
- a write that leaves a value as it was moves nothing, and blames nobody.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import networkx as nx

Row: TypeAlias = dict[str, Any]
Graph: TypeAlias = "nx.DiGraph[Any]"
Place: TypeAlias = int | str
"""A step of a plan by its place, or `GOALS`."""

GOALS = "goals"
SHARES = ("plan", "direct", "perceived", "blind", "version")
NAN = math.nan
NEVER = -1
"""For a version: the plan's own step did not write it as it was to."""


def read(path: Path) -> list[Row]:
    """The rows of a trace in a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@dataclass
class Known:
    """What is known of one fluent, by the world or by the agent.

    Attributes:
        value: what it holds.
        version: how often it has been written.
        stamp: for the agent, when this was last known to be so; for the world, when it was last written.
    """

    value: Any
    version: int = 0
    stamp: float = 0.0


@dataclass
class Step:
    """A step of the plan in hand, and how far it has come.

    Attributes:
        requires: the value that each fluent must hold.
        writes: the value that each fluent is expected to hold after it.
        left: whether it is still to be fired.
        landed: whether its call has reached the world.
        heard: whether the agent knows that.
        over: when it reached the world.
    """

    requires: Mapping[str, Any]
    writes: Mapping[str, Any]
    left: bool = True
    landed: bool = False
    heard: bool = False
    over: float = 0.0


@dataclass
class Dependencies:
    """A plan's graph as far as it is still to come: fluent → step that requires it, step → fluent it writes.

    Attributes:
        graph: over the places of steps, the goals, and the fluents as each step leaves them.
        assumptions: by step or goals, what it requires of the world itself, and of which step it was a write.
        undone: by step or goals, what it requires and a step still to come before it writes otherwise.
    """

    graph: Graph
    assumptions: dict[Place, dict[str, tuple[Any, int | None]]]
    undone: dict[Place, set[str]]

    @property
    def kernel(self) -> set[str]:
        """The fluents that anything to come assumes."""
        return {fluent for assumed in self.assumptions.values() for fluent in assumed}

    def reached(self, direct: Iterable[Place]) -> set[Place]:
        """These, and what causal links lead to from them."""
        found: set[Place] = set()
        for place in direct:
            found |= {place} | {n for n in nx.descendants(self.graph, place) if not isinstance(n, tuple)}
        return found


@dataclass
class Plan:
    """The plan in hand.

    Attributes:
        number: its number.
        taken: when the belief was read for it.
        steps: in order.
        goals: the value that each goal fluent is to hold after it.
        versions: by fluent and the step that wrote it (None: the basis), the version to compare with.
        wrong: the places of steps that were wrong for the belief that they were planned from.
    """

    number: int
    taken: float
    steps: list[Step]
    goals: Mapping[str, Any]
    versions: dict[tuple[str, int | None], int]
    wrong: Sequence[int]

    @property
    def left(self) -> list[int]:
        """The places of the steps that are still to be fired."""
        return [place for place, step in enumerate(self.steps) if step.left]

    def dependencies(self, over: Iterable[int]) -> Dependencies:
        """The graph of what is to come when the steps at these places are over."""
        past = set(over)
        graph: Graph = nx.DiGraph()
        assumptions: dict[Place, dict[str, tuple[Any, int | None]]] = {}
        undone: dict[Place, set[str]] = {}
        writer: dict[str, int] = {}
        needs: list[tuple[Place, Mapping[str, Any]]] = [
            (i, step.requires) for i, step in enumerate(self.steps)
        ]
        for place, requires in [*needs, (GOALS, self.goals)]:
            if place not in past:
                graph.add_node(place)
                assumed = assumptions[place] = {}
                for fluent, value in requires.items():
                    by = writer.get(fluent)
                    graph.add_edge(("fluent", fluent, by), place)
                    if by is None or by in past:
                        assumed[fluent] = (value, by)
                    elif self.steps[by].writes[fluent] != value:
                        undone.setdefault(place, set()).add(fluent)
            if isinstance(place, int):
                for fluent in self.steps[place].writes:
                    writer[fluent] = place
                    if place not in past:
                        graph.add_edge(place, ("fluent", fluent, place))
        return Dependencies(graph, assumptions, undone)


@dataclass(frozen=True)
class Figures:
    """What is stale at one moment.

    Attributes:
        shares: of the steps left, by name as in `SHARES`.
        valid: whether the whole kernel holds.
        stale: the places of the stale steps.
        violated: by step, the fluents that violate an assumption of it.
        shown: the same as the belief has it.
        rewritten: the steps with an assumption that somebody else wrote since the basis.
        believed: the fluents of the kernel as the agent knows it.
    """

    shares: dict[str, float]
    valid: bool
    stale: set[Place]
    violated: dict[Place, set[str]]
    shown: dict[Place, set[str]]
    rewritten: set[Place]
    believed: set[str]


@dataclass
class Fired:
    """A call that was fired, and what came of it."""

    time: float
    plan: int
    step: int
    call: str
    planned: str
    plan_age: float
    shares: dict[str, float]
    stale: bool
    rewritten: bool
    violated: dict[str, float]
    shown: set[str]
    declared: tuple[str, ...]
    meant: dict[str, Any]
    needs: dict[str, Any]
    unlike: set[str]
    """What it needs otherwise than the belief had it at the fire."""
    slipped: bool
    erred: bool
    again: bool
    """Whether the same was planned before and its answer never came."""
    work: str
    attempt: int = 1
    here: int | None = None
    """Its place in the plan in hand, None if it is no step of that."""
    landed: float | None = None
    answered: bool = False
    heard: bool = False
    given_up: bool = False
    outcome: str = ""
    reported: str | None = None
    silent: bool = False
    misfire: bool = False
    wrote: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    """By fluent that it was to write, the version after it, `NEVER` where it did not."""
    unmet: tuple[str, ...] = ()
    """What did not hold as it reached the world."""
    found: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By fluent, how often it had been moved as the call reached the world, and by whom last."""
    verified: bool | None = None
    cause: str | None = None
    codes: set[str] = field(default_factory=set)

    @property
    def mismatch(self) -> bool:
        """Whether it is not the call that the plan names."""
        return self.call != self.planned


class Recount:
    """The figures of the episode that these rows tell of.

    Attributes:
        figures: by the name of the metric.
        fired: the calls that reached the world, in the order in which they were fired.
    """

    def __init__(self, rows: list[Row]) -> None:
        start = rows[0]
        self.world = {fluent: Known(value) for fluent, value in start["fluents"].items()}
        self.belief = {fluent: Known(value) for fluent, value in start["fluents"].items()}
        self.goals: dict[str, Any] = start["goals"]
        self.silence: float | None = start["silence"]
        self.seen = set(start["fluents"] if start["seen"] is None else start["seen"])
        self.plan: Plan | None = None
        self.now = 0.0
        self.calls: list[Fired] = []
        # by fluent: each version, and the call that wrote it
        self.writes: dict[str, list[tuple[int, Fired | None]]] = {}
        self.plans = self.checks = 0
        self.held = self.aged = 0.0
        self.sums = dict.fromkeys((*SHARES, "valid", "age", "belief"), 0.0)
        self.history = {fluent: [(0.0, value)] for fluent, value in start["fluents"].items()}
        self.moves = dict.fromkeys(start["fluents"], (0, "nobody"))
        self._figures: Figures | None = None
        takes = {
            "exogenous": self._exogenous,
            "side-effect": self._exogenous,
            "observation-delivered": self._delivered,
            "plan": self._handed_over,
            "fire": self._fire,
            "outcome": self._outcome,
            "acknowledgment": self._acknowledged,
            "verified": self._checked,
            "skip": self._skip,
            "retry": self._retry,
        }
        for row in rows:
            self._let_pass(row["t"])
            if row["event"] in takes:
                takes[row["event"]](row)
        self.fired = [call for call in self.calls if call.landed is not None]
        for place, call in enumerate(self.fired):
            call.cause = self._blame(call, self.fired[:place])
            call.codes = _codes(call)
        self.figures = self._metrics()

    # time

    def _let_pass(self, until: float) -> None:
        since, self.now = self.now, until
        plan = self.plan
        if until <= since or plan is None or not plan.left:
            return
        span = until - since
        now = self.figures_now(plan)
        self.held += span
        for name in SHARES:
            self.sums[name] += span * now.shares[name]
        self.sums["valid"] += span * now.valid
        self.sums["age"] += span * ((since + until) / 2 - plan.taken)
        if now.believed:
            self.aged += span
            ages = [self._age_between(fluent, since, until) for fluent in sorted(now.believed)]
            self.sums["belief"] += sum(ages) / len(ages)

    def _age_between(self, fluent: str, since: float, until: float) -> float:
        """The integral of the age of what is believed of one fluent."""
        stamp = self.belief[fluent].stamp
        if self.silence is None or fluent not in self.seen:
            return (until - since) * ((since + until) / 2 - stamp)
        turn = min(max(stamp + self.silence, since), until)  # from here on silence is the newer news
        return (turn - since) * ((since + turn) / 2 - stamp) + (until - turn) * self.silence

    # what is stale

    def figures_now(self, plan: Plan) -> Figures:
        """What is stale at this moment."""
        if self._figures is None:
            self._figures = self._worked_out(plan)
        return self._figures

    def _worked_out(self, plan: Plan) -> Figures:
        truth = plan.dependencies(i for i, s in enumerate(plan.steps) if s.landed)
        known = plan.dependencies(i for i, s in enumerate(plan.steps) if s.heard)
        violated = _violated(truth, self.world)
        shown = _violated(known, self.belief)
        rewritten: set[Place] = {
            place
            for place, assumed in truth.assumptions.items()
            if any(self._rewritten(f, plan.versions[f, by]) for f, (_, by) in assumed.items())
        }
        stale, perceived = truth.reached(violated), known.reached(shown)
        sets = {
            "plan": stale,
            "direct": set(violated),
            "perceived": perceived,
            "blind": stale - perceived,
            "version": truth.reached(rewritten),
        }
        left = plan.left
        shares = {name: len(places & set(left)) / len(left) if left else 0.0 for name, places in sets.items()}
        return Figures(shares, not violated, stale, violated, shown, rewritten, known.kernel)

    def _rewritten(self, fluent: str, since: int) -> bool:
        """Whether anything but the plan in hand has written it after this version."""
        later = [by for version, by in self.writes.get(fluent, ()) if version > since]
        return since == NEVER or any(by is None or by.here is None or fluent not in by.meant for by in later)

    def _moved(self) -> None:
        self._figures = None

    # what happens

    def _exogenous(self, row: Row) -> None:
        self._write(row["fluent"], row["value"], row["version"], row["event"])
        self.writes.setdefault(row["fluent"], []).append((row["version"], None))

    def _write(self, fluent: str, value: Any, version: int, hand: str) -> None:
        if value != self.world[fluent].value:
            self.moves[fluent] = (self.moves[fluent][0] + 1, hand)
        self.world[fluent] = Known(value, version, self.now)
        self.history[fluent].append((self.now, value))
        self._moved()

    def _since(self, fluent: str, place: int) -> float:
        """Since when the fluent has violated an assumption of this step."""
        assert self.plan is not None
        wanted = self.plan.steps[place].requires[fluent]
        since = self.now
        for time, value in reversed(self.history[fluent]):
            if value == wanted:
                break
            since = time
        over = [step.over for step in self.plan.steps[:place] if fluent in step.writes]
        return max([since, *over[-1:]])

    def _hear(self, taken: float, readings: Iterable[tuple[str, Any, int]]) -> set[str]:
        changed = set()
        for fluent, value, version in readings:
            held = self.belief[fluent]
            if (taken, version) >= (held.stamp, held.version) or taken > held.stamp:
                self.belief[fluent] = Known(value, version, taken)
                if (value, version) != (held.value, held.version):
                    changed.add(fluent)
        self._moved()
        return changed

    def _delivered(self, row: Row) -> None:
        changed = self._hear(row["taken"], row["fluents"])
        for call in self.calls:
            told = not call.given_up and row["taken"] >= call.time and changed & set(call.meant)
            shown = all(self.belief[fluent].value == value for fluent, value in call.meant.items())
            if told and (row["own"] or (row["by"] != "push" and shown)):
                self._know(call)

    def _know(self, call: Fired) -> None:
        """The agent knows that a call has reached the world."""
        call.heard = True
        if call.here is not None and self.plan is not None:
            self.plan.steps[call.here].heard = True
        self._moved()

    def _handed_over(self, row: Row) -> None:
        if row["plan"] is None:
            return
        self.plans += 1
        steps = [Step(step["requires"], step["writes"]) for step in row["steps"]]
        versions: dict[tuple[str, int | None], int] = {}
        for fluent, (_, version, _) in row["basis"].items():
            versions[fluent, None] = version
        self.plan = Plan(row["plan"], row["basis_taken"], steps, row["goals"], versions, row["wrong"])
        for call in self.calls:
            call.here = None
        for place in row["done"]:
            mine = [c for c in self.calls if c.landed is not None and c.meant == steps[place].writes]
            steps[place].left, steps[place].landed, steps[place].heard = False, True, True
            for call in mine[-1:]:
                call.here = place
                self._land(call)
            for fluent in steps[place].writes:
                versions.setdefault((fluent, place), versions.get((fluent, None), 0))
        if row["in_flight"] is not None:
            place = row["in_flight"]
            call = [c for c in self.calls if not c.answered][-1]
            call.here = place
            steps[place].left = False
            steps[place].heard = call.heard
            if call.landed is not None:
                self._land(call)
        self._moved()

    def _fire(self, row: Row) -> None:
        assert self.plan is not None
        plan, place = self.plan, row["step"]
        self._moved()
        now = self.figures_now(plan)
        step = plan.steps[place]
        self.calls.append(
            Fired(
                time=self.now,
                plan=row["plan"],
                step=place,
                call=row["call"]["text"],
                planned=row["planned"]["text"],
                plan_age=self.now - plan.taken,
                shares=now.shares,
                stale=place in now.stale,
                rewritten=place in now.rewritten,
                violated={f: self._since(f, place) for f in sorted(now.violated.get(place, ()))},
                shown=now.violated.get(place, set()) & now.shown.get(place, set()),
                declared=tuple(row["declared"]),
                meant=dict(step.writes),
                needs=dict(step.requires),
                unlike={f for f, value in step.requires.items() if self.belief[f].value != value},
                slipped=row["slipped"],
                erred=place in plan.wrong,
                again=any(
                    c.answered and c.reported is None and c.planned == row["planned"]["text"]
                    for c in self.calls
                ),
                work=json.dumps(step.writes, sort_keys=True),
                here=place,
            )
        )
        step.left = step.landed = step.heard = False
        self._moved()

    def _outcome(self, row: Row) -> None:
        text = row["call"]["text"]
        call = next(c for c in self.calls if c.landed is None and c.call == text)
        call.landed, call.outcome, call.silent = self.now, row["outcome"], row["silent"]
        call.misfire = bool(row["violated"]) and row["outcome"] != "refused"
        call.unmet, call.found = tuple(row["violated"]), dict(self.moves)
        for fluent, (value, version) in row["writes"].items():
            self._write(fluent, value, version, "own")
            self.writes.setdefault(fluent, []).append((version, call))
            call.wrote[fluent] = version
        for fluent, value in call.meant.items():
            held = self.world[fluent]
            call.after[fluent] = held.version if held.value == value else NEVER
        call.here = row["step"]
        if call.here is not None:
            self._land(call)
        self._moved()

    def _land(self, call: Fired) -> None:
        """A call of the plan in hand has reached the world: its own writes are nobody else's."""
        assert self.plan is not None
        assert call.here is not None
        step = self.plan.steps[call.here]
        step.landed, step.over = True, call.landed or 0.0
        for fluent, version in call.after.items():
            if version != NEVER:
                self.plan.versions[fluent, call.here] = version
            else:  # an attempt before this one may have written it
                self.plan.versions.setdefault((fluent, call.here), NEVER)

    def _acknowledged(self, row: Row) -> None:
        text = row["call"]["text"]
        call = next(c for c in self.calls if not c.answered and text in (c.planned, c.call))
        call.answered, call.reported = True, row["reported"]
        self._hear(row["taken"], row["fluents"])
        if row["step"] is not None and self.plan is not None:
            self.plan.steps[row["step"]].heard = True
        self._moved()

    def _checked(self, row: Row) -> None:
        self.checks += 1
        text = row["call"]["text"]
        call = next(c for c in reversed(self.calls) if text in (c.planned, c.call))
        call.verified = row["verified"]
        self._know(call)

    def _skip(self, row: Row) -> None:
        assert self.plan is not None
        step = self.plan.steps[row["step"]]
        step.left, step.landed, step.heard = False, True, True
        for fluent in step.writes:  # nothing of the plan's own lies between the basis and its use
            self.plan.versions.setdefault((fluent, row["step"]), self.plan.versions.get((fluent, None), 0))
        self._moved()

    def _retry(self, row: Row) -> None:
        assert self.plan is not None
        step = self.plan.steps[row["step"]]
        step.left, step.landed, step.heard = True, False, False
        for call in self.calls:
            call.given_up = call.given_up or call.here == row["step"]
        self._moved()

    # in the end

    def _blame(self, call: Fired, before: Sequence[Fired]) -> str | None:
        """The cause that is laid to a call, None if it did not fail.

        Args:
            call: it has reached the world.
            before: those that reached it earlier.
        """
        if call.outcome in ("effective", "refused") and not call.mismatch:
            return None
        if call.slipped:
            return "slip"
        if call.mismatch:
            return "handoff"
        if call.silent:
            return "silent_success"
        if call.erred:
            return "planner_error"
        if call.outcome == "repeat":
            if call.again:
                return "lost_ack"
            hands = {call.found[f][1] for f in call.meant} - {"nobody"}
            return "done_already" if hands and "exogenous" not in hands else "done_by_other"
        unmet = set(call.unmet)
        left = {f for f in unmet if _left_undone(f, call, before)}
        moved = {f for f in unmet if call.found[f][1] == "side-effect"}
        if left and unmet == left | moved:
            return "own_void"
        if moved and unmet == moved:
            return "side_effect"
        return "drift_shown" if unmet & call.unlike else "drift_blind"

    def _metrics(self) -> dict[str, float]:
        fired = self.fired
        failed: dict[str, int] = {}
        for call in self.calls:
            call.attempt = failed.get(call.work, 0) + 1
            failed[call.work] = 0 if call.outcome in ("effective", "repeat") else call.attempt
        met = sum(self.world[fluent].value == value for fluent, value in self.goals.items())
        over_time = {f"{name}_staleness": self.sums[name] for name in SHARES} | {
            "plan_validity": self.sums["valid"],
            "plan_age": self.sums["age"],
        }
        return {name: total / self.held if self.held else NAN for name, total in over_time.items()} | {
            "belief_age": self.sums["belief"] / self.aged if self.aged else NAN,
            "staleness_before_fire": sum(c.shares["plan"] for c in fired) / len(fired) if fired else NAN,
            "steps_fired": len(fired),
            "misfires": sum(c.misfire for c in fired),
            "first_misfires": sum(c.misfire and c.attempt == 1 for c in fired),
            "harm": sum(c.outcome == "harmful" for c in fired),
            "repeats": sum(c.outcome == "repeat" for c in fired),
            "refused": sum(c.outcome == "refused" for c in fired),
            "replans": max(self.plans - 1, 0),
            "mismatches_fired": sum(c.mismatch for c in fired),
            "goals_met": met / len(self.goals) if self.goals else 1.0,
            "success": int(met == len(self.goals)),
            "duration": self.now,
            "verified": self.checks,
        }


def _left_undone(fluent: str, call: Fired, before: Sequence[Fired]) -> bool:
    """Whether the last call that was to bring this about did not and said ok, and nobody moved it since."""
    at_it = [c for c in before if fluent in c.meant]
    if not at_it:
        return False
    last = at_it[-1]
    return (
        last.outcome in ("void", "harmful")
        and last.reported == "ok"
        and last.meant[fluent] == call.needs.get(fluent)
        and last.found[fluent] == call.found[fluent]
    )


def _codes(call: Fired) -> set[str]:
    """What a reader of the transcript would call the failure."""
    if call.cause is None:
        return set()
    shown = bool(set(call.unmet) & call.unlike)
    fits = {
        "FM-2.6": call.cause in ("slip", "handoff"),
        "FM-2.4": call.cause == "handoff",
        "FM-1.3": call.outcome == "repeat",
        "FM-3.2": call.silent and call.verified is None,
        "FM-3.3": call.silent and call.verified is True,
        "FM-2.5": call.cause in ("side_effect", "drift_shown", "drift_blind") and shown,
        "drift": call.cause in ("side_effect", "drift_shown", "drift_blind") and not shown,
    }
    return {code for code, fit in fits.items() if fit}


def _violated(dependencies: Dependencies, held: Mapping[str, Known]) -> dict[Place, set[str]]:
    found: dict[Place, set[str]] = {place: set(fluents) for place, fluents in dependencies.undone.items()}
    for place, assumed in dependencies.assumptions.items():
        wrong = {fluent for fluent, (value, _) in assumed.items() if held[fluent].value != value}
        if wrong:
            found[place] = found.get(place, set()) | wrong
    return found
