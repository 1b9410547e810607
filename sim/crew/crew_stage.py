"""The stage of a crew: its room and seats wired together, and its figures."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

from plandrift.sim.companions.sharing import Sharing
from plandrift.sim.crew.dealer import Dealer, Goals
from plandrift.sim.crew.environment import CrewEnvironment
from plandrift.sim.crew.room import Room
from plandrift.sim.crew.seat import Seat, SeatTrace
from plandrift.sim.crew.shared_truth import PrivateCopy, SharedTruth
from plandrift.sim.crew.streams import SeatStreams
from plandrift.sim.crew.together import measured_of
from plandrift.sim.engine.agent_state import silence_of
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.engine.stage import Stage
from plandrift.sim.interfaces.world import Scene
from plandrift.sim.measure.crew_figures import CrewFigures
from plandrift.sim.measure.metrics import Metrics, taken_from
from plandrift.sim.settings.crew import CrewSettings
from plandrift.sim.terms.clock import WORLD, Alarm
from plandrift.sim.trace.crew_events import CrewBegan
from plandrift.sim.trace.events import Ended, Started

WHOLE = -1
"""The agent of the last event, which is about the whole crew."""


class CrewStage(Stage):
    """The world and the agents of one crew's episode.

    Attributes:
        room: what the agents share.
    """

    def __init__(
        self,
        setup: Setup,
        owns: Sequence[AgentSetup],
        settings: CrewSettings,
        horizon: float,
        by_task: bool,
    ) -> None:
        self.setup, self.horizon = setup, horizon
        self.ended: str | None = None
        self.events = 0
        truth, sharing = setup.truth, Sharing.of(setup.scene)
        assert isinstance(truth, SharedTruth)
        dealer = Dealer(sharing, settings.agents, settings.share, by_task)
        self.room = Room(setup.clock, settings, owns[0].agent, setup.random.seed, truth, dealer, setup.trace)
        environment = CrewEnvironment(setup, self.room)
        if setup.trace is not None:
            word = settings.coordination
            private, goals = self.room.coordination.private, dict(setup.scene.goals)
            setup.trace.add(CrewBegan(0.0, settings.agents, word, private, goals))
        for own in owns:
            self.room.seats.append(self._seat(own, sharing, environment))

    def begin(self) -> None:
        """Schedule the end at the horizon."""
        Alarm(self.setup.clock, lambda _: self.end("horizon"), WORLD).set(self.horizon)

    def end(self, how: str) -> None:
        """End the episode: all agents have left, or the horizon has been reached."""
        if self.ended is not None:
            return
        self.ended = how
        for seat in self.room.seats:
            if seat.ended is None:
                seat.ended = how
                seat.stop()
        self.room.coordination.ended()

    def crew_metrics(self, alone: float) -> tuple[Metrics, list[Metrics]]:
        """Return the figures of the crew and of each agent, and add the last events to the trace.

        Args:
            alone: right tasks per time of one agent alone on the same seed; NaN if that is not known.
        """
        tally = self.room.tally
        apart = [
            self._figures(
                [one], tally.of(one.number), one.tracked.taken, one.ended, one.state.reason, one.number
            )
            for one in self.room.seats
        ]
        goals = self.setup.scene.goals
        return self._figures(self.room.seats, tally.total(alone), goals, self.ended), apart

    def _figures(
        self,
        seats: Sequence[Seat],
        figures: CrewFigures,
        goals: Goals,
        end: str | None,
        reason: str = "",
        number: int = WHOLE,
    ) -> Metrics:
        """Return the figures of some agents, and add their last event to the trace."""
        setup, now = self.setup, self.setup.clock.now
        values = self.room.truth.values
        lengths = [seat.planner.length_ratio for seat in seats]
        known = [length for length in lengths if length == length]
        measured = measured_of(
            [seat.tracked for seat in seats],
            goals,
            self.room.truth,
            figures,
            thinking=sum([seat.state.counts.thinking for seat in seats]),
            expansions=sum([seat.state.counts.expansions for seat in seats]),
            plan_ratio=sum(known) / len(known) if known else float("nan"),
            end=str(end),
            duration=now,
            score=setup.scene.score(values),
            still=setup.planning.still(values),
        )
        if setup.trace is not None:
            setup.trace.add(
                Ended(
                    now,
                    measured.end,
                    reason,
                    measured.unmet,
                    len(goals),
                    measured.score,
                    measured.thinking,
                    measured.expansions,
                    measured.plan_ratio,
                    measured.opportunity,
                    measured.still,
                    figures.alone,
                    agent=number,
                )
            )
        return taken_from(measured)

    def _start(self) -> None:
        for seat in self.room.seats:
            self.setup.clock.process(seat.executor.run())

    def _left(self) -> None:
        seats = self.room.seats
        if all(seat.ended is not None for seat in seats):
            self.end("gave-up" if any(seat.ended == "gave-up" for seat in seats) else "done")

    def _seat(self, own: AgentSetup, sharing: Sharing, environment: CrewEnvironment) -> Seat:
        """Return an agent that sees the scene with its own goals, and plans for those."""
        setup, room = self.setup, self.room
        trace = None if setup.trace is None else SeatTrace(setup.trace, own.number)
        truth = PrivateCopy(room.truth) if room.coordination.private else room.truth
        random = SeatStreams(room.seed, own.number)
        spread = room.settings.spread
        late = spread * random["crew.spread"].random() if spread else 0.0
        view = share_of(setup.scene, sharing)
        mine = replace(setup, scene=view, truth=truth, random=random, trace=trace)
        if trace is not None:
            first = dict(view.first)
            seen = own.channel.visible(first)
            silence = silence_of(own, view)
            trace.add(Started(0.0, own.policy.name, room.seed, first, {}, silence, seen))
        return Seat(room, mine, own, environment, late, self._left)


def share_of(scene: Scene, sharing: Sharing) -> Scene:
    """Return the scene as one agent sees it: its goals are those of its task, and it plans for them."""
    view = copy.copy(scene)
    view.goals = {}

    def plan(belief: Goals) -> object:
        return sharing.plan(belief, view.goals)

    vars(view)["plan"] = plan
    return view
