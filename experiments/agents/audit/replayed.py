"""A trace replayed through the tracked plan, so that at each call a policy sees what the agent knew then.

A trace is a world that has already happened: other agents' writes change the truth, reads and answers
change the belief, and both go through the engine's own bookkeeping (`sim.measure`), with hashes as values.
If the trace holds a plan that states its assumptions (as an exported episode does), that is the plan in
hand. Otherwise each write is a plan of one step, whose basis is what the agent last knew about the whole
fluent.

Only the second question is asked, because the trace does not say what the agent would have done after
another verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from plandrift.experiments.agents.transcripts.operation import (
    ABSENT,
    COMPACTED,
    HELD_BACK,
    NO_ANSWER,
    PLAN_PARTS,
    REFUSED_UNHEARD,
    Operation,
)
from plandrift.experiments.agents.transcripts.world_tool import (
    HAPPENED,
    PREFIX,
    PROGRESS,
    REQUESTED,
    RETRIED,
    SKIPPED,
)
from plandrift.sim import Basis, Call, Plan, Policy, PolicyError, Step, Value, Verdict, View
from plandrift.sim.engine.executor import FIRES
from plandrift.sim.interfaces.view import Counts
from plandrift.sim.measure.meter import BeliefAge, Meter
from plandrift.sim.measure.records import StepRecord
from plandrift.sim.measure.tracked_plan import Answered, TrackedPlan
from plandrift.sim.terms.dependencies import Dependencies
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import EXOGENOUS, Belief, Message, Reading, Truth
from plandrift.sim.terms.plan import HandedPlan

NOT_KNOWN = "not known"
"""Stands for a hash that the trace does not give."""
BLOCKED = "modified"
"""The error of a call that the agent's own gate blocked."""


REPLACED = " (the text to be replaced)"
"""Appended to a file's name, this names the fluent for the text that an edit replaces: there or gone."""
THERE, GONE = "there", "gone"


@dataclass(frozen=True, slots=True, eq=False)
class Edit(Step):
    """A step that replaces a text in a file: it needs only that text, not the rest of the file."""

    def carries(self, fluent: str) -> bool:
        """Return whether it is the rest of the file."""
        return not fluent.endswith(REPLACED)


@dataclass
class TraceClock:
    """A clock that is set to the time of each operation."""

    now: float = 0.0


@dataclass(frozen=True, slots=True)
class JudgedCall:
    """A writing call of the trace, what it was based on, and a policy's verdict on it.

    Attributes:
        operations: its rows, one per fluent.
        record: the state of plan and step just before it; None for a call that was held back.
        verdict: the policy's verdict.
        held_back: whether the agent's own gate held it back at the time.
        violated: the fluents that violated its requirements when it reached the world, or when it was held
            back.
        misfire: whether it reached the world despite a violated requirement, and was not refused for it.
        wrong: whether a block of it is right. A call that states what it requires is wrong if it misfired, or
            would have if nobody had refused it or held it back; if it is not the planned call; or, if the
            policy wants to skip it, if its work is already done. Any other write is wrong if the text that
            it replaces is gone, or if it wrote over somebody else's change.
        known: whether enough is known to say whether it was wrong.
        outdated: for a call that states what it requires, whether any of that had a different value than the
            agent knew.
        rewritten: for such a call, whether somebody had written any of that since.
        age: for such a call, the age of the oldest thing that the agent knew about what it requires.
    """

    operations: tuple[Operation, ...]
    record: StepRecord | None
    verdict: Verdict
    held_back: bool
    violated: tuple[str, ...]
    misfire: bool
    wrong: bool
    known: bool = True
    outdated: bool = False
    rewritten: bool = False
    age: float | None = None

    @property
    def blocked(self) -> bool:
        """Say whether the policy would have blocked it.

        A policy that replans or gives up before a call does not say that the call is wrong.
        """
        return self.verdict.kind == "block" or self.refused

    @property
    def let_through(self) -> bool:
        """Say whether the policy would have let it do what it does."""
        return self.verdict.kind in FIRES and not self.refused

    @property
    def refused(self) -> bool:
        """Say whether the world would have refused it if it had carried its assumptions."""
        return self.verdict.kind == "if-match" and bool(self.violated)


class _Agent:
    """One agent of the trace: its belief, the truth as far as it saw it, and its current plan."""

    def __init__(self, first: dict[str, str], clock: TraceClock) -> None:
        self.clock = clock
        self.truth, self.belief = Truth(first), Belief(dict.fromkeys(first, NOT_KNOWN), {})
        self.tracked = TrackedPlan(
            clock, self.truth, self.belief, Meter(), BeliefAge(self.belief, None, None)
        )
        self.counts = Counts()
        self.view = View(self.tracked, self.counts, _never_better)
        self.plans = 0
        self.read: dict[str, float] = {}
        self.flying: tuple[str, Step] | None = None
        self.versions: dict[str, int] = {}
        self.forgotten: set[str] = set()

    def meets(self, fluent: str, first: str) -> None:
        """Take a fluent in of which it knows nothing yet."""
        for held, value in ((self.truth, first), (self.belief, NOT_KNOWN)):
            held.values[fluent], held.versions[fluent], held.times[fluent] = value, 0, 0.0

    def moved(self, fluent: str, hash: str) -> None:
        """Apply a change that the trace shows in the world."""
        if self.truth.values.get(fluent) == NOT_KNOWN:
            # It is learned what was there all along: nobody wrote it.
            self.truth.values[fluent] = hash
        elif fluent in self.truth.values and self.truth.values[fluent] != hash:
            self.truth.write(fluent, hash, self.clock.now, EXOGENOUS)

    def knows(self, fluent: str, again: tuple[Value, int, float] | None = None) -> tuple[Value, int, float]:
        """Return what the agent knows of a fluent: value, version and time; or let it know that again."""
        held = self.belief
        if again is not None:
            held.values[fluent], held.versions[fluent], held.times[fluent] = again
        return held.values[fluent], held.versions[fluent], held.times[fluent]

    def replaced(self, fluent: str, gone: bool) -> str:
        """Return the fluent for the text that an edit replaces; the agent takes it to be there."""
        name = fluent + REPLACED
        for state in (self.truth, self.belief):
            state.values.setdefault(name, THERE)
            state.versions.setdefault(name, 0)
            state.times.setdefault(name, 0.0)
        if self.truth.values[name] != THERE:
            self.truth.write(name, THERE, self.clock.now, EXOGENOUS)
        self.belief.hear(self.belief.times[fluent], Reading(name, THERE, self.truth.versions[name]))
        if gone:
            self.truth.write(name, GONE, self.clock.now, EXOGENOUS)
        return name

    def hears(self, rows: Sequence[Operation], number: int) -> None:
        """Update the belief by news, a read, or the answer to a read."""
        op, readings = rows[0], []
        by, own = _by(op)
        for row in rows:
            self.forgotten.discard(row.fluent)
            if not row.whole and row.stands is None:
                continue
            # If a differing part does not fit into the picture, the agent no longer knows the whole.
            hash = row.picture or NOT_KNOWN
            numbered = row.version is not None and row.version.isdigit()
            if not numbered and row.whole:
                self.moved(row.fluent, hash)
            version = int(str(row.version)) if numbered else self.truth.versions[row.fluent]
            readings.append(Reading(row.fluent, hash, version))
            if by == "read":
                self.read[row.fluent] = self.clock.now
        self.tracked.heard(Message(number, op.called, tuple(readings), by, own))

    def adopts(
        self, steps: tuple[Step, ...], goals: dict[str, str], basis: Basis | None, taken: float
    ) -> None:
        """Put a plan in hand from now on."""
        self.plans += 1
        depend = Dependencies(steps, goals)
        held = basis if basis is not None else Basis(depend, self.belief, taken)
        plan = Plan(self.plans, steps, goals, held, depend)
        self.counts.replans += self.plans > 1
        self.tracked.adopted(HandedPlan(plan, [step.call for step in steps]))

    def asks(self, policy: Policy, step: Step, call: Call, before: dict[str, str]) -> Verdict:
        """Ask the policy about a call that is about to fire, with a fresh read if it wants one."""
        view = self.view
        view.time = self.clock.now
        view.fresh = bool(step.requires) and all(self.read.get(f) == view.time for f in step.requires)
        verdict = policy.before_fire(view, step, call)
        if verdict.kind == "read" and not view.fresh:
            readings = []
            for fluent in step.requires:
                if before.get(fluent, NOT_KNOWN) != NOT_KNOWN:
                    self.moved(fluent, before[fluent])
                readings.append(Reading(fluent, self.truth.values[fluent], self.truth.versions[fluent]))
            self.tracked.heard(Message(0, view.time, tuple(readings), "read"))
            view.fresh = True
            verdict = policy.before_fire(view, step, call)
        if verdict.kind == "read":
            raise PolicyError(
                f"{policy.name} asked for a fresh read twice for {call}: decide once view.fresh is true"
            )
        return verdict


@dataclass(order=True, slots=True)
class TraceMoment:
    """An event of the trace: its time, its order among simultaneous events, its kind and rows.

    The kinds that a guard tells live are ``heard``, ``compacted``, ``wrote``, when a write is about to be
    made, and ``settled``, when it was made.
    """

    time: float
    order: float
    kind: str = field(compare=False)
    rows: tuple[Operation, ...] = field(compare=False)


def judged(operations: Sequence[Operation], policy: Policy) -> list[JudgedCall]:
    """Return a policy's verdicts on the writing calls of a trace, in order of time.

    Raises:
        PolicyError: an answer is not a verdict.
    """
    replay = ReplayedPolicy(policy)
    replay.plays(operations)
    return list(replay.judged.values())


class ReplayedPolicy:
    """A policy that is asked at each write of a trace, one moment at a time.

    A finished trace goes through it as a whole (`judged`), and a guard in front of a live agent passes it
    each event as it happens. The verdicts are the same.

    Attributes:
        judged: the writing calls with their verdicts, by session and call.
    """

    def __init__(self, policy: Policy, clock: TraceClock | None = None) -> None:
        self._policy = policy
        self._clock = clock or TraceClock()
        self._agents: dict[tuple[str, str], _Agent] = {}
        self._holders: dict[str, list[tuple[str, str]]] = {}
        self.judged: dict[tuple[str, str], JudgedCall] = {}
        self._steps: dict[str, Step] = {}
        self._moments = 0

    def meets(self, key: tuple[str, str], first: Mapping[str, str]) -> None:
        """Take in the fluents that an agent deals with from now on.

        Args:
            key: the session and the agent.
            first: what each fluent holds, or `NOT_KNOWN`; fluents that it has met already stay as they are.
        """
        agent = self._agents.setdefault(key, _Agent({}, self._clock))
        for fluent, hash in first.items():
            if fluent not in agent.truth.values:
                agent.meets(fluent, hash)
                self._holders.setdefault(fluent, []).append(key)

    def plays(self, operations: Iterable[Operation]) -> None:
        """Take in a whole trace."""
        calls: dict[tuple[str, str], list[Operation]] = {}
        first: dict[str, str] = {}
        mine: dict[tuple[str, str], set[str]] = {}
        # Of two states at the same time, the one that comes first in the transcript came first.
        for op in sorted(operations, key=lambda op: (op.called, op.place)):
            if not (op.fluent or op.plan == "accepted" or op.tool in PROGRESS or op.command == COMPACTED):
                continue
            calls.setdefault((op.session, op.call), []).append(op)
            if op.fluent:
                mine.setdefault((op.session, op.agent), set()).add(op.fluent)
                hash = op.seen if op.kind == "read" and op.whole else op.before
                if hash is not None and op.plan not in PLAN_PARTS:
                    first.setdefault(op.fluent, hash)
        for key, names in mine.items():
            self.meets(key, {f: first.get(f, NOT_KNOWN) for f in sorted(names)})
        for moment in sorted(_moments(calls.values())):
            self.happens(moment)

    def recalls(self, session: str, operations: Iterable[Operation]) -> None:
        """Bring the agents of a session up to date with a log, leaving all others as they are.

        Args:
            session: one whose agents it has not met.
            operations: all that the log holds of the session, and what others did to its fluents.
        """
        apart = ReplayedPolicy(self._policy, self._clock)
        apart.plays(operations)
        for key, agent in apart._agents.items():
            if key[0] == session:
                self._agents[key] = agent
                for fluent in agent.truth.values:
                    self._holders.setdefault(fluent, []).append(key)

    def leaves(self, session: str) -> None:
        """Forget the agents of a session that is over."""
        self._agents = {key: agent for key, agent in self._agents.items() if key[0] != session}
        for holders in self._holders.values():
            holders[:] = [key for key in holders if key[0] != session]

    def happens(self, moment: TraceMoment) -> None:
        """Take a moment in; moments come in order of time."""
        self._clock.now = moment.time
        self._moments += 1
        op = moment.rows[0]
        agent = self._agents.get((op.session, op.agent))
        if agent is None:
            return
        if moment.kind == "heard":
            agent.hears(moment.rows, self._moments)
        elif moment.kind == "plan":
            self._plan(agent, moment.rows)
        elif moment.kind == "called":
            self._called(agent, moment.rows)
        elif moment.kind == "landed":
            self._landed(agent, moment.rows)
        elif moment.kind == "answered":
            self._answered(agent, moment.rows)
        elif moment.kind == "compacted":
            kept = {row.fluent for row in moment.rows}
            agent.forgotten = {f for f, held in agent.belief.times.items() if held} - kept
        elif moment.kind == RETRIED:
            agent.tracked.retried(op.step or 0)
        elif moment.kind == SKIPPED:
            agent.tracked.skipped(op.step or 0)
        elif moment.kind == REQUESTED:
            agent.counts.requested += 1
            agent.counts.unfired_requests += 1
            agent.counts.last_request = moment.time
        elif moment.kind == "wrote":
            self._wrote(agent, moment.rows)
        elif moment.kind == "settled":
            self._settled(agent, moment.rows)
        elif moment.kind == "happened":
            for row in moment.rows:
                self._others(agent, row.fluent, str(row.after))

    def _plan(self, agent: _Agent, rows: tuple[Operation, ...]) -> None:
        taken = rows[-1].called
        steps: dict[int, tuple[str, dict[str, str], dict[str, str]]] = {}
        basis: dict[str, tuple[str, int, float]] = {}
        goals: dict[str, str] = {}
        done, flying = set(), None
        for row in rows[:-1]:
            if row.plan == "basis":
                basis[row.fluent] = row.seen or "absent", int(row.version or 0), row.called
            elif row.plan == "goal":
                goals[row.fluent] = str(row.needs)
            elif row.step is not None:
                _, needs, writes = steps.setdefault(row.step, (row.asked, {}, {}))
                if row.needs is not None:
                    needs[row.fluent] = row.needs
                if row.after is not None:
                    writes[row.fluent] = row.after
                if row.plan == "done":
                    done.add(row.step)
                elif row.plan == "in flight":
                    flying = row.step
        made = tuple(
            self._steps.setdefault(asked, Step(_call(asked), needs, writes))
            for _, (asked, needs, writes) in sorted(steps.items())
        )
        depend = Dependencies(made, goals)
        if set(depend.names) - set(basis):
            return
        agent.plans += 1
        agent.counts.replans += agent.plans > 1
        heard = max((time for _, _, time in basis.values()), default=0.0)
        plan = Plan(agent.plans, made, goals, Basis.recorded(depend, heard, taken, basis), depend)
        calls = [step.call for step in made]
        agent.tracked.adopted(HandedPlan(plan, calls, True, tuple(sorted(done)), flying))

    def _called(self, agent: _Agent, rows: tuple[Operation, ...]) -> None:
        """Handle a call of a plan that states its assumptions."""
        op, tracked = rows[0], agent.tracked
        handed, place = tracked.handed, op.step
        if handed is None or place is None or place >= len(handed.plan.steps):
            return
        # An agent may choose any step of its plan.
        tracked.chosen = place
        step, call = handed.plan.steps[place], _call(op.asked)
        before = {r.fluent: r.before for r in rows if r.before is not None}
        belief, truth, needs = agent.belief, agent.truth, list(step.requires)
        outdated = any(belief.values[f] != truth.values[f] for f in needs)
        rewritten = any(belief.versions[f] != truth.versions[f] for f in needs)
        age = max((self._clock.now - belief.times[f] for f in needs), default=None)
        verdict = agent.asks(self._policy, step, call, before)
        held_back = _held_back(op)
        record = None
        if not held_back:
            kind = verdict.kind if verdict.kind in ("warn", "if-match") else "fire"
            record = tracked.fired(place, call, kind).record
            agent.counts.fired += 1
            agent.counts.unfired_requests = 0
            agent.flying = op.call, step
        violated = tuple(r.fluent for r in rows if r.needs is not None and r.needs != r.before is not None)
        misfire = bool(violated) and op.landed is not None and not op.error.startswith("refused")
        if verdict.skip and call == step.call:
            wrong = step.shown_by(agent.truth.values)
        else:
            wrong = bool(violated) or call != step.call
        self.judged[op.session, op.call] = JudgedCall(
            rows,
            record,
            verdict,
            held_back,
            violated,
            misfire,
            wrong,
            held_back or op.landed is not None,
            outdated,
            rewritten,
            age,
        )

    def _landed(self, agent: _Agent, rows: tuple[Operation, ...]) -> None:
        op = rows[0]
        if agent.flying is None or agent.flying[0] != op.call:
            return
        written = [r for r in rows if r.kind == "write" and r.after is not None]
        wrote = any(r.after != r.before for r in written)
        writes = {r.fluent: str(r.after) for r in written} if wrote else {}
        violated = self.judged[op.session, op.call].violated
        agent.tracked.landed(_call(op.asked), Effect("effective", writes, violated))
        step = agent.flying[1]
        agent.versions = {f: agent.truth.versions[f] for f in step.writes}
        for fluent, hash in writes.items():
            self._others(agent, fluent, hash)

    def _answered(self, agent: _Agent, rows: tuple[Operation, ...]) -> None:
        op = rows[0]
        if agent.flying is None or agent.flying[0] != op.call:
            return
        step = agent.flying[1]
        agent.flying = None
        readings = (
            tuple(Reading(f, value, agent.versions[f]) for f, value in step.writes.items()) if op.ok else ()
        )
        taken = op.landed if op.landed is not None else self._clock.now
        reported: Answered = "ok" if op.ok else "refused" if op.error == "refused" else "error"
        if op.error in (NO_ANSWER, REFUSED_UNHEARD):
            reported = None
        agent.tracked.acknowledged(
            _call(op.asked), reported, Message(0, taken, readings, "acknowledgment", True)
        )

    def _wrote(self, agent: _Agent, rows: tuple[Operation, ...]) -> None:
        """Handle a write that does not state its assumptions: a plan of one step, based on the belief."""
        for op in rows:
            if not op.fluent:
                continue
            believed = agent.belief.values[op.fluent]
            before = (
                op.before if op.before is not None else f"{NOT_KNOWN} {op.call}" if op.moved else believed
            )
            agent.moved(op.fluent, before)
            # The creation of a file overwrites nothing, so it depends on nothing.
            known = believed != NOT_KNOWN and before != ABSENT
            after = op.after or f"{NOT_KNOWN} {op.call} after"
            # A guard is asked before the call, when nobody knows what it will leave, and is told afterwards.
            settles = op.before_by == "guard"
            left = f"{NOT_KNOWN} {op.call} after" if settles else after
            needs = {op.fluent: believed} if known else {}
            kind = Step
            if known and op.replaces:
                kind, needs = Edit, needs | {agent.replaced(op.fluent, op.moved): THERE}
            step = kind(_call(op.asked), needs, {op.fluent: left})
            agent.adopts((step,), {}, None, agent.belief.times[op.fluent])
            knew = agent.knows(op.fluent)
            verdict = agent.asks(self._policy, step, step.call, {op.fluent: before})
            if settles:
                # What the guard itself looked at, the agent does not know yet.
                agent.knows(op.fluent, knew)
            violated = (op.fluent,) if known and before != believed else ()
            record = agent.tracked.fired(0, step.call).record
            agent.counts.fired += 1
            enough = known and (op.before is not None or op.error == "not found")
            enough = enough and op.fluent not in agent.forgotten
            held_back = op.error in (BLOCKED, HELD_BACK)
            lands, would = op.ok and not settles, op.ok or op.error == HELD_BACK
            wrong = op.moved or (bool(violated) and would and not op.replaces and after != before)
            self.judged[op.session, f"{op.call} {op.fluent}"] = JudgedCall(
                (op,), record, verdict, held_back, violated, bool(violated) and op.ok, wrong, enough
            )
            effect = Effect("effective", {op.fluent: after} if lands else {}, violated)
            agent.tracked.landed(step.call, effect)
            message = self._written(agent, op, after) if lands else ()
            acknowledged = Message(0, self._clock.now, message, "acknowledgment", True)
            agent.tracked.acknowledged(step.call, "ok" if lands else "error", acknowledged)
            if lands:
                self._others(agent, op.fluent, after)

    def _settled(self, agent: _Agent, rows: tuple[Operation, ...]) -> None:
        """Handle the answer to a write that a guard was asked about."""
        now = self._clock.now
        for op in rows:
            after = op.after or f"{NOT_KNOWN} {op.call} after"
            agent.truth.write(op.fluent, after, now, agent.tracked.writer)
            agent.tracked.heard(Message(0, now, self._written(agent, op, after), "acknowledgment", True))
            self._others(agent, op.fluent, after)

    def _written(self, agent: _Agent, op: Operation, after: str) -> tuple[Reading, ...]:
        """Return what an agent knows about a fluent that it has just written."""
        if not op.replaces:
            agent.forgotten.discard(op.fluent)
        picture = op.picture or NOT_KNOWN
        # What somebody else changed before this edit is not part of what the agent knows now.
        known_version = agent.truth if picture == after else agent.belief
        return (Reading(op.fluent, picture, known_version.versions[op.fluent]),)

    def _others(self, writer: _Agent, fluent: str, hash: str) -> None:
        """Apply an agent's write to the truth that all others see."""
        for key in self._holders.get(fluent, ()):
            agent = self._agents[key]
            if agent is not writer:
                agent.truth.write(fluent, hash, self._clock.now, EXOGENOUS)


def _moments(calls: Iterable[Sequence[Operation]]) -> Iterator[TraceMoment]:
    for rows in calls:
        # A call's own row comes before the rows of what a plan states.
        op = next((r for r in rows if r.plan not in PLAN_PARTS), rows[0])
        these = tuple(rows)
        at = op.answered if op.answered is not None else op.called
        closed = float(op.closed if op.closed is not None else op.place)
        if op.plan == "accepted":
            if any(r.plan in PLAN_PARTS for r in rows):
                yield TraceMoment(at, closed, "plan", tuple(r for r in rows if r is not op) + (op,))
        elif op.command == COMPACTED:
            yield TraceMoment(at, closed, "compacted", these)
        elif op.tool == HAPPENED:
            yield TraceMoment(at, closed, "happened", these)
        elif op.tool in PROGRESS:
            yield TraceMoment(at, closed, op.tool, these)
        elif op.tool.startswith(PREFIX):
            yield TraceMoment(op.called, op.place, "called", these)
            if op.landed is not None:
                yield TraceMoment(op.landed, _landing(op, at, closed), "landed", these)
            if op.answered is not None and not _held_back(op):
                yield TraceMoment(at, closed, "answered", these)
        elif op.kind == "read":
            if op.ok:
                yield TraceMoment(at, closed, "heard", tuple(r for r in rows if r.fluent))
        elif op.kind == "write":
            yield TraceMoment(op.called, op.place, "wrote", these)
            if op.before_by == "guard" and op.ok:
                yield TraceMoment(at, closed, "settled", these)


def _landing(op: Operation, at: float, closed: float) -> float:
    """Order a landing: right after a call at the same time, or just before the answer at the same time."""
    if op.landed == op.called:
        return op.place + 0.5
    return closed - 0.5 if op.landed == at else float(op.place)


def _held_back(op: Operation) -> bool:
    """Say whether a call of the world was answered without having reached it."""
    return op.answered is not None and op.landed is None


def _by(op: Operation) -> tuple[str, bool]:
    words = op.tool.split()
    if words[0] != "news":
        return "read", False
    return (words[1] if len(words) > 1 else "push"), "own" in words[2:]


def _call(asked: str) -> Call:
    return Call("call", (("asked", asked),))


def _never_better(_news: Sequence[str], _belief: object, _left: int) -> bool:
    """Return False: a trace does not say what would have been better."""
    return False
