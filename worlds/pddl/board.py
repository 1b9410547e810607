"""One episode in the world of a PDDL problem: who else acts, what an action does, how the agent plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from plandrift.sim import (
    EVENT,
    Argument,
    Call,
    CallForm,
    Change,
    Effect,
    Introduction,
    Scene,
    Step,
    Streams,
    Value,
)
from plandrift.sim.terms.effects import Nature
from plandrift.worlds.pddl.book import Book
from plandrift.worlds.pddl.context import resting
from plandrift.worlds.pddl.engine import planned
from plandrift.worlds.pddl.others import BLOCK, Deed
from plandrift.worlds.pddl.search import Found, Fruitless, Planned
from plandrift.worlds.pddl.task import Action, Kernel, kernel_of
from plandrift.worlds.pddl.wording import in_words

if TYPE_CHECKING:
    from plandrift.sim.measure.metrics import Metrics
    from plandrift.worlds.pddl.world import Pddl

PLANS_KEPT = 20_000
"""Plans remembered in a process, by state and goal."""
REPAIRS = 40
"""Tails tried at most when a plan is repaired."""
TRIES = 100
"""States that the search for a way to a tail may expand: past that a shorter tail is tried."""
BUILT_IN = "built-in"
"""The name of the search that comes along."""
SPENT = "budget spent"
MOVING = "--set world.others=undoing"
"""What keeps a world moving in which nobody can go back."""
SHORTEST = 5_000
"""States by which a shortest plan is looked for, ten times so many."""


class Board(Scene):
    """One episode of `Pddl`: a fluent a fact, true or false."""

    reacts = True

    def __init__(self, world: Pddl, book: Book, random: Streams, watched: bool) -> None:
        # Loaded with Pydantic, which the other worlds do without.
        from plandrift.worlds.pddl.overlay_rules import Duration

        self._world, self._book, self._random = world, book, random
        self._task = task = book.task
        self._actions, self._ordinary = book.overlay.actions, Duration()
        self.first: dict[str, Value] = {f: bool(task.init & bit) for f, bit in task.places.items()}
        self.goals: dict[str, Value] = task.values(task.goal.needs, task.goal.forbids)
        self.watched = watched
        # What relaxed plans a search has come to the end of its budget with, goal by goal.
        self._came_to = Found(None, 0)
        self._given_up: dict[Kernel, set[frozenset[int] | None]] = {}
        # The plan last made, and the states that it is to pass.
        self._course: tuple[Action, ...] | None = None
        self._passes: dict[int, int] = {}

    def changes(self) -> Iterator[Change]:
        """Somebody acts in the domain, or the overlay's events come, each way to bind one by itself."""
        random = self._random["exogenous"]
        if not self._world.volatility:
            return
        yield from (self._events(random) if self._task.events else self._others(random))

    def _others(self, random: np.random.Generator) -> Iterator[Change]:
        how = self._world.others
        rate = self._world.volatility * self._book.pace(how).actions
        events = self._book.others[how].events(random)
        now = 0.0
        while True:
            times = now + np.cumsum(random.standard_exponential(BLOCK)) / rate
            for time in times.tolist():
                yield time, EVENT, next(events)
            now = float(times[-1])

    def _events(self, random: np.random.Generator) -> Iterator[Change]:
        overlay, waiting, samplers = self._book.overlay, [], {}
        for i, action in enumerate(self._task.events):
            event = overlay.events[action.call.action]
            rate = event.rate_of(tuple(str(v) for _, v in action.call.args)) * self._world.volatility
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
        """The effects of the action that is carried out, if one applies."""
        state = self._task.state(values)
        action = self._happening(event, state)
        return {} if action is None else self._written(action, state)

    def _happening(self, event: Value, state: int) -> Action | None:
        if isinstance(event, int):
            action = self._task.events[event]
            return action if action.applies(state) else None
        assert isinstance(event, Deed)
        return self._book.others[self._world.others].act(event, state)

    def announced(self, event: Value) -> bool:
        """Whether the overlay lets the agent see the event."""
        if not isinstance(event, int):
            return True
        return self._book.overlay.events[self._task.events[event].call.action].seen

    def _written(self, action: Action, state: int) -> Mapping[str, Value]:
        return self._task.moved(state, self._task.after(action, state))

    def requires(self, call: Call) -> Mapping[str, Value]:
        """The action's conditions; an action that there is not needs what is never so."""
        action = self._task.by_call.get(call)
        if action is None:
            return {next(iter(self.first)): f"never for {call.action}"}
        return self._task.values(action.needs, action.forbids)

    def effects(self, call: Call) -> Mapping[str, Value]:
        """The action's effects."""
        action = self._task.by_call.get(call)
        return {} if action is None else self._task.values(action.adds, action.deletes)

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:
        """What the overlay says of the action; rejected if it says nothing."""
        return self._actions.get(call.action, self._ordinary).violated

    def answer(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """As everywhere, but that an action may take longer than a step."""
        answer = self._answered(call, values) if self._task.contextual else super().answer(call, values)
        more = max(0.0, self._actions.get(call.action, self._ordinary).duration - 1.0)
        return answer._replace(extra=more) if more else answer

    def _answered(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """What an action does here: conditional effects that come, and what rules make of it."""
        action = self._task.by_call.get(call)
        if action is None:
            return super().answer(call, values)
        state = self._task.state(values)
        after = self._task.after(action, state)
        violated = tuple(f for f, value in self.requires(call).items() if values[f] != value)
        if after == state:
            return Effect("repeat", {}, violated)
        if violated:
            return Effect(self.nature(call, violated), {}, violated)
        return Effect("effective", dict(self.effects(call)) | self._task.moved(state, after))

    def still(self, values: Mapping[str, Value]) -> bool:
        """Whether no action applies, neither the agent's nor, with an overlay, one of the world's."""
        task, state = self._task, self._task.state(values)
        if self._world.others == "undoing" and self._world.volatility and not task.events:
            return self._book.others["undoing"].act(Deed(0.0), state) is None
        return not any(action.applies(state) for action in (*task.actions, *task.events))

    def remark(self, metrics: Metrics) -> str:
        """The volatility that others delivered beside what was asked for; whether all stands still."""
        asked = self._world.volatility
        if not asked or self._task.events:
            return ""
        pace = self._book.pace(self._world.others)
        fluents, duration = pace.facts, metrics.duration
        delivered = metrics.exogenous_changes / (fluents * duration) if fluents and duration else 0.0
        said = (
            f"others made {metrics.exogenous_changes} changes, a volatility of {delivered:.2g} over "
            f"{fluents} changing facts, where {asked:g} was asked for"
        )
        if metrics.standstill:
            return f"{said}: the world has come to a standstill, nothing applies any more: try {MOVING}"
        if pace.stops:
            return f"{said}: others come to a standstill in this problem: try {MOVING}"
        return said

    def steps(self, calls: Sequence[Call], belief: Mapping[str, Value]) -> Sequence[Step] | None:
        """What each step rests on and writes in this plan, where that depends on the state."""
        task = self._task
        actions = [task.by_call.get(call) for call in calls]
        known = [action for action in actions if action is not None]
        if not task.contextual or len(known) < len(actions):
            return None
        found = resting(task, task.closed(task.state(belief)), known, task.goal)
        return [
            Step(call, task.values(r.needs, r.forbids), task.values(r.adds, r.deletes))
            for call, r in zip(calls, found, strict=True)
        ]

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """Greedy best-first search with the FF heuristic, or the engine that was named."""
        if self._world.planner != BUILT_IN:
            return asked(self._world, self._book, self._task.state(belief))
        state = self._task.state(belief)
        found = self._came_to = self._chosen(state)
        self._keep(state, found)
        return _calls(found)

    def choice(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """The same, and nothing is remembered of it."""
        if self._world.planner != BUILT_IN:
            return self.plan(belief)
        return _calls(self._chosen(self._task.state(belief)))

    def _chosen(self, state: int) -> Found:
        """What the search finds, or the rest of the plan last made where that is no longer.

        From where a plan was to bring it a new search may lead back, and again here, for ever.
        """
        found = self._found(state, self._task.goal)
        place = self._passes.get(state)
        if place is None or self._course is None:
            return found
        rest = self._course[place:]
        return found if found.actions and len(found.actions) < len(rest) else Found(rest, found.expansions)

    def _keep(self, state: int, found: Found) -> None:
        """Remember which states the plan is to pass, and where in it."""
        self._course, self._passes = found.actions, {}
        for place, action in enumerate(found.actions or ()):
            self._passes[state] = place
            state = self._task.after(action, state)

    def no_plan(self, belief: Mapping[str, Value]) -> str:
        """Unsolvable, or the budget spent; with how many states were expanded."""
        if self._world.planner != BUILT_IN:
            return "unsolvable"
        found = self._came_to
        return Fruitless(SPENT if found.spent else "unsolvable", found.expansions)

    def repair(self, belief: Mapping[str, Value], rest: Sequence[Call]) -> Sequence[Call] | None:
        """Keep the longest tail of the plan whose kernel can be reached, and plan only to its start."""
        if self._task.contextual:
            return self.plan(belief)
        state = self._task.state(belief)
        actions = [self._task.by_call[call] for call in rest if call in self._task.by_call]
        expansions = 0
        for k in range(min(len(actions), REPAIRS)):
            tail = actions[k:]
            kernel = kernel_of(tail, self._task.goal)
            if kernel is None:
                continue
            found = self._found(state, kernel, min(TRIES, self._world.states(self._task)))
            expansions += found.expansions
            if found.actions is not None:
                return Planned([a.call for a in (*found.actions, *tail)], expansions)
        whole = self._came_to = self._found(state, self._task.goal)
        return None if whole.actions is None else Planned(_calls(whole) or (), expansions + whole.expansions)

    def optimum(self, belief: Mapping[str, Value]) -> int | None:
        """The length of a shortest plan, where the budget suffices to find it."""
        return _shortest(
            self._book, self._task.state(belief), 10 * min(SHORTEST, self._world.states(self._task))
        )

    def _found(self, state: int, goal: Kernel, budget: int | None = None) -> Found:
        whole = budget is None
        budget = self._world.states(self._task) if budget is None else budget
        plans, key = self._book.plans, (state, goal, budget)
        found = plans.get(key)
        if found is not None and not found.spent:
            return found
        if whole:
            # A search that came to nothing is not begun again until what it would go by is something else.
            sketch = self._book.search.relaxed_plan(state, goal)
            given_up = self._given_up.setdefault(goal, set())
            if sketch in given_up:
                return Found(None, 0, spent=True)
        if found is None:
            if len(plans) >= PLANS_KEPT:
                plans.clear()
            found = plans[key] = self._book.search.plan(state, goal, budget)
        if whole and found.spent:
            given_up.add(sketch)
        return found

    def confusable(self, call: Call) -> Sequence[Call]:
        """The same action with one argument different, where there is such a ground action."""
        mine = call.args
        return [
            other
            for other in self._task.by_call
            if other.action == call.action and sum(a != b for a, b in zip(mine, other.args, strict=True)) == 1
        ]

    def introduction(self) -> Introduction:
        """What an agent is told: the actions with the objects that each can take, and what they need."""
        options: dict[str, dict[str, dict[Value, None]]] = {}
        shown: dict[str, Action] = {}
        for call, ground_action in self._task.by_call.items():
            # One that takes different objects says which of them a condition is about.
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
        goals = "; ".join(f"{fact} is to be {str(bool(value)).lower()}" for fact, value in self.goals.items())
        return Introduction(
            f"Bring this about by the actions that you have: {goals}. Meanwhile things change without you, "
            "so what you know may be old when an action of yours is carried out. An action whose conditions "
            "do not hold then is usually rejected with an error.",
            forms,
            {"*": "a fact, true or false"},
        )

    def _explained(self, action: Action) -> str:
        """What an action needs and does, by the names of its arguments."""
        names = {str(value): name for name, value in action.call.args}

        def listed(facts: Mapping[str, Value]) -> str:
            words = []
            for fact, value in facts.items():
                name, _, rest = fact.partition("(")
                terms = [names.get(term, term) for term in rest.rstrip(")").split(", ") if term]
                words.append(f"{'' if value else 'not '}{name}({', '.join(terms)})")
            return ", ".join(words) or "nothing"

        needs = listed(self._task.values(action.needs, action.forbids))
        return f"Needs {needs}; brings about {listed(self._task.values(action.adds, action.deletes))}."

    def narrate(self, fluent: str, before: Value, after: Value) -> str:
        """A fact that comes or goes."""
        return in_words(fluent, bool(after))

    def tell(self, call: Call) -> str:
        """An action in words."""
        return f"does {call.action} with {', '.join(str(value) for _, value in call.args) or 'nothing'}"


def _calls(found: Found) -> Planned | None:
    if found.actions is None:
        return None
    return Planned([action.call for action in found.actions], found.expansions)


@lru_cache(maxsize=PLANS_KEPT)
def _shortest(book: Book, state: int, budget: int) -> int | None:
    return book.search.shortest(state, book.task.goal, budget)


def asked(world: Pddl, book: Book, state: int) -> tuple[Call, ...] | None:
    """What a named engine plans from a state; None where it finds nothing."""
    task, problem = book.task, book.lifted.problem
    still = {
        (str(atom.predicate), tuple(str(a) for a in atom.args))
        for atom in problem.init
        if hasattr(atom, "predicate")
    }
    places = {fact: bit for fact, bit in task.places.items() if not task.derived & bit}
    facts = {(name, terms) for name, terms in still if _written_as(name, terms) not in places and name != "="}
    for fact, bit in places.items():
        if state & bit:
            predicate, _, rest = fact.partition("(")
            facts.add((predicate, tuple(t for t in rest.rstrip(")").split(", ") if t)))
    return planned(
        world.planner, book.lifted, frozenset(facts), tuple(book.overlay.events), world.planner_limit
    )


def _written_as(name: str, terms: tuple[str, ...]) -> str:
    return f"{name}({', '.join(terms)})" if terms else name
