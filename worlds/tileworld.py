"""Tileworld: holes with scores open and close on a grid, and the agent walks from one to the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import ClassVar

import numpy as np

from plandrift.sim import (
    EVENT,
    Argument,
    Call,
    CallForm,
    Change,
    Description,
    Effect,
    Introduction,
    Landscape,
    Mark,
    Planning,
    Scene,
    SettingError,
    Streams,
    Value,
    World,
    setting,
)

Cell = tuple[int, int]
"""A cell of the grid: column and row."""

AGENT, SCORE, APPEARED = "agent", "score", "appeared"
"""The fluents besides the holes: the agent's cell, the score reached, and the score that appeared."""

VANISH = "vanish"
BLOCK = 64
"""How many holes are drawn at once."""


@dataclass(frozen=True)
class Tileworld(World):
    """Holes worth a score open and close on a grid; the agent walks to the one worth most per step.

    This is Pollack and Ringuette's world (1990) as simplified by Kinny and Georgeff (1991): holes only, no
    tiles, four directions, fixed obstacles. The volatility is γ, the ratio of the world's clock to the
    agent's: a step takes one tick of the agent's clock, during which the world's clock makes γ ticks. The
    paper's planning time p is `agent.thinking_time`. There are no goals: an episode runs to its horizon, and
    `effectiveness` is the paper's ε, the score reached divided by the score that appeared.

    The plan is the way to the hole with the highest score per step:

    >>> scene = Tileworld().begin(Streams(7), horizon=60.0)
    >>> for call in scene.plan(scene.first)[:2]:
    ...     print(call)
    move(start=(2, 18), end=(1, 18))
    move(start=(1, 18), end=(1, 17))
    """

    alone: ClassVar[str] = "its holes are worth scores, and there are no goals to share"

    volatility: float = setting(
        10.0, "γ: ticks of the world's clock per tick of the agent's", unit="ticks/time", low=0
    )
    size: int = setting(20, "columns and rows of the grid", unit="cells", low=2, high=100)
    obstacles: float = setting(0.1, "share of the cells that cannot be entered", low=0, high=0.5)
    gestation_least: int = setting(60, "least time between holes", unit="world ticks", low=1, high=1_000_000)
    gestation_most: int = setting(240, "most time between holes", unit="world ticks", low=1, high=1_000_000)
    life_least: int = setting(
        240, "least time that a hole stays open", unit="world ticks", low=1, high=1_000_000
    )
    life_most: int = setting(
        960, "most time that a hole stays open", unit="world ticks", low=1, high=1_000_000
    )
    score_least: int = setting(1, "least score of a hole", unit="points", low=1, high=1000)
    score_most: int = setting(10, "greatest score of a hole", unit="points", low=1, high=1000)

    def expected_changes(self, fluents: int, time: float) -> float:
        """Return the expected changes: per gestation one hole opens and closes, with two changes each."""
        return self.volatility * time * 4 / ((self.gestation_least + self.gestation_most) / 2)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("gestation", "life", "score"):
            least, most = getattr(self, f"{name}_least"), getattr(self, f"{name}_most")
            if least > most:
                raise SettingError(
                    name=f"{name}_least",
                    problem=f"= {least}",
                    fix=f"give at most {most}, or raise {name}_most",
                )

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return a scene with random obstacles, agent position and holes."""
        return Grid(self, random)


@dataclass(frozen=True)
class Hole:
    """A hole, with its times on the world's clock.

    Attributes:
        opens: when it opens, in world ticks from the start; negative if it is open at the start.
        closes: when it vanishes, unless the agent has filled it.
        fluent: the hole fluent that represents it.
        cell: its cell.
        score: its score.
    """

    opens: int
    closes: int
    fluent: str
    cell: Cell
    score: int


class TileworldDescription(Description):
    """The description of `Tileworld`."""

    scene: Grid

    def introduction(self) -> Introduction:
        """Return what an agent is told."""
        start = Argument("start", "the cell where you are, as [column, row]", "list")
        end = Argument("end", "the cell beside it to step to, as [column, row]", "list")
        hole = Argument("hole", "the number N of the hole hole-N in that cell", "integer")
        score = Argument("score", "what the hole is worth as far as you know", "integer")
        size = self.scene.world.size
        blocked = [
            _shown((x, y)) for y in range(size) for x in range(size) if (x, y) not in self.scene.beside
        ]
        return Introduction(
            f"You walk on a grid of {size} columns and {size} rows, one cell at a time, in four directions. "
            "Holes worth a score open and close by themselves; step into one to fill it and get its score. "
            "Score as much as you can until the end; the task is never finished. What you know about a hole "
            "may be out of date when you get there: if it is gone, the step is reported as a success but "
            "scores nothing. A step from a cell where you are not, or to one that is not next to it, is "
            "rejected with an error. These cells (column,row) "
            f"cannot be entered: {'; '.join(blocked) or 'none'}.",
            (
                CallForm("move", "Step to a cell beside yours.", (start, end)),
                CallForm("fill", "Step into a hole beside you.", (start, end, hole, score)),
            ),
            {
                AGENT: "the cell where you are, as [column, row]",
                "hole-*": "an open hole as [[column, row], score], or null",
                SCORE: "the score that you have reached",
                APPEARED: "the score of all holes that have opened so far",
            },
        )

    def landscape(self) -> Landscape:
        """Draw a grid with walls, holes with their scores, and the agent."""
        size = range(-1, self.scene.world.size + 1)
        walls = tuple(Mark(x, y, "wall") for y in size for x in size if (x, y) not in self.scene.beside)
        return Landscape(walls, self._drawn, _walked)

    def _drawn(self, fluent: str, value: Value) -> Mark | None:
        """Draw the agent, or a hole with its score."""
        if fluent == AGENT:
            x, y = value
            return Mark(x, y, "agent")
        if fluent not in self.scene.fluents or value is None:
            return None
        (x, y), score = value
        return Mark(x, y, "thing", str(score))

    def change(self, fluent: str, before: Value, after: Value) -> str:
        """A hole opens or closes."""
        if fluent == APPEARED:
            return f"that makes {after} points that have appeared so far"
        if after is None:
            return f"the hole at {_shown(before[0])}, worth {before[1]}, closed"
        return f"a hole worth {after[1]} opened at {_shown(after[0])}"

    def call(self, call: Call) -> str:
        """Describe the agent's call in words."""
        if call.action == "fill":
            return f"steps to {_shown(call.arg('end'))} to fill the hole worth {call.arg('score')}"
        return f"steps from {_shown(call.arg('start'))} to {_shown(call.arg('end'))}"


class TileworldPlanning(Planning):
    """The `Planning` companion of `Tileworld`."""

    scene: Grid

    def offers_better(self, news: Sequence[str], belief: Mapping[str, Value], steps_left: int) -> bool:
        """Return whether a new hole is nearer than the target of the plan in hand."""
        place = belief[AGENT]
        for fluent in news:
            hole = belief[fluent] if fluent in self.scene.fluents else None
            if hole is not None and self.scene.distances(hole[0])[place] < steps_left:
                return True
        return False


class Grid(Scene):
    """One episode of `Tileworld`.

    There are enough hole fluents for all the holes that can be open at once. Each holds a hole's cell and
    score, or None; the next hole to open takes the first free fluent.
    """

    companions = (TileworldDescription, TileworldPlanning)

    def __init__(self, world: Tileworld, random: Streams) -> None:
        self.world, self._random = world, random
        draw = random["world"]
        self.beside = _open_ground(world, draw)
        self._cells = list(self.beside)
        most = -(-world.life_most // world.gestation_least)
        self.fluents = [f"hole-{i}" for i in range(min(most, len(self._cells)))]
        self._away: dict[Cell, dict[Cell, int]] = {}
        self._coming = self._holes()
        self._open, self._next = self._at_start()
        self.first: dict[str, Value] = {AGENT: self._cells[int(draw.integers(len(self._cells)))]}
        self.first |= dict.fromkeys(self.fluents)
        self.first |= {hole.fluent: (hole.cell, hole.score) for hole in self._open}
        self.first |= {SCORE: 0, APPEARED: sum(hole.score for hole in self._open)}
        self.goals: dict[str, Value] = {}

    def _holes(self) -> Iterator[Hole]:
        """Yield every hole that ever opens, in order of time, independently of the agent.

        The world's clock starts one maximal hole lifetime early, so that at the start as many holes are open
        as at any other time.
        """
        world, random = self.world, self._random["exogenous"]
        now = -world.life_most
        taken: dict[Cell, int] = {}
        busy: dict[str, int] = dict.fromkeys(self.fluents, now)
        while True:
            gestations = random.integers(world.gestation_least, world.gestation_most + 1, BLOCK).tolist()
            lives = random.integers(world.life_least, world.life_most + 1, BLOCK).tolist()
            scores = random.integers(world.score_least, world.score_most + 1, BLOCK).tolist()
            places = random.integers(len(self._cells), size=BLOCK).tolist()
            for gestation, life, score, place in zip(gestations, lives, scores, places, strict=True):
                now += gestation
                fluent = next((f for f, until in busy.items() if until <= now), None)
                cells = (*self._cells[place:], *self._cells[:place])
                cell = next((c for c in cells if taken.get(c, now) <= now), None)
                if fluent is not None and cell is not None:
                    taken[cell] = busy[fluent] = now + life
                    yield Hole(now, now + life, fluent, cell, score)

    def _at_start(self) -> tuple[list[Hole], Hole]:
        """Return the holes that are open at the start, and the first to open after it."""
        standing: list[Hole] = []
        for hole in self._coming:
            if hole.opens > 0:
                return standing, hole
            if hole.closes > 0:
                standing.append(hole)
        raise AssertionError("holes never end")

    def changes(self) -> Iterator[Change]:
        """Yield the changes: holes open and, unless filled, close; the score that appeared adds up."""
        rate, appeared = self.world.volatility, self.first[APPEARED]
        if not rate:
            return
        closing: list[tuple[int, str]] = []
        for hole in self._open:
            heappush(closing, (hole.closes, hole.fluent))
        hole = self._next
        while True:
            while closing and closing[0][0] <= hole.opens:
                time, fluent = heappop(closing)
                yield time / rate, EVENT, (VANISH, fluent)
            appeared += hole.score
            found = (hole.fluent, (hole.cell, hole.score))
            yield hole.opens / rate, EVENT, (found, (APPEARED, appeared))
            heappush(closing, (hole.closes, hole.fluent))
            hole = next(self._coming)

    def happen(self, event: Value, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """A hole closes only if the agent has not filled it."""
        if event[0] == VANISH:
            return {} if values[event[1]] is None else {event[1]: None}
        return dict(event)

    def requires(self, call: Call) -> Mapping[str, Value]:
        """Return the agent's cell before the step and, for the last step, the hole it was planned for."""
        (_, start), (_, end), *target = call.args
        if end != start and end not in self.beside[start]:
            # No step leads there from any cell.
            return {AGENT: None}
        if not target:
            return {AGENT: start}
        (_, number), (_, score) = target
        return {AGENT: start, self.fluents[number]: (end, score)}

    def effects(self, call: Call) -> Mapping[str, Value]:
        """Return the agent's next cell and, for the last step, that the hole is filled."""
        (_, _), (_, end), *target = call.args
        return {AGENT: end} if not target else {AGENT: end, self.fluents[target[0][1]]: None}

    def answer(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """Fill any hole that the agent steps into; if the target is gone, the agent still takes the step."""
        start, end = call.args[0][1], call.args[1][1]
        if values[AGENT] != start or not (end == start or end in self.beside[start]):
            return super().answer(call, values)
        for fluent in self.fluents:
            hole = values[fluent]
            if hole is not None and hole[0] == end:
                return Effect("effective", {AGENT: end, fluent: None, SCORE: values[SCORE] + hole[1]})
        gone = tuple(fluent for fluent in self.requires(call) if fluent != AGENT)
        return Effect("void" if gone else "effective", {AGENT: end}, gone)

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call]:
        """Return the shortest way to the hole with the highest score per step; empty if there is no hole."""
        place = belief[AGENT]
        best, target, number, worth = 0.0, None, 0, 0
        for i, fluent in enumerate(self.fluents):
            hole = belief[fluent]
            if hole is not None:
                cell, score = hole
                merit = score / max(self.distances(cell)[place], 1)
                if merit > best:
                    best, target, number, worth = merit, cell, i, score
        if target is None:
            return ()
        away = self.distances(target)
        calls = []
        while away[place] > 1:
            further = next(cell for cell in self.beside[place] if away[cell] < away[place])
            calls.append(Call("move", (("start", place), ("end", further))))
            place = further
        calls.append(Call("fill", (("start", place), ("end", target), ("hole", number), ("score", worth))))
        return calls

    def distances(self, target: Cell) -> dict[Cell, int]:
        """Return the distance in steps of each cell from this one."""
        away = self._away.get(target)
        if away is None:
            away = self._away[target] = _distances(self.beside, target)
        return away

    def confusable(self, call: Call) -> Sequence[Call]:
        """A step in another direction."""
        start, end = call.arg("start"), call.arg("end")
        return [Call("move", (("start", start), ("end", cell))) for cell in self.beside[start] if cell != end]

    def sources(self, call: Call) -> Mapping[str, str]:
        """A step begins where the agent is."""
        return {"start": AGENT}

    def score(self, values: Mapping[str, Value]) -> tuple[float, float]:
        """The score reached, and the score that appeared."""
        return float(values[SCORE]), float(values[APPEARED])


def _open_ground(world: Tileworld, draw: np.random.Generator) -> dict[Cell, list[Cell]]:
    """Return the largest connected region of free cells, each cell with its neighbours.

    Free cells outside this region count as obstacles.
    """
    size = world.size
    cells = [(x, y) for y in range(size) for x in range(size)]
    blocked = {cells[i] for i in draw.permutation(len(cells))[: int(world.obstacles * len(cells))].tolist()}
    beside = {
        (x, y): [
            cell
            for cell in ((x + 1, y), (x, y + 1), (x - 1, y), (x, y - 1))
            if 0 <= cell[0] < size and 0 <= cell[1] < size and cell not in blocked
        ]
        for x, y in cells
        if (x, y) not in blocked
    }
    ground: dict[Cell, int] = {}
    seen: dict[Cell, int] = {}
    for cell in beside:
        if cell not in seen:
            stretch = _distances(beside, cell)
            seen |= stretch
            ground = max(ground, stretch, key=len)
    return {cell: near for cell, near in beside.items() if cell in ground}


def _distances(beside: Mapping[Cell, Sequence[Cell]], start: Cell) -> dict[Cell, int]:
    """Return the distance in steps of each reachable cell, in order of distance."""
    away = {start: 0}
    waiting = deque([start])
    while waiting:
        cell = waiting.popleft()
        for near in beside[cell]:
            if near not in away:
                away[near] = away[cell] + 1
                waiting.append(near)
    return away


def _walked(call: Call) -> Mark:
    """Draw a step on the grid as a line."""
    x, y = call.arg("start")
    return Mark(x, y, "way", to=call.arg("end"))


def _shown(cell: Cell) -> str:
    """Format a cell for people, as column and row."""
    return f"{cell[0]},{cell[1]}"
