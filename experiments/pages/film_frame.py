"""One frame of a film: for each episode the world, the news, the belief and the plan, and what is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.font_manager import FontProperties

from plandrift.experiments.figures.looks import FRESH, INK, LINE, NOTE, OUTCOMES, STALE, looks
from plandrift.experiments.pages.film import FilmFrame, sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS = 75
"""Dots per inch: 960 by 540 pixels, which are the coordinates of everything drawn."""
WIDE, HIGH = 960, 540
LETTERS = 18
"""The height of the smallest letters, in pixels: read from the last row of a room."""
TOP, HEADING, LINES, LINE_HIGH = 30, 30, 3, 24
"""Pixels above the lanes and for a lane's heading, and how many lines a sentence may have."""
ROW = 29
"""The least height of a row."""
NAME, WORLD, NEWS, BELIEF, TIE, PLAN, EDGE = 14, 124, 282, 372, 524, 538, 946
"""Where each column begins, and where the last one ends."""


class FramePainter:
    """Draws frames of up to two episodes, one above the other.

    Args:
        figure: an empty figure of 960 by 540 pixels.
        lanes: the episodes, as returned by `plandrift.experiments.pages.replay.replay_data`.
    """

    def __init__(self, figure: Figure, lanes: Sequence[dict[str, Any]]) -> None:
        self._axes = figure.add_axes((0, 0, 1, 1))
        self._renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        self._lanes = [_Lane(data) for data in lanes]
        self._widths: dict[tuple[str, str, float], float] = {}
        self._looks = looks([data["policy"].partition("(")[0] for data in lanes])

    def draw(self, shot: FilmFrame) -> None:
        """Draw one frame over whatever was drawn before."""
        axes = self._axes
        axes.clear()
        axes.set_xlim(0, WIDE)
        axes.set_ylim(HIGH, 0)
        axes.axis("off")
        heads = ((WORLD, "the world"), (NEWS, "news"), (BELIEF, "the belief"), (PLAN, "the plan"))
        for x, head in heads:
            self._say(x, TOP / 2, head, colour=NOTE)
        self._say(EDGE, TOP / 2, f"time {shot.time:.2f}", colour=NOTE, align="right")
        high = (HIGH - TOP) / len(self._lanes)
        for place, lane in enumerate(self._lanes):
            lane.to(shot.events[place])
            said = sentences([lane.last(shot.events[place]) for lane in self._lanes][: place + 1])[-1]
            self._lane(lane, shot, shot.held[place], said, TOP + place * high, high)

    def _lane(
        self, lane: _Lane, shot: FilmFrame, held: list[Any] | None, said: str, top: float, high: float
    ) -> None:
        look = self._looks[lane.data["policy"].partition("(")[0]]
        axes, middle = self._axes, top + HEADING / 2
        axes.plot([0, WIDE], [top, top], color=INK, linewidth=2)
        axes.plot([NAME, NAME + 44], [middle] * 2, color=look.dark, linewidth=5, linestyle=look.dash)
        self._say(NAME + 54, middle, lane.data["policy"], size=22, weight="bold")
        room = high - HEADING - LINES * LINE_HIGH
        rows = lane.rows(int(room // ROW), held)
        row_high = min(room / max(len(rows), 1), 44)
        for place, row in enumerate(rows):
            self._row(lane, shot, held, row, top + HEADING + place * row_high, row_high)
        moment = lane.last(shot.events[self._lanes.index(lane)])
        if moment is not None:
            colour = STALE.dark if moment[1] == "failed" else FRESH.dark
            weight = "bold" if held is not None else "normal"
            for line, words in enumerate(self._wrapped(said, EDGE - NAME, weight)[:LINES]):
                y = top + high - LINE_HIGH * (LINES - line - 0.5) - 2
                self._say(NAME, y, words, colour=colour, weight=weight)

    def _row(
        self, lane: _Lane, shot: FilmFrame, held: list[Any] | None, row: int, top: float, high: float
    ) -> None:
        data, middle = lane.data, top + high / 2
        steps = [i for i, step in enumerate(lane.now["plan"]) if data["steps"][step][0] == row]
        alpha = 0.35 if held is not None and held[2] not in steps else 1.0
        self._axes.plot([NAME, EDGE], [top, top], color=LINE, linewidth=1)
        name = data["rows"][row].replace("-", " ")
        self._say(NAME, middle, name, weight="bold", alpha=alpha, width=WORLD - NAME - 8)
        apart = [f for f in lane.of[row] if lane.world[f] != lane.belief[f] and f not in lane.now["own"]]
        strong = [f for f in (held[3] if held is not None else []) if f in lane.of[row]] or apart
        for x, end, values in ((WORLD, NEWS, lane.world), (BELIEF, TIE, lane.belief)):
            told = strong or lane.of[row]
            words = "  ".join(_said(data["fluents"][f][1], values[f]) for f in told)
            colour = STALE.dark if strong and values is lane.world else INK
            weight = "bold" if strong else "normal"
            self._say(x, middle, words, colour=colour, weight=weight, alpha=alpha, width=end - x - 16)
        self._news(lane, shot, held, row, middle, alpha)
        for i in steps:
            self._call(lane, shot, i, middle, alpha)
            self._step(lane, i, middle, high, alpha)

    def _news(
        self, lane: _Lane, shot: FilmFrame, held: list[Any] | None, row: int, middle: float, alpha: float
    ) -> None:
        """Draw news on its way to the belief, and a look there and back; lost news stops half-way."""
        start, end, now = NEWS, BELIEF - 12, shot.time
        for taken, arrives, about, *look in lane.data["messages"]:
            if not set(about) & set(lane.of[row]):
                continue
            if look:
                whole = held is not None and abs(arrives - now) < 1e-6
                if (look[0] <= now < arrives or whole) and look[0] < now:
                    out = min(1.0, (now - look[0]) / max(taken - look[0], 1e-9))
                    back = max(0.0, (now - taken) / max(arrives - taken, 1e-9))
                    line: dict[str, Any] = {"linewidth": 3, "alpha": alpha}
                    self._axes.plot(
                        [end, end - (end - start) * out], [middle + 3] * 2, color=INK, linestyle=":", **line
                    )
                    if back:
                        x = start + (end - start) * min(back, 1.0)
                        self._axes.plot([start, x], [middle + 9] * 2, color=FRESH.dark, **line)
                        self._axes.plot(
                            x, middle + 9, marker="o", markersize=9, color=FRESH.dark, alpha=alpha
                        )
            elif taken <= now and (arrives is None or now < arrives):
                share = 0.4 if arrives is None else (now - taken) / max(arrives - taken, 1e-9)
                x = start + (end - start) * share
                self._axes.plot([start, x], [middle - 6] * 2, color=FRESH.dark, linewidth=3, alpha=alpha)
                self._axes.plot(x, middle - 6, marker="s", markersize=10, color=FRESH.dark, alpha=alpha)

    def _call(self, lane: _Lane, shot: FilmFrame, place: int, middle: float, alpha: float) -> None:
        """Draw a call on its way to the world, and a bar where the world refuses it."""
        for step, fired, _, answered, outcome, _ in lane.data["calls"]:
            under_way = fired <= shot.time and (answered is None or shot.time < answered)
            if step == place and under_way and lane.now["marks"][place] not in ("", "done"):
                colour = OUTCOMES[outcome].dark if outcome else INK
                arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 3, "alpha": alpha}
                ends = (NEWS, middle + 7), (BELIEF - 12, middle + 7)
                self._axes.annotate("", *ends, arrowprops=arrow)
                if outcome == "refused":
                    self._axes.plot([NEWS] * 2, [middle, middle + 13], color=INK, linewidth=6, alpha=alpha)

    def _step(self, lane: _Lane, place: int, middle: float, high: float, alpha: float) -> None:
        tail, colour = lane.tail(place)
        words = "".join(text for text, _ in lane.data["steps"][lane.now["plan"][place]][1])
        ends = [middle - high / 2 + 3, middle + high / 2 - 3]
        self._axes.plot([PLAN - 6] * 2, ends, color=colour, linewidth=6, alpha=alpha, solid_capstyle="butt")
        width = self._width(tail, "bold")
        self._say(PLAN + 2, middle, words, alpha=alpha, width=EDGE - PLAN - 10 - width)
        self._say(EDGE, middle, tail, colour=colour, weight="bold", alpha=alpha, align="right")
        if place in {b[0] for b in lane.now["broken"]}:
            self._say(TIE - 4, middle, "✕", colour=STALE.dark, weight="bold", alpha=alpha, align="center")

    def _say(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = LETTERS,
        colour: str = INK,
        weight: str = "normal",
        alpha: float = 1.0,
        align: str = "left",
        width: float | None = None,
    ) -> None:
        """Write words, cut off if they are too wide."""
        while width is not None and len(words) > 1 and self._width(words, weight, size) > width:
            words = words.rstrip("…")[:-1].rstrip() + "…"
        font: dict[str, Any] = {
            "fontsize": size * 72 / DOTS,
            "weight": weight,
            "color": colour,
            "alpha": alpha,
        }
        self._axes.text(x, y, words, ha=align, va="center_baseline", **font)

    def _width(self, words: str, weight: str, size: float = LETTERS) -> float:
        """Return the width of words in pixels."""
        key = words, weight, size
        if key not in self._widths:
            font = FontProperties(family="DejaVu Sans", size=size * 72 / DOTS, weight=weight)
            measured = self._renderer.get_text_width_height_descent(words, font, ismath=False)
            self._widths[key] = float(measured[0])
        return self._widths[key]

    def _wrapped(self, text: str, width: float, weight: str) -> list[str]:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if self._width(longer, weight) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines


class _Lane:
    """One episode, after some of its events."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data, self._count = data, 0
        self.world, self.belief = list(data["first"]), list(data["first"])
        self.now: dict[str, Any] = {"plan": [], "marks": [], "broken": [], "verdict": None, "own": []}
        needed = {fluent for step in data["steps"] for fluent in step[2]}
        # What the plan needs of each row that has steps.
        self.of: dict[int, list[int]] = {step[0]: [] for step in data["steps"]}
        for fluent, (row, _) in enumerate(data["fluents"]):
            if row in self.of and data["shown"][fluent] and fluent in needed:
                self.of[row].append(fluent)
        self._first = 0

    def to(self, count: int) -> None:
        for event in self.data["events"][self._count : count]:
            for place, value in event.get("w", ()):
                self.world[place] = value
            for place, value in event.get("b", ()):
                self.belief[place] = value
            self.now.update((name, event[name]) for name in self.now if name in event)
        self._count = count

    def last(self, events: int) -> list[Any] | None:
        """Return the last moment among the first so many events."""
        return next((m for m in reversed(self.data["moments"]) if m[5] <= events), None)

    def rows(self, most: int, held: list[Any] | None) -> list[int]:
        """Return the rows for which there is room, with that of the step that matters among them."""
        every = sorted(self.of)
        plan, marks = self.now["plan"], self.now["marks"]
        place = held[2] if held is not None else next((i for i, m in enumerate(marks) if not m), None)
        if place is not None and place < len(plan):
            at = every.index(self.data["steps"][plan[place]][0])
            self._first = min(max(self._first, at - most + 1), at)
        self._first = max(0, min(self._first, len(every) - most))
        return every[self._first : self._first + most]

    def tail(self, place: int) -> tuple[str, str]:
        """Return what is said about a step, and its colour."""
        mark = self.now["marks"][place]
        broken = {b[0]: b for b in self.now["broken"]}
        verdict = self.now["verdict"] or [None, ""]
        if verdict[0] == place and verdict[1] in ("block", "replan", "give-up"):
            return "gate: stop", INK
        if mark in OUTCOMES:
            look = OUTCOMES[mark]
            return f"{look.sign} {look.words.removesuffix(' by the world')}", look.dark
        if mark == "done":
            return "✓ done", NOTE
        if place in broken:
            return "stale" if broken[place][2] else "stale, unseen", STALE.dark
        return "", FRESH.dark


def _said(kind: str, value: Any) -> str:
    if isinstance(value, bool):
        return (kind or "yes") if value else f"not {kind}" if kind else "no"
    if kind and (value is None or isinstance(value, int | float)):
        return f"{kind} {'–' if value is None else value}"
    return "–" if value is None else str(value)
