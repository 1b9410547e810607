"""The scene of a PDDL problem: who else acts, what actions do, and how the agent plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from plandrift.sim import (
    EVENT,
    Call,
    Change,
    Effect,
    Scene,
    Streams,
    Value,
)
from plandrift.sim.terms.effects import Nature
from plandrift.worlds.pddl.description import PddlDescription
from plandrift.worlds.pddl.fast_downward import planned
from plandrift.worlds.pddl.grounded_problem import GroundedProblem
from plandrift.worlds.pddl.others import BLOCK, ExogenousAction
from plandrift.worlds.pddl.planning import PLANS_KEPT, PddlPlanning
from plandrift.worlds.pddl.search import Found
from plandrift.worlds.pddl.task import Action, Kernel

if TYPE_CHECKING:
    from plandrift.worlds.pddl.world import Pddl

BUILT_IN, FAST_DOWNWARD, AUTO = "built-in", "fast-downward", "auto"
"""The values of `world.planner`."""


class PddlScene(Scene):
    """One episode of `Pddl`: each fluent is a fact, true or false."""

    companions = (PddlDescription, PddlPlanning)
    reacts = True

    def __init__(self, world: Pddl, grounded: GroundedProblem, random: Streams, watched: bool) -> None:
        # Loaded with Pydantic, which the other worlds do not need.
        from plandrift.worlds.pddl.overlay_rules import Duration

        self.world, self.grounded, self._random = world, grounded, random
        self.task = task = grounded.task
        self.others = grounded.others[world.others]
        self._actions, self._ordinary = grounded.overlay.actions, Duration()
        self.first: dict[str, Value] = {f: bool(task.init & bit) for f, bit in task.places.items()}
        self.goals: dict[str, Value] = task.values(task.goal.needs, task.goal.forbids)
        self.watched = watched
        # For each goal, the relaxed plans with which a search has exhausted its budget.
        self.came_to = Found(None, 0)
        self._given_up: dict[Kernel, set[frozenset[int] | None]] = {}
        # The last plan, and the states through which it leads.
        self._course: tuple[Action, ...] | None = None
        self._passes: dict[int, int] = {}

    def changes(self) -> Iterator[Change]:
        """Yield the actions of others or, with an overlay, its events, independently for each binding."""
        random = self._random["exogenous"]
        if not self.world.volatility:
            return
        yield from (self._events(random) if self.task.events else self._others(random))

    def _others(self, random: np.random.Generator) -> Iterator[Change]:
        rate = self.world.volatility * self.others.pace.actions
        events = self.others.events(random)
        now = 0.0
        while True:
            times = now + np.cumsum(random.standard_exponential(BLOCK)) / rate
            for time in times.tolist():
                yield time, EVENT, next(events)
            now = float(times[-1])

    def _events(self, random: np.random.Generator) -> Iterator[Change]:
        overlay, waiting, samplers = self.grounded.overlay, [], {}
        for i, action in enumerate(self.task.events):
            event = overlay.events[action.call.action]
            rate = event.rate_of(tuple(str(v) for _, v in action.call.args)) * self.world.volatility
            if rate > 0:
                samplers[i] = (event.times().sampler(lambda: random), rate)
                waiting.append((samplers[i][0]() / rate, i))
        heapify(waiting)
        while waiting:
            time, i = heappop(waiting)
            yield time, EVENT, i
            draw, rate = samplers[i]
            heappush(waiting, (time + draw() / rate, i))

    def happen(self, event: Value, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """Return the effects of the action that is carried out, if one applies."""
        state = self.task.state(values)
        action = self._happening(event, state)
        return {} if action is None else self.task.moved(state, self.task.after(action, state))

    def _happening(self, event: Value, state: int) -> Action | None:
        if isinstance(event, int):
            action = self.task.events[event]
            return action if action.applies(state) else None
        assert isinstance(event, ExogenousAction)
        return self.others.act(event, state)

    def announced(self, event: Value) -> bool:
        """Return whether the overlay lets the agent see the event."""
        if not isinstance(event, int):
            return True
        return self.grounded.overlay.events[self.task.events[event].call.action].seen

    def requires(self, call: Call) -> Mapping[str, Value]:
        """Return the action's conditions; a non-existent action gets a condition that never holds."""
        action = self.task.by_call.get(call)
        if action is None:
            return {next(iter(self.first)): f"never for {call.action}"}
        return self.task.values(action.needs, action.forbids)

    def effects(self, call: Call) -> Mapping[str, Value]:
        """Return the action's effects."""
        action = self.task.by_call.get(call)
        return {} if action is None else self.task.values(action.adds, action.deletes)

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:
        """Return what the overlay says about the action; ``rejected`` if it says nothing."""
        return self._actions.get(call.action, self._ordinary).violated

    def answer(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """As usual, but an action may take longer than a step."""
        answer = self._answered(call, values) if self.task.contextual else super().answer(call, values)
        more = max(0.0, self._actions.get(call.action, self._ordinary).duration - 1.0)
        return answer._replace(extra=more) if more else answer

    def _answered(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """Return what an action does in this state, including conditional effects and derived facts."""
        action = self.task.by_call.get(call)
        if action is None:
            return super().answer(call, values)
        state = self.task.state(values)
        after = self.task.after(action, state)
        violated = tuple(f for f, value in self.requires(call).items() if values[f] != value)
        if after == state:
            return Effect("repeat", {}, violated)
        if violated:
            return Effect(self.nature(call, violated), {}, violated)
        return Effect("effective", dict(self.effects(call)) | self.task.moved(state, after))

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """Plan with the built-in search, with Fast Downward, or with one after the other."""
        state = self.task.state(belief)
        found = self.came_to = self.chosen(state)
        self._keep(state, found)
        return found.calls

    def chosen(self, state: int) -> Found:
        """Return what the search finds, or the rest of the last plan if that is not longer.

        Otherwise a new search from a state in the middle of a plan could lead back, and here again, forever.
        """
        found = self.found(state, self.task.goal)
        place = self._passes.get(state)
        if place is None or self._course is None:
            return found
        rest = self._course[place:]
        return found if found.actions and len(found.actions) < len(rest) else Found(rest, found.expansions)

    def _keep(self, state: int, found: Found) -> None:
        """Remember the states through which the plan leads, and its position in each."""
        self._course, self._passes = found.actions, {}
        for place, action in enumerate(found.actions or ()):
            self._passes[state] = place
            state = self.task.after(action, state)

    def found(self, state: int, goal: Kernel, budget: int | None = None) -> Found:
        """Search as the world's planner does or, with a budget of its own, by the built-in search alone."""
        planner = self.world.planner if budget is None else BUILT_IN
        whole = budget is None and planner == BUILT_IN
        budget = self.world.states(self.task) if budget is None else budget
        plans, key = self.grounded.plans, (planner, state, goal, budget)
        found = plans.get(key)
        if found is not None and not found.spent:
            return found
        if whole:
            # A search that found nothing is not repeated until its relaxed plan is a different one.
            sketch = self.grounded.search.relaxed_plan(state, goal)
            given_up = self._given_up.setdefault(goal, set())
            if sketch in given_up:
                return Found(None, 0, spent=True)
        if found is None:
            if len(plans) >= PLANS_KEPT:
                plans.clear()
            # With no budget at all, the search only sees whether there is anything to search for.
            found = self.grounded.search.plan(state, goal, 0 if planner == FAST_DOWNWARD else budget)
            if found.spent and planner != BUILT_IN:
                behind = planned(self.task, state, goal, self.world.planner_limit)
                found = Found(behind.actions, found.expansions + behind.expansions)
            plans[key] = found
        if whole and found.spent:
            given_up.add(sketch)
        return found

    def confusable(self, call: Call) -> Sequence[Call]:
        """Return the same action with one different argument, as far as such ground actions exist."""
        mine = call.args
        return [
            other
            for other in self.task.by_call
            if other.action == call.action and sum(a != b for a, b in zip(mine, other.args, strict=True)) == 1
        ]
