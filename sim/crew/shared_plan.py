"""The tracked plan of an agent in a crew: its tasks one after the other, and whose writes it replaces."""

from __future__ import annotations

from typing import Any

from plandrift.sim.crew.shared_truth import PrivateCopy, SharedTruth
from plandrift.sim.crew.tally import CrewTally
from plandrift.sim.measure.attempt import Attempt
from plandrift.sim.measure.meter import Shares
from plandrift.sim.measure.tracked_plan import Answered, TrackedPlan
from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import Message, Reading, Truth
from plandrift.sim.terms.plan import HandedPlan
from plandrift.sim.trace.crew_events import TaskEnded, TaskTaken, Undone, Validated


class SharedPlan(TrackedPlan):
    """The plan in hand of one agent of a crew.

    Attributes:
        tally: the counts of the crew; set before the first task.
        taken: the goals of all tasks that the agent has begun.
        failed: the index of the last fired step, if its call was refused, failed, or was not answered.
        undoes: what each fluent that the task has written held before, and the version that it has now.
        replaced: the fluents whose value, written by a fellow, was lost when the last call landed, each with
            the fellow's number.
    """

    __slots__ = ("_expects", "_own", "_span", "failed", "replaced", "taken", "tally", "undoes")

    truth: SharedTruth
    tally: CrewTally

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.taken: dict[str, Value] = {}
        self.failed: int | None = None
        self.undoes: dict[str, tuple[Value, int]] = {}
        self.replaced: list[tuple[str, int]] = []
        self._expects: dict[str, int] = {}
        # The version that each fluent got from a write of this task.
        self._own: dict[str, int] = {}
        self._span = 0.0

    @property
    def reached(self) -> Truth:
        """The state that the agent's calls reach: its private copy as it began, if it has one."""
        return self.truth.base if isinstance(self.truth, PrivateCopy) else self.truth

    def aim(self, event: TaskTaken) -> None:
        """Drop the plan in hand, and take the goals of a task."""
        if event.again and self.handed is not None:
            self._wasted(self._span)
        self.drop(event)
        self.taken |= event.goals
        self.goals, self.undoes, self._own = event.goals, {}, {}
        self.belief.aim(event.goals)
        self._last_goals_first = tuple(reversed(list(event.goals.items())))
        self.history.next_task()

    def drop(self, event: TaskTaken | TaskEnded) -> None:
        """Drop the plan in hand, because a task begins or ends."""
        self._up_to_now()
        self.settle_record()
        self.tally.see(event)
        if self._trace is not None:
            self._trace.add(event)
        self.handed = self.chosen = self.in_flight = self.failed = None
        self.fired_of_plan, self._span = 0, 0.0
        self._shares, self._measured = Shares(), True

    def adopted(self, handed: HandedPlan) -> None:
        """Take a plan in hand; the thinking for one that is replaced before its first call was wasted."""
        if self.handed is not None and not self.fired_of_plan:
            self._wasted(self._span)
        self._span = self._clock.now - handed.plan.basis.taken
        self.failed = None
        if isinstance(self.truth, PrivateCopy) and not self.truth.log:
            self.truth.rests_on = {}
        super().adopted(handed)

    def fired(
        self,
        place: int,
        call: Call,
        verdict: str = "fire",
        slipped: bool = False,
        declared: tuple[str, ...] = (),
    ) -> Attempt:
        """Note that a step's call was sent, and the versions that it expects."""
        assert self.handed is not None
        plan, own = self.handed.plan, self._own
        basis = dict(zip(plan.basis.names, plan.basis.versions, strict=True))
        self._expects = {
            fluent: basis[fluent] if source is None else own.get(fluent, -1)
            for fluent, source in plan.dependencies.sources[place].items()
        }
        return super().fired(place, call, verdict, slipped, declared)

    def landed(self, call: Call, effect: Effect, faults: tuple[str, ...] = ()) -> tuple[Reading, ...]:
        """Note that the call in flight reached the world, and whose writes it replaces."""
        step, truth = self.under_way, self.truth
        assert step is not None
        number = self.writer.agent
        task = self.tally.current[number]
        self.replaced = []
        if effect.violated and effect.outcome != "refused" and self._by_fellow(step, effect):
            self.tally.agents[number].misfires_by_fellow += 1
        if isinstance(truth, PrivateCopy):
            self._rest_on(truth, step)
        else:
            before = {fluent: truth.values[fluent] for fluent in effect.writes}
            for fluent in effect.writes:
                self._replace(fluent, step)
                self.tally.last[fluent] = task
        if task is not None and effect.outcome in ("harmful", "void") and "silent_success" not in faults:
            task.went_wrong = True
        written = super().landed(call, effect, faults)
        self._own |= {reading.fluent: reading.version for reading in written}
        if not isinstance(truth, PrivateCopy):
            for reading in written:
                kept = self.undoes.get(reading.fluent)
                first = before[reading.fluent] if kept is None else kept[0]
                self.undoes[reading.fluent] = first, reading.version
        return written

    def acknowledged(self, call: Call, reported: Answered, message: Message) -> None:
        """Note what the executor was told, and which step is still to be done."""
        self.failed = None if reported == "ok" else self.in_flight
        super().acknowledged(call, reported, message)

    def undone(self, fluent: str, value: Value) -> Reading:
        """Note that a write of an aborted task was taken back; return a reading of the fluent."""
        reading = self.truth.write(fluent, value, self._clock.now, self._besides)
        event = Undone(self._clock.now, fluent, value, reading.version, agent=self.writer.agent)
        self.tally.see(event)
        self.tally.last[fluent] = None
        if self._trace is not None:
            self._trace.add(event)
        return reading

    def merged(self, conflicts: tuple[str, ...]) -> tuple[Reading, ...]:
        """Merge the private copy into the shared truth, or throw it away because of conflicts."""
        now, copy = self._up_to_now(), self.truth
        assert isinstance(copy, PrivateCopy)
        written: list[Reading] = []
        if conflicts:
            for fluent, _ in copy.log:
                # What was there before has an older version, and may be read at this same instant.
                self.belief.versions[fluent] = -1
            copy.throw_away(now)
        else:
            number, main, read = self.writer.agent, copy.main, set(copy.rests_on)
            for fluent, value in copy.take():
                author = main.writers.get(fluent)
                if fluent not in read and author is not None and 0 <= author.agent != number:
                    self.tally.agents[number].overwritten += 1
                written.append(main.write(fluent, value, now, self.writer))
        event = Validated(now, conflicts, tuple([tuple(r) for r in written]), agent=self.writer.agent)
        self.tally.see(event)
        if self._trace is not None:
            self._trace.add(event)
        return tuple(written)

    def stale_share(self, whole: bool) -> float:
        """Return the share of the steps still to be done that the belief shows directly stale.

        It is 1 if none is left. Steps that are stale only because of another one are not planned anew: what
        they take from it is what it will write.

        Args:
            whole: whether every step is still to be done, because what was done has been taken back.
        """
        handed, perceived, values = self.handed, self.perceived, self.belief.values
        if handed is None or perceived is None:
            return 1.0
        plan = handed.plan
        mask = perceived.unfired | (0 if self.failed is None else 1 << self.failed)
        left = [i for i in range(len(plan.steps)) if whole or mask >> i & 1]
        stale = 0
        for place in left:
            sources = plan.dependencies.sources[place]
            for fluent, wanted in plan.steps[place].requires.items():
                source = sources[fluent]
                inside = source is not None and (whole or mask >> source & 1)
                if not inside and values[fluent] != wanted:
                    stale += 1
                    break
        return stale / len(left) if left else 1.0

    def _wasted(self, span: float) -> None:
        self.tally.agents[self.writer.agent].thinking_wasted += span

    def _rest_on(self, copy: PrivateCopy, step: Step) -> None:
        own = {fluent for fluent, _ in copy.log}
        for fluent in step.requires:
            if fluent not in own:
                copy.rests_on.setdefault(fluent, self._expects[fluent])

    def _replace(self, fluent: str, step: Step) -> None:
        """Count a write that is about to replace what a fellow has written."""
        truth, figures = self.truth, self.tally.agents[self.writer.agent]
        author = truth.writers.get(fluent)
        if author is None or author.agent < 0 or author.agent == self.writer.agent:
            return
        if fluent not in step.requires:
            figures.overwritten += 1
        elif truth.versions[fluent] != self._expects[fluent]:
            figures.lost_updates += 1
            if truth.values[fluent] != step.requires[fluent]:
                figures.lost_values += 1
                self.replaced.append((fluent, author.agent))
                victim = self.tally.last.get(fluent)
                if victim is not None:
                    victim.lost = True

    def _by_fellow(self, step: Step, effect: Effect) -> bool:
        """Return whether a fellow's write has ended what was the first of the requirements to be violated."""
        truth, first = self.truth, None
        for fluent in effect.violated:
            if fluent in step.requires:
                key = fluent, step.requires[fluent]
                since, by = truth.left.get(key, 0.0), truth.enders.get(key)
                if first is None or since < first[0]:
                    first = since, by
        author = None if first is None else first[1]
        return author is not None and 0 <= author.agent != self.writer.agent
