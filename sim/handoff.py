"""The hand-off at work: what of a plan reaches the executor, and how it fills in the rest."""

from __future__ import annotations

from sim.agent import Agent, Handoff
from sim.calls import Call, Value
from sim.fluents import Reading
from sim.plan import Plan
from sim.streams import Streams
from sim.world import Scene


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
