"""The world of a PDDL problem: others act in it, or named actions happen by themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Any

import numpy as np

from sim import (
    EVENT,
    Argument,
    Call,
    CallForm,
    Change,
    Effect,
    Introduction,
    PlandriftError,
    Scene,
    SettingError,
    Streams,
    Value,
    World,
    setting,
)
from sim.errors import nearest
from sim.world import Nature
from worlds.pddl.generator import DOMAINS, domain_text, problem_text
from worlds.pddl.overlay import Overlay, overlay_path, read_overlay
from worlds.pddl.reading import Lifted, ground, planning, read
from worlds.pddl.search import Found, Planned, Search
from worlds.pddl.task import Action, Kernel, Task, kernel_of
from worlds.text_file import read_text

BLOCK = 128
"""Arrivals drawn at once."""
PLANS_KEPT = 20_000
"""Plans remembered in a process, by state and goal."""
WALK = 3000
"""Actions of others by which their pace is measured."""
REPAIRS = 40
"""Tails tried at most when a plan is repaired."""
TRIES = 100
"""States that the search for a way to a tail may expand: past that a shorter tail is tried."""
BUILT_IN = "built-in"


@dataclass(frozen=True)
class Pddl(World):
    """Any planning problem in PDDL: others act in its domain, or an overlay says what happens by itself.

    Without an overlay somebody else carries out actions of the domain, each time one that applies,
    uniformly drawn, so often that a fact changes about as often as the volatility says. With one, the
    actions that it names happen by themselves at rates in volatilities, and the agent has the rest.

    It needs unified-planning, which comes with ``plandrift[planning]``. A fluent is a fact, true or false:

    >>> scene = Pddl(domain="ferry", size=1).begin(Streams(7), horizon=60.0)
    >>> print(scene.plan(scene.first)[0])
    board(c='car1', l='landing3')
    """

    domain: str = setting("ferry", f"a PDDL file, or one of {', '.join(DOMAINS)}")
    problem: str | None = setting(None, "a PDDL file; if not given, one is drawn for a domain of plandrift's")
    overlay: str | None = setting(
        None, "a TOML file, or ferry: which actions happen by themselves, how often"
    )
    size: int = setting(3, "size of the problem that is drawn", low=1, high=5)
    number: int | None = setting(
        None,
        "which problem of that size; if not given, each seed draws its own of ten",
        low=0,
        high=1_000_000,
    )
    planner: str = setting(BUILT_IN, "built-in, or the name of an engine of unified-planning")
    budget: int = setting(5000, "states that a search may expand", unit="states", low=1, high=1_000_000)
    opportunity: float = setting(
        0.0,
        "share of the episodes in which the planner is asked at each change what it would choose",
        low=0,
        high=1,
    )

    def check(self) -> None:
        """Read the problem, and see that the engine is there."""
        book = opened(self.domain, self.problem, self.overlay, self.size, self.number or 0)
        if self.planner != BUILT_IN:
            _engine(self.planner, book, book.task.init)

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Read the problem, once a process, and ground it."""
        number = self.number
        if number is None:
            number = int(random["world"].integers(10))
        book = opened(self.domain, self.problem, self.overlay, self.size, number)
        watched = bool(self.opportunity) and float(random["opportunity"].random()) < self.opportunity
        return Board(self, book, random, watched)


@dataclass(frozen=True, eq=False)
class Book:
    """A problem as it was read, shared by the episodes of a process.

    Attributes:
        lifted: as the reader gave it.
        task: grounded.
        overlay: what happens by itself.
        search: over the task.
        plans: what was found before, by state, goal and budget.
        pace: how many actions of others it takes for each changing fact to change once.
    """

    lifted: Lifted
    task: Task
    overlay: Overlay
    search: Search
    plans: dict[tuple[int, Kernel, int], Found]
    pace: float


@lru_cache(maxsize=64)
def opened(domain: str, problem: str | None, overlay: str | None, size: int, number: int) -> Book:
    """The problem of these settings.

    Raises:
        SettingError: a file is not there, or cannot be read as what it should be.
    """
    found = read_overlay(overlay_path(overlay)) if overlay else Overlay()
    texts, places = _texts(domain, problem, found, size, number)
    lifted = read(found.added_to(texts[0]), texts[1], places)
    found.check({schema.name for schema in lifted.schemas})
    task = ground(lifted, tuple(found.events))
    if not task.actions:
        raise SettingError(f"{places[1]}: no action of the agent can ever be carried out: look at its :init")
    return Book(lifted, task, found, Search(task), {}, _pace(task))


def _pace(task: Task) -> float:
    """Measured on a walk of others alone, so that a volatility means what it means in every world."""
    random = np.random.default_rng(0)
    state, changes, changed, steps = task.init, 0, 0, 0
    for mark in random.random(WALK).tolist():
        action = task.drawn(state, mark)
        if action is None:
            break
        after = action.after(state)
        changes += (state ^ after).bit_count()
        changed |= state ^ after
        state, steps = after, steps + 1
    return changed.bit_count() * steps / changes if changes else 1.0


def _texts(
    domain: str, problem: str | None, overlay: Overlay, size: int, number: int
) -> tuple[tuple[str, str], tuple[str, str]]:
    path = overlay.domain
    if path is None and domain in DOMAINS:
        text, place = domain_text(domain), domain
    else:
        path = path or Path(domain)
        if path.suffix != ".pddl" and not os.path.lexists(path):
            raise SettingError(
                name="world.domain",
                problem=f"= {domain}",
                fix=f"give a .pddl file, or {nearest(domain, DOMAINS)}",
            )
        text, place = _text(path, "world.domain"), str(path)
    task = overlay.problem or (Path(problem) if problem else None)
    if task is not None:
        return (text, _text(task, "world.problem")), (place, str(task))
    name = Path(place).stem
    if name not in DOMAINS or text != domain_text(name):
        raise SettingError(name="world.problem", problem="is not given", fix=f"give a problem of {place}")
    return (text, problem_text(name, size, number)), (place, f"{name}-{size}-{number}")


def _text(path: Path, name: str) -> str:
    try:
        return read_text(path, f"{name} = {path}", "give a PDDL file")
    except SettingError as error:
        raise SettingError(str(error), name=name) from None


class Board(Scene):
    """One episode of `Pddl`: a fluent a fact, true or false."""

    reacts = True

    def __init__(self, world: Pddl, book: Book, random: Streams, watched: bool) -> None:
        # Loaded with Pydantic, which the other worlds do without.
        from worlds.pddl.overlay_rules import Duration

        self._world, self._book, self._random = world, book, random
        self._task = task = book.task
        self._actions, self._ordinary = book.overlay.actions, Duration()
        self.first: dict[str, Value] = {f: bool(task.init & bit) for f, bit in task.places.items()}
        self.goals: dict[str, Value] = task.values(task.goal.needs, task.goal.forbids)
        self.watched = watched

    def changes(self) -> Iterator[Change]:
        """Somebody acts in the domain, or the overlay's events come, each way to bind one by itself."""
        random = self._random["exogenous"]
        if not self._world.volatility:
            return
        yield from (self._events(random) if self._task.events else self._others(random))

    def _others(self, random: np.random.Generator) -> Iterator[Change]:
        rate = self._world.volatility * self._book.pace
        now = 0.0
        while True:
            times = now + np.cumsum(random.standard_exponential(BLOCK)) / rate
            for time, mark in zip(times.tolist(), random.random(BLOCK).tolist(), strict=True):
                yield time, EVENT, mark
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
        return self._task.drawn(state, event)

    def announced(self, event: Value) -> bool:
        """Whether the overlay lets the agent see the event."""
        if not isinstance(event, int):
            return True
        return self._book.overlay.events[self._task.events[event].call.action].seen

    def _written(self, action: Action, state: int) -> Mapping[str, Value]:
        return self._task.values(action.adds & ~state, action.deletes & state)

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
        answer = super().answer(call, values)
        more = max(0.0, self._actions.get(call.action, self._ordinary).duration - 1.0)
        return answer._replace(extra=more) if more else answer

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call] | None:
        """Greedy best-first search with the FF heuristic, or the engine that was named."""
        if self._world.planner != BUILT_IN:
            return _engine(self._world.planner, self._book, self._task.state(belief))
        found = self._found(self._task.state(belief), self._task.goal)
        return _calls(found)

    def no_plan(self, belief: Mapping[str, Value]) -> str:
        """Unsolvable, or the budget spent."""
        if self._world.planner != BUILT_IN:
            return "unsolvable"
        spent = self._found(self._task.state(belief), self._task.goal).spent
        return "budget spent" if spent else "unsolvable"

    def repair(self, belief: Mapping[str, Value], rest: Sequence[Call]) -> Sequence[Call] | None:
        """Keep the longest tail of the plan whose kernel can be reached, and plan only to its start."""
        state = self._task.state(belief)
        actions = [self._task.by_call[call] for call in rest if call in self._task.by_call]
        expansions = 0
        for k in range(min(len(actions), REPAIRS)):
            tail = actions[k:]
            kernel = kernel_of(tail, self._task.goal)
            if kernel is None:
                continue
            found = self._found(state, kernel, min(TRIES, self._world.budget))
            expansions += found.expansions
            if found.actions is not None:
                return Planned([a.call for a in (*found.actions, *tail)], expansions)
        whole = self._found(state, self._task.goal)
        return None if whole.actions is None else Planned(_calls(whole) or (), expansions + whole.expansions)

    def optimum(self, belief: Mapping[str, Value]) -> int | None:
        """The length of a shortest plan, where the budget suffices to find it."""
        return _shortest(self._book, self._task.state(belief), 10 * self._world.budget)

    def _found(self, state: int, goal: Kernel, budget: int | None = None) -> Found:
        budget = budget or self._world.budget
        plans, key = self._book.plans, (state, goal, budget)
        found = plans.get(key)
        if found is None:
            if len(plans) >= PLANS_KEPT:
                plans.clear()
            found = plans[key] = self._book.search.plan(state, goal, budget)
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
        return f"it is {'now' if after else 'no longer'} so that {fluent}"

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


@lru_cache(maxsize=PLANS_KEPT)
def _engine(name: str, book: Book, state: int) -> tuple[Call, ...] | None:
    """What an engine of unified-planning plans from a state.

    Raises:
        PlandriftError: there is no such engine, or it is not installed.
    """
    shortcuts: Any = planning("shortcuts")
    problem = book.lifted.problem.clone()
    mine = [action for action in problem.actions if action.name not in book.overlay.events]
    problem.clear_actions()
    problem.add_actions(mine)
    holding = set(book.task.named(state))
    for fluent in list(problem.explicit_initial_values):
        fact = _fact_of(fluent)
        if fact in book.task.places:
            problem.set_initial_value(fluent, fact in holding)
    for fact in holding:
        name_, _, rest = fact.partition("(")
        terms = [problem.object(t) for t in rest.rstrip(")").split(", ") if t]
        problem.set_initial_value(problem.fluent(name_)(*terms), True)
    try:
        with shortcuts.OneshotPlanner(name=name) as engine:
            solved = engine.solve(problem).plan
    except Exception as error:
        if name not in shortcuts.get_environment().factory.engines:
            raise PlandriftError(
                f"world.planner = {name}: the engine is not installed: "
                f"pip install 'unified-planning[{name}]', or use {BUILT_IN}"
            ) from None
        reason = " ".join(str(error).split())[:160]
        raise PlandriftError(f"world.planner = {name}: {reason}: use {BUILT_IN}, or another") from None
    if solved is None:
        return None
    return tuple(_call_of(step) for step in solved.actions)


def _call_of(step: Any) -> Call:
    named = zip(step.action.parameters, step.actual_parameters, strict=True)
    return Call(step.action.name, tuple((parameter.name, str(value)) for parameter, value in named))


def _fact_of(fluent: Any) -> str:
    terms = ", ".join(str(a) for a in fluent.args)
    return f"{fluent.fluent().name}({terms})" if terms else str(fluent.fluent().name)
