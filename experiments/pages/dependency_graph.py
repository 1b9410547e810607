"""A plan's dependency graph at one moment, as SVG: steps in a row, fluents below, stale parts marked."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from plandrift.experiments.figures.looks import FAINT, FRESH, STALE
from plandrift.experiments.pages.tokens import TOKENS
from plandrift.experiments.playback.playback import Playback
from plandrift.sim import Episode, PlandriftError

ACROSS, DOWN, WIDE, TALL = 140, 86, 116, 60
TOP, LEFT = 118, 24
LETTERS = 17
"""The longest line in a node; a longer one is shortened in its middle and shown whole on hover."""


@dataclass(frozen=True)
class Box:
    """A node as it is drawn.

    Attributes:
        x: horizontal position of its centre.
        y: vertical position of its centre.
        words: its lines of text.
        title: the text shown on hover.
        state: ``fresh``, ``stale``, ``unseen`` (stale, and the belief does not show it) or ``done``.
        fluent: whether it is a fluent rather than a step.
    """

    x: float
    y: float
    words: tuple[str, ...]
    title: str
    state: str
    fluent: bool


def graph_svg(episode: Episode, at: float, world: str) -> str:
    """Draw the dependency graph of the plan that the agent holds at a given time.

    Args:
        episode: an episode run with ``trace=True``.
        at: the time, from 0 to the episode's end.
        world: the world's name, for the title.

    Raises:
        PlandriftError: the agent held no plan with steps at that time.
    """
    playback = Playback(event for event in episode.trace if event.t <= at).to_the_end()
    if not playback.steps:
        raise PlandriftError(
            f"--at {at:g}: the agent holds no plan with steps at that time: give another time"
        )
    return _Drawing(episode, playback, at, world).svg()


class _Drawing:
    def __init__(self, episode: Episode, playback: Playback, at: float, world: str) -> None:
        assert playback.plan is not None
        self.episode, self.playback, self.at, self.world = episode, playback, at, world
        self.number, self.steps = playback.plan.plan, playback.steps
        self.goals = playback.start.goals
        self.stale, self.seen = playback.stale()
        # The value that each step needs of each fluent; the goals come after the last step.
        self.uses = [(i, f, v) for i, step in enumerate(self.steps) for f, v in step.requires.items()]
        self.uses += [(len(self.steps), f, v) for f, v in self.goals.items()]
        self.makes = [(i, f, v) for i, step in enumerate(self.steps) for f, v in step.writes.items()]
        self.boxes: dict[Any, Box] = {}
        self._place_steps()
        self._place_fluents()

    def svg(self) -> str:
        width = LEFT * 2 + ACROSS * (len(self.steps) + 1)
        height = max(box.y for box in self.boxes.values()) + TALL + 40
        left = len(self.playback.left)
        title = f"{self.world}, {self.episode.policy.name}, seed {self.episode.seed}, at {self.at:g}"
        said = f"plan {self.number}: {len(self.stale)} of {left} steps left are stale"
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" aria-label="{escape(title)}: {escape(said)}">',
            "<style>text{font:12px 'DejaVu Sans',Verdana,sans-serif}"
            ".b,.name{font-weight:bold}.value{font-size:11px}.name{font-size:10px}</style>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<text x="{LEFT}" y="32" class="b" style="font-size:20px">{escape(title)}</text>',
            f'<text x="{LEFT}" y="56">{escape(said)}; orange and dashed: stale, and how it spread; '
            "dotted: stale unknown to the agent; grey: done</text>",
        ]
        parts += self._edges()
        parts += [self._node(box) for box in self.boxes.values()]
        return "\n".join([*parts, "</svg>"]) + "\n"

    def _place_steps(self) -> None:
        for i, step in enumerate(self.steps):
            action, _, rest = str(step.call).partition("(")
            needs = ", ".join(f"{f} = {v!r}" for f, v in step.requires.items()) or "nothing"
            title = f"step {i + 1}: {step.call} needs {needs}"
            words = (f"{i + 1} {action}", rest.rstrip(")"))
            self.boxes[i] = Box(self._x(i), TOP, words, title, self._state(i), fluent=False)
        unmet = [f for f, v in self.goals.items() if self.playback.world[f] != v]
        words = ("goals", f"{len(self.goals) - len(unmet)} of {len(self.goals)} hold")
        title = "the goals: " + ", ".join(f"{f} = {v!r}" for f, v in self.goals.items())
        n = len(self.steps)
        self.boxes[n] = Box(self._x(n), TOP, words, title, "fresh" if unmet else "done", fluent=False)

    def _place_fluents(self) -> None:
        """Place each fluent below the first step that uses it, in the next free row."""
        depth: dict[int, int] = {}
        for step, fluent, _ in sorted([*self.uses, *self.makes], key=lambda use: use[0]):
            if fluent in self.boxes:
                continue
            depth[step] = depth.get(step, 0) + 1
            y = TOP + 40 + DOWN * depth[step]
            held, believed = self.playback.world[fluent], self.playback.belief[fluent]
            words: tuple[str, ...] = (fluent, f"{held!r}" + ("" if held == believed else f" ≠ {believed!r}"))
            title = f"{fluent} is {held!r}; the agent believes {believed!r}"
            state = self._fluent_state(fluent, held != believed)
            wanted = [v for s, f, v in self.uses if f == fluent and self._broken(s, f, v) and v != held]
            if wanted:
                words = (fluent, f"needs {wanted[0]}", f"is {held}")
            self.boxes[fluent] = Box(self._x(step), y, words, title, state, fluent=True)

    def _x(self, step: int) -> float:
        return LEFT + ACROSS * step + WIDE / 2

    def _state(self, step: int) -> str:
        if step not in self.playback.left:
            return "done"
        return "fresh" if step not in self.stale else "stale" if step in self.seen else "unseen"

    def _fluent_state(self, fluent: str, hidden: bool) -> str:
        broken = any(self._broken(step, f, v) for step, f, v in self.uses if f == fluent)
        return "fresh" if not broken else "unseen" if hidden else "stale"

    def _broken(self, step: int, fluent: str, value: Any) -> bool:
        """Say whether this use makes the step stale: a violated assumption, or a link from a stale step."""
        if step not in self.stale:
            return False
        maker = self._maker(step, fluent)
        if maker is not None and maker not in self.playback.landed:
            return maker in self.stale
        return bool(self.playback.world[fluent] != value)

    def _maker(self, step: int, fluent: str) -> int | None:
        earlier = [i for i, f, _ in self.makes if f == fluent and i < step]
        return earlier[-1] if earlier else None

    def _edges(self) -> list[str]:
        lines: list[str] = []
        for step, fluent, value in self.uses:
            broken = self._broken(step, fluent, value)
            lines.append(self._edge(fluent, step, broken, f"step needs {fluent} = {value!r}"))
        for step, fluent, value in self.makes:
            spreads = step in self.stale and any(
                f == fluent and self._maker(i, f) == step and i in self.stale for i, f, _ in self.uses
            )
            lines.append(self._edge(step, fluent, spreads, f"step {step + 1} writes {fluent} = {value!r}"))
        return sorted(lines, key=lambda line: STALE.dark in line)

    def _edge(self, start: Any, end: Any, stale: bool, title: str) -> str:
        up = self.boxes[start].fluent
        step, fluent = (self.boxes[end], self.boxes[start]) if up else (self.boxes[start], self.boxes[end])
        colour, dash = (STALE.dark, ' stroke-dasharray="7 4"') if stale else ("#9aa7b2", "")
        path, head = _way(step, fluent, up)
        return (
            f'<g><path d="{path}" fill="none" '
            f'stroke="{colour}" stroke-width="{3.2 if stale else 1.4}"{dash}/>'
            f'<path d="{head}" fill="{colour}"/><title>{escape(title)}</title></g>'
        )

    def _node(self, box: Box) -> str:
        colour = {"fresh": FRESH.dark, "stale": STALE.dark, "unseen": STALE.dark, "done": FAINT}[box.state]
        dash = {"stale": ' stroke-dasharray="8 4"', "unseen": ' stroke-dasharray="2 4"'}.get(box.state, "")
        fill = TOKENS[{"fresh": "soft-fresh", "done": "panel"}.get(box.state, "soft-stale")][0]
        lines = [
            w if len(w) <= LETTERS else f"{w[: LETTERS // 2 - 1]}…{w[-(LETTERS // 2) :]}" for w in box.words
        ]
        faded = ' opacity="0.55"' if box.state == "done" else ""
        rows = [
            f'<text x="{box.x:g}" y="{box.y - 10 + 16 * i:g}" text-anchor="middle" '
            f'class="{"name" if i == 0 else "value"}">{escape(line)}</text>'
            for i, line in enumerate(lines)
        ]
        left, top = box.x - WIDE / 2, box.y - TALL / 2
        return (
            f'<g{faded}><rect x="{left:g}" y="{top:g}" width="{WIDE}" height="{TALL}" '
            f'rx="{22 if box.fluent else 4}" fill="{fill}" stroke="{colour}" stroke-width="2.5"{dash}/>'
            f"{''.join(rows)}<title>{escape(box.title)}</title></g>"
        )


def _way(step: Box, fluent: Box, up: bool) -> tuple[str, str]:
    """Return the line between a step and a fluent, and its arrowhead: at the step if `up`.

    The line passes behind no node: it crosses the free band below the steps, then runs down the column.
    """
    x, y = step.x + (-16 if up else 16), step.y + TALL / 2
    highest = TOP + 40 + DOWN - TALL / 2
    if fluent.y - TALL / 2 <= highest:
        x2, y2 = fluent.x + (-16 if up else 16), fluent.y - TALL / 2
        bend = (y2 - y) / 2
        tip = f"M{x:g} {y:g} l-4 7 l8 0 z" if up else f"M{x2:g} {y2:g} l-4 -7 l8 0 z"
        return f"M{x:g} {y:g} C{x:g} {y + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2:g}", tip
    # Lines on the left are what a step needs or an earlier step writes; all others are on the right.
    side = 1 if step.x > fluent.x or (step.x == fluent.x and not up) else -1
    lane = 5 if up else 9
    gap, end = fluent.x + side * (WIDE / 2 + lane), fluent.x + side * WIDE / 2
    level, band = fluent.y + (-8 if up else 8), highest - 6
    bend = (band - y) / 2
    path = (
        f"M{x:g} {y:g} C{x:g} {y + bend:g} {gap:g} {band - bend:g} {gap:g} {band:g} "
        f"L{gap:g} {level:g} L{end:g} {level:g}"
    )
    return path, f"M{x:g} {y:g} l-4 7 l8 0 z" if up else f"M{end:g} {level:g} l{side * 7} -4 l0 8 z"
