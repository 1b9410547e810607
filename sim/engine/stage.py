"""The stage: the parts of one episode, wired to each other, and its clock turned over to the end."""

from __future__ import annotations

import gc
from collections.abc import Callable

from plandrift.sim.engine.agent_state import AgentState
from plandrift.sim.engine.channel_process import Line
from plandrift.sim.engine.environment import Environment
from plandrift.sim.engine.executor import Executor
from plandrift.sim.engine.planner import Planner
from plandrift.sim.engine.setup import Setup
from plandrift.sim.interfaces.world import Scene
from plandrift.sim.measure.meter import BeliefAge, Meter
from plandrift.sim.measure.metrics import Measured, Metrics, taken_from
from plandrift.sim.measure.missed_alternative import Opportunity
from plandrift.sim.measure.tracked_plan import TrackedPlan
from plandrift.sim.settings.assembly import IN_ALL
from plandrift.sim.settings.channel import Message
from plandrift.sim.terms.clock import WORLD, Alarm
from plandrift.sim.terms.errors import RunawayError
from plandrift.sim.terms.fluents import FluentState
from plandrift.sim.trace.events import Ended, Started

AT_ONE_INSTANT = 100_000
"""More events than this at one instant, and the clock is taken to be stuck."""


def tracking(setup: Setup) -> TrackedPlan:
    """What tracks the plan in hand of an episode that is about to begin."""
    scene: Scene = setup.scene
    truth, belief = FluentState(scene.first, scene.goals), FluentState(scene.first, scene.goals)
    chance = Opportunity(setup.planning.choice) if scene.watched else None
    seen = setup.channel.visible(scene.first)
    # What a world keeps from the channel can change with no news of it.
    silence = setup.channel.silence if type(scene).announced is Scene.announced else None
    if setup.trace is not None:
        seed = setup.random.seed
        setup.trace.add(Started(0.0, setup.policy.name, seed, dict(scene.first), scene.goals, silence, seen))
    return TrackedPlan(
        setup.clock, truth, belief, Meter(chance), BeliefAge(belief, silence, seen), setup.trace
    )


class Stage:
    """The parts of one episode, wired to each other.

    Attributes:
        setup: what they share.
        horizon: when it ends at the latest.
        ended: ``done``, ``gave-up`` or ``horizon``; None before the end.
        events: how many SimPy events have been turned over.
        tracked: the plan in hand.
        state: what the agent believes and intends.
        executor: what fires its calls.
    """

    planner: type[Planner] = Planner
    """What makes the plans."""
    hands: type[Executor] = Executor
    """What fires the calls."""

    def __init__(self, setup: Setup, horizon: float) -> None:
        self.setup, self.horizon = setup, horizon
        self.ended: str | None = None
        self.events = 0
        self.tracked = tracking(setup)
        self.state = AgentState(setup, self.tracked, self._wake, self.planner)
        line = Line(setup, self.tracked.truth, self.deliver)
        environment = Environment(setup, self.tracked, line)
        self.executor = self.hands(setup, self.state, environment, line, self.end)

    def deliver(self, message: Message) -> None:
        """News arrives at the agent."""
        self.state.deliver(message)

    def begin(self) -> None:
        """Ask for the first plan, and let the horizon end it all."""
        Alarm(self.setup.clock, lambda _: self.end("horizon"), WORLD).set(self.horizon)
        self.state.planner.request("start")

    def play(self) -> None:
        """Run to the end."""
        self.begin()
        self.setup.clock.process(self.executor.run())
        # An episode makes little garbage in cycles, and none that lives on: collecting meanwhile
        # would cost a tenth of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            self.turn()
        finally:
            if collecting:
                gc.enable()

    def metrics(self) -> Metrics:
        """What was measured, and the trace's last event."""
        score = self.setup.scene.score(self.tracked.truth.values)
        counts, duration = self.state.counts, self.setup.clock.now
        measured = Measured(
            tracked=self.tracked,
            steps=self.executor.records,
            thinking=counts.thinking,
            expansions=counts.expansions,
            plan_ratio=self.state.planner.length_ratio,
            opportunity=self.tracked.meter.opportunity,
            end=str(self.ended),
            duration=duration,
            score=score,
            still=self.setup.planning.still(self.tracked.truth.values),
        )
        if self.setup.trace is not None:
            self.setup.trace.add(
                Ended(
                    duration,
                    measured.end,
                    self.state.reason,
                    measured.unmet,
                    len(self.setup.scene.goals),
                    score,
                    measured.thinking,
                    measured.expansions,
                    measured.plan_ratio,
                    measured.opportunity,
                    measured.still,
                )
            )
        return taken_from(measured)

    def turn(self, enough: Callable[[], bool] | None = None) -> None:
        """Turn the clock over, event by event, until it is enough or the end has come.

        Raises:
            RunawayError: time does not go on.
        """
        step, clock = self.setup.clock.step, self.setup.clock
        then = -1.0
        while self.ended is None:
            for _ in range(AT_ONE_INSTANT):
                if enough is not None and enough():
                    return
                step()
                self.events += 1
                if self.ended is not None:
                    return
            if clock.now == then or self.events > IN_ALL:
                raise RunawayError(
                    f"{self.events} events and the clock at {clock.now:g} of {self.horizon:g}: the world or "
                    "the policy never lets time go on; look at the times that they give"
                )
            then = clock.now

    def _wake(self) -> None:
        self.executor.wake()

    def end(self, how: str) -> None:
        """It is over, in one of the ways of `ended`."""
        if self.ended is not None:
            return
        self.ended = how
        self.state.planner.stop()
        self.tracked.ended()
        self.executor.close()
