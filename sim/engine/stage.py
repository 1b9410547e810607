"""The stage: the world and agent of one episode, wired together, and the loop that runs them."""

from __future__ import annotations

import gc
from collections.abc import Callable

from plandrift.sim.engine.agent_process import AgentProcess
from plandrift.sim.engine.agent_state import silence_of
from plandrift.sim.engine.environment import Environment
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.measure.metrics import Measured, Metrics, taken_from
from plandrift.sim.terms.clock import WORLD, Alarm
from plandrift.sim.terms.errors import RunawayError
from plandrift.sim.trace.events import Ended, Started
from plandrift.sim.usercode.checks import IN_ALL

AT_ONE_INSTANT = 100_000
"""With more events than this at one instant, the clock is considered stuck."""


class Stage:
    """The world and the agent of one episode.

    Attributes:
        setup: what all agents share.
        own: the settings of the agent.
        horizon: the latest time at which it ends.
        ended: ``done``, ``gave-up`` or ``horizon``; None before the end.
        events: the number of SimPy events processed.
        agent: the running agent.
    """

    def __init__(
        self, setup: Setup, own: AgentSetup, horizon: float, agent: type[AgentProcess] = AgentProcess
    ) -> None:
        self.setup, self.own, self.horizon = setup, own, horizon
        self.ended: str | None = None
        self.events = 0
        if setup.trace is not None:
            first, goals, name = dict(setup.scene.first), setup.scene.goals, own.policy.name
            silence, seen = silence_of(own, setup.scene), own.channel.visible(first)
            began = Started(0.0, name, setup.random.seed, first, goals, silence, seen, setup.programs)
            setup.trace.add(began)
        environment = Environment(setup)
        self.agent = agent(setup, own, environment, self.end)

    def begin(self) -> None:
        """Request the first plan, and schedule the end at the horizon."""
        Alarm(self.setup.clock, lambda _: self.end("horizon"), WORLD).set(self.horizon)
        self.agent.state.planner.request("start")

    def play(self) -> None:
        """Run the episode to its end."""
        self.begin()
        self._start()
        # An episode creates few garbage cycles, and none outlive it; collecting them meanwhile would cost a
        # tenth of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            self.turn()
        finally:
            if collecting:
                gc.enable()

    def _start(self) -> None:
        """Start what acts."""
        self.setup.clock.process(self.agent.executor.run())

    def metrics(self) -> Metrics:
        """Return the figures, and add the last event to the trace."""
        state, scene, duration = self.agent.state, self.setup.scene, self.setup.clock.now
        tracked, counts, values = state.tracked, state.counts, self.setup.truth.values
        measured = Measured(
            tracked=tracked,
            thinking=counts.thinking,
            expansions=counts.expansions,
            plan_ratio=state.planner.length_ratio,
            opportunity=tracked.meter.opportunity,
            end=str(self.ended),
            duration=duration,
            score=scene.score(values),
            still=self.setup.planning.still(values),
        )
        if self.setup.trace is not None:
            self.setup.trace.add(
                Ended(
                    duration,
                    measured.end,
                    state.reason,
                    measured.unmet,
                    len(scene.goals),
                    measured.score,
                    measured.thinking,
                    measured.expansions,
                    measured.plan_ratio,
                    measured.opportunity,
                    measured.still,
                )
            )
        return taken_from(measured)

    def turn(self, enough: Callable[[], bool] | None = None) -> None:
        """Process events until `enough` returns True or the episode ends.

        Raises:
            RunawayError: time does not advance.
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
                    f"{self.events} events and the clock is at {clock.now:g} of {self.horizon:g}: time does "
                    "not advance; check the times that the world and the policy return"
                )
            then = clock.now

    def end(self, how: str) -> None:
        """End the episode in one of the ways listed for `ended`."""
        if self.ended is not None:
            return
        self.ended = how
        self.agent.stop()
