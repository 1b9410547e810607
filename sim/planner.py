"""The planner: answers replan requests by reading the belief, thinking, and handing a plan over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import simpy

from sim.agent import Agent, Handoff
from sim.clock import PLANNING, Alarm
from sim.errors import WorldError
from sim.picture import Picture
from sim.plan import Basis, Believed, Call, Plan
from sim.streams import Streams
from sim.trace import Trace
from sim.view import Counts
from sim.world import Scene, Steps

HandOver = Callable[[Plan | None, str], None]
Rest = Callable[[], Sequence[Call]]


class Planner:
    """The planner of one episode.

    Attributes:
        busy: whether a plan is being made, is asked for, or is under way to the executor.
    """

    __slots__ = (
        "_alarm", "_begun", "_belief", "_counts", "_delay", "_env", "_error", "_hand_over",
        "_lengths", "_moved", "_numbers", "_pending", "_plan", "_random", "_reason", "_rest", "_restarts",
        "_scene", "_steps",
        "_think", "_thinking", "_trace", "_travelling", "_until",
    )  # fmt: skip

    def __init__(
        self,
        env: simpy.Environment,
        scene: Scene,
        belief: Picture,
        agent: Agent,
        handoff: Handoff,
        random: Streams,
        counts: Counts,
        hand_over: HandOver,
        rest: Rest | None,
        trace: Trace | None,
    ) -> None:
        self._env, self._scene, self._belief, self._trace = env, scene, belief, trace
        self._steps = Steps(scene)
        self._counts = counts
        self._hand_over = hand_over
        self._rest = rest
        self._reason = ""
        self._lengths: list[float] = []
        self._random = random
        self._think = agent.thinking_time.sampler(lambda: random["agent.thinking_time"])
        self._error = agent.planner_error
        delay = Handoff().delay if agent.minds == 1 else handoff.delay
        self._delay = delay.sampler(lambda: random["handoff.delay"])
        self._restarts = agent.interrupted == "restart"
        self._alarm = Alarm(env, self._awake, PLANNING)
        self._thinking = self._pending = self._moved = False
        self._plan: Plan | None = None
        self._travelling = 0
        self._numbers = 0
        self._begun = self._until = 0.0

    @property
    def busy(self) -> bool:
        """Whether a plan is on its way, in the head or in the hand-off."""
        return self._thinking or self._travelling > 0

    @property
    def length_ratio(self) -> float:
        """The mean length of the plans against the shortest; NaN where that was not asked or not known."""
        return sum(self._lengths) / len(self._lengths) if self._lengths else float("nan")

    @property
    def thinking(self) -> bool:
        """Whether a plan is being made."""
        return self._thinking

    def request(self, reason: str) -> None:
        """Ask for a plan. While one is being made, requests merge into one that follows, or restart it."""
        now = self._env.now
        if self._trace is not None:
            self._trace.add(now, "replan-requested", reason=reason, merged=self._thinking)
        if not self._thinking:
            self._begin()
        elif self._restarts:
            self._counts.thinking += now - self._begun
            self._take_basis()
            self._until = now + self._think()
            # The alarm that is already set finds, when it rings, that the end has moved.
            self._moved = True
        else:
            self._pending = True

    def stop(self) -> None:
        """The episode is over: count the thinking that was under way."""
        if self._thinking:
            self._counts.thinking += self._env.now - self._begun
            self._thinking = False

    def _begin(self) -> None:
        self._take_basis()
        span = self._think()
        if span == 0:
            self._finish()
        else:
            self._thinking = True
            self._until = self._env.now + span
            self._alarm.set(span)

    def _awake(self, _: simpy.Event) -> None:
        if not self._thinking:
            return
        if self._moved and self._until > self._env.now:
            self._moved = False
            self._alarm.set(self._until - self._env.now)
            return
        self._moved = self._thinking = False
        self._counts.thinking += self._env.now - self._begun
        self._finish()
        if self._pending:
            self._pending = False
            self._begin()

    def _take_basis(self) -> None:
        """Plan from the belief as it is now; what is heard while thinking comes too late for it."""
        self._begun = self._env.now
        scene, values = self._scene, self._belief.values
        calls = scene.plan(values) if self._rest is None else self._repaired(self._rest())
        self._counts.expansions += getattr(calls, "expansions", 0)
        self._plan = None if calls is None else self._put_together(calls)
        self._reason = scene.no_plan(values) if calls is None else "found"
        if scene.watched and calls is not None:
            best = scene.optimum(values)
            if best:
                self._lengths.append(len(calls) / best)

    def _repaired(self, rest: Sequence[Call]) -> Sequence[Call] | None:
        scene, values = self._scene, self._belief.values
        return scene.repair(values, rest) if rest else scene.plan(values)

    def _put_together(self, calls: Sequence[Call]) -> Plan:
        wrong = frozenset[int]()
        if self._error:
            calls, wrong = self._err(calls)
        steps = tuple(self._steps[call] for call in calls)
        belief = self._belief
        values, versions, times = belief.values, belief.versions, belief.times
        depend = self._steps.depend(steps)
        # The first plan's basis is written down whole, so that a trace tells where the world began.
        whole = self._trace is not None and not self._numbers
        try:
            named = {
                f: Believed(values[f], versions[f], times[f]) for f in (values if whole else depend.needs)
            }
        except KeyError as error:
            raise WorldError(
                f"{type(self._scene).__name__}: a step requires {error.args[0]!r}, which is no fluent: "
                "add it to `first`"
            ) from None
        return Plan(
            number=self._numbers + 1,
            steps=steps,
            goals=self._scene.goals,
            basis=Basis(belief.heard, self._env.now, named, self._counts.answers),
            dependencies=depend,
            wrong=wrong,
        )

    def _err(self, calls: Sequence[Call]) -> tuple[Sequence[Call], frozenset[int]]:
        """Each step is wrong with the planner's error rate: a sibling stands in its place."""
        random = self._random["agent.planner_error"]
        made, wrong = list(calls), set()
        for place, call in enumerate(calls):
            if random.random() < self._error:
                siblings = self._scene.confusable(call)
                if siblings:
                    made[place] = siblings[int(random.random() * len(siblings))]
                    wrong.add(place)
        return made, frozenset(wrong)

    def _finish(self) -> None:
        plan = self._plan
        if plan is not None:
            self._numbers += 1
        delay = self._delay()
        if delay == 0:
            self._hand_over(plan, self._reason)
            return
        self._travelling += 1
        arrival = simpy.Event(self._env)
        arrival._ok, arrival._value = True, (plan, self._reason)
        assert arrival.callbacks is not None
        arrival.callbacks.append(self._arrive)
        self._env.schedule(arrival, PLANNING, delay)

    def _arrive(self, event: simpy.Event) -> None:
        self._travelling -= 1
        plan, reason = event._value
        self._hand_over(plan, reason)
