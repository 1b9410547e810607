"""The hand-off at work: what of a plan reaches the executor, and how it fills in the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plandrift.sim.interfaces.world import Scene
from plandrift.sim.settings.agent import Agent, Handoff
from plandrift.sim.terms.calls import Call, Value
from plandrift.sim.terms.fluents import Reading
from plandrift.sim.terms.plan import Plan
from plandrift.sim.terms.streams import Streams


@dataclass(frozen=True, slots=True)
class Brief:
    """What of a plan has come through the hand-off.

    Attributes:
        plan: as the planner made it.
        told: the call of each step as the executor was told it.
        informed: whether the executor was told what the steps assume (not in a summary).
        done: the places of the steps that the agent knows to be done already.
        in_flight: the place of the step whose call is under way, if it is one of them.
    """

    plan: Plan
    told: Sequence[Call]
    informed: bool = True
    done: tuple[int, ...] = ()
    in_flight: int | None = None


class Briefing:
    """What the executor is told, and what it knows by itself.

    The executor of a summary hears nothing from the channel. It knows the first value of each
    fluent and what its own calls were reported to have written, and fills in from that.
    """

    __slots__ = ("_fidelity", "_known", "_random", "_scene", "summary")

    def __init__(self, scene: Scene, agent: Agent, handoff: Handoff, random: Streams) -> None:
        self._scene, self._random = scene, random
        self._fidelity = handoff.fidelity
        self.summary = handoff.mode == "summary" and agent.minds == 2
        self._known: dict[str, Value] = dict(scene.first) if self.summary else {}

    def brief(self, plan: Plan) -> tuple[list[Call], bool]:
        """The call of each step as it comes through, and whether the assumptions come with it."""
        calls = [step.call for step in plan.steps]
        if not self.summary:
            return calls, True
        random, kept = self._random["handoff"], self._fidelity
        told = []
        for call in calls:
            sources = self._scene.sources(call)
            lost = {
                name: self._known[sources[name]]
                for name, _ in call.args
                if name in sources and random.random() >= kept
            }
            told.append(call.but(**lost))
        return told, False

    def learn(self, readings: tuple[Reading, ...]) -> None:
        """The executor notes what a call of its own was reported to have written."""
        if self.summary:
            self._known.update((r.fluent, r.value) for r in readings)
