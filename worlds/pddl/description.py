"""The description of a PDDL problem: its facts and actions in words, and how fast others change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plandrift.sim import Argument, Call, CallForm, Description, Introduction, Metrics, Value
from plandrift.worlds.pddl.task import Action
from plandrift.worlds.pddl.wording import in_words

if TYPE_CHECKING:
    from plandrift.worlds.pddl.scene import PddlScene

MOVING = "--set world.others=undoing"
"""The setting that keeps a world changing in which actions cannot be reversed."""


class PddlDescription(Description):
    """The description of `Pddl`."""

    scene: PddlScene

    def introduction(self) -> Introduction:
        """Return what an agent is told: the actions, the objects that each can take, and what they need."""
        options: dict[str, dict[str, dict[Value, None]]] = {}
        shown: dict[str, Action] = {}
        for call, ground_action in self.scene.task.by_call.items():
            # If an action takes different objects, its conditions say which of them they are about.
            if call.action not in shown or len({v for _, v in call.args}) == len(call.args):
                shown.setdefault(call.action, ground_action)
            taken = options.setdefault(call.action, {})
            for name, value in call.args:
                taken.setdefault(name, {})[value] = None
        forms = tuple(
            CallForm(
                action,
                self._explained(shown[action]),
                tuple(
                    Argument(name, f"an object for {name}", "string", tuple(values))
                    for name, values in taken.items()
                ),
            )
            for action, taken in options.items()
        )
        goals = "; ".join(
            f"{fact} must be {str(bool(value)).lower()}" for fact, value in self.scene.goals.items()
        )
        return Introduction(
            f"Reach this with the actions that you have: {goals}. Meanwhile things change without you, so "
            "what you know may be out of date when your action is carried out. An action whose conditions "
            "do not hold then is usually rejected with an error.",
            forms,
            {"*": "a fact, true or false"},
        )

    def _explained(self, action: Action) -> str:
        """Return what an action needs and does, with the names of its arguments."""
        names = {str(value): name for name, value in action.call.args}

        def listed(facts: Mapping[str, Value]) -> str:
            words = []
            for fact, value in facts.items():
                name, _, rest = fact.partition("(")
                terms = [names.get(term, term) for term in rest.rstrip(")").split(", ") if term]
                words.append(f"{'' if value else 'not '}{name}({', '.join(terms)})")
            return ", ".join(words) or "nothing"

        needs = listed(self.scene.task.values(action.needs, action.forbids))
        return f"Needs {needs}; brings about {listed(self.scene.task.values(action.adds, action.deletes))}."

    def change(self, fluent: str, before: Value, after: Value) -> str:
        """Describe a fact that becomes true or false."""
        return in_words(fluent, bool(after))

    def call(self, call: Call) -> str:
        """Describe an action."""
        return f"does {call.action} with {', '.join(str(value) for _, value in call.args) or 'nothing'}"

    def remark(self, metrics: Metrics) -> str:
        """Return the actual volatility against the requested one, and whether everything stands still."""
        asked = self.scene.world.volatility
        if not asked or self.scene.task.events:
            return ""
        pace = self.scene.others.pace
        fluents, duration = pace.facts, metrics.duration
        changes = round(metrics.exogenous_changes * pace.share)
        delivered = changes / (fluents * duration) if fluents and duration else 0.0
        said = (
            f"others made {changes} changes, a volatility of {delivered:.2g} over "
            f"{fluents} changing facts, where {asked:g} was requested"
        )
        if metrics.standstill:
            return f"{said}: the world has come to a standstill, nothing applies any more: try {MOVING}"
        if pace.stops:
            return f"{said}: others come to a standstill in this problem: try {MOVING}"
        return said
