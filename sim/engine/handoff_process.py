"""The running hand-off: which parts of a plan reach the executor, and how it fills in the rest."""

from __future__ import annotations

from plandrift.sim.interfaces.world import Scene
from plandrift.sim.settings.agent import Agent, Handoff
from plandrift.sim.terms.calls import Call, Value
from plandrift.sim.terms.fluents import Reading
from plandrift.sim.terms.plan import Plan
from plandrift.sim.terms.streams import Streams


class HandoffProcess:
    """Decides which parts of a plan come through, and keeps what the executor knows by itself.

    An executor that is handed summaries hears nothing from the channel. It knows the first value of each
    fluent and the reported writes of its own calls, and fills in lost arguments from those.
    """

    __slots__ = ("_fidelity", "_known", "_random", "_scene", "summary")

    def __init__(self, scene: Scene, agent: Agent, handoff: Handoff, random: Streams) -> None:
        self._scene, self._random = scene, random
        self._fidelity = handoff.fidelity
        self.summary = handoff.mode == "summary" and agent.minds == 2
        self._known: dict[str, Value] = dict(scene.first) if self.summary else {}

    def hand_over(self, plan: Plan) -> tuple[list[Call], bool]:
        """Return the call of each step as it comes through, and whether the assumptions come with them."""
        calls = [step.call for step in plan.steps]
        if not self.summary:
            return calls, True
        random, kept = self._random["handoff"], self._fidelity
        made = []
        for call in calls:
            sources = self._scene.sources(call)
            lost = {
                name: self._known[sources[name]]
                for name, _ in call.args
                if name in sources and random.random() >= kept
            }
            made.append(call.but(**lost))
        return made, False

    def learn(self, readings: tuple[Reading, ...]) -> None:
        """Note what one of the executor's calls was reported to have written."""
        if self.summary:
            self._known.update((r.fluent, r.value) for r in readings)
