"""A replay as a film: the same rows, news and calls as on the page, drawn frame by frame."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

from plandrift.experiments.figures.looks import FRESH, INK, LINE, NOTE, OUTCOMES, STALE
from plandrift.sim import PlandriftError
from plandrift.sim.terms.whole_file import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RATE = 8
"""Frames per second."""
PACE, SLOW = 0.9, 0.3
"""World time units per second of film: normally, and just before a moment worth seeing."""
NEAR = 0.5
"""How long before such a moment the film slows down, in the world's time units."""
MOST_ROWS = 10
TRIED = 20
"""Frames after which it is known how long one takes."""
WRITERS = {".gif": "pillow", ".mp4": "ffmpeg"}


@dataclass(frozen=True)
class FilmFrame:
    """One frame of a film.

    Attributes:
        time: the episode time that it shows.
        events: how many of the episode's events have happened by then.
        held: the moment on which the film pauses; None while time passes.
    """

    time: float
    events: int
    held: list[Any] | None


def check_film(path: Path) -> None:
    """Check that a film can be written before anything is computed for it.

    Raises:
        PlandriftError: the file name is unsuitable, or the folder or the video writer is missing.
    """
    if path.suffix not in WRITERS:
        raise PlandriftError(f"--film {path}: end its name in .gif or .mp4")
    if not path.parent.is_dir():
        raise PlandriftError(f"--film {path}: there is no folder {path.parent}: make it first")
    from matplotlib.animation import writers

    if not writers.is_available(WRITERS[path.suffix]):
        raise PlandriftError(f"--film {path}: ffmpeg was not found: install it, or end the name in .gif")


def shots(data: dict[str, Any]) -> Iterator[FilmFrame]:
    """Yield the frames of an episode: slowing down before each moment, pausing on it, then going on."""
    events, moments = data["events"], data["moments"]
    time, count = 0.0, 0
    coming = list(moments)
    while True:
        ahead = coming[0][0] - time if coming else None
        step = (SLOW if ahead is not None and ahead < NEAR else PACE) / RATE
        if ahead is not None and ahead <= step:
            moment = coming.pop(0)
            time, count = moment[0], moment[5]
            words = len(moment[4].split())
            yield from [FilmFrame(time, count, moment)] * round(RATE * (2 + words / 4))
            continue
        if time >= data["duration"]:
            break
        time = min(time + step, data["duration"])
        while count < len(events) and events[count]["t"] <= time:
            count += 1
        yield FilmFrame(time, count, None)
    yield from [FilmFrame(time, len(events), None)] * RATE


def film(episodes: Sequence[dict[str, Any]], path: Path, seconds: float) -> int:
    """Write a film that plays episodes one after the other. Returns how many frames it has.

    Args:
        episodes: as `plandrift.experiments.pages.replay.replay_data` tells them.
        path: ends in .gif or .mp4.
        seconds: that it may take; one that would take longer is refused after the first few frames.

    Raises:
        PlandriftError: it cannot be written, or would take longer.
    """
    from matplotlib import animation
    from matplotlib import pyplot as plt

    from plandrift.experiments.figures.style import style

    made, began = 0, 0.0
    most = sum(sum(1 for _ in shots(data)) for data in episodes)
    with style():
        figure = plt.figure(figsize=(12.8, 7.2), dpi=75)
        axes = figure.add_axes((0, 0, 1, 1))
        writer = animation.writers[WRITERS[path.suffix]](fps=RATE)
        try:
            with whole_file(path) as beside, writer.saving(figure, str(beside), 75):
                for data in episodes:
                    state = _State(data)
                    last = None
                    for shot in shots(data):
                        if shot != last:
                            state.to(shot.events)
                            _draw(axes, data, state, shot)
                            last = shot
                        writer.grab_frame()
                        made += 1
                        if made == 1:  # which has loaded fonts
                            began = time.monotonic()
                        if made == TRIED:
                            took = (time.monotonic() - began) / (TRIED - 1) * most
                            if took > seconds:
                                raise PlandriftError(
                                    f"--film {path}: it would have {most} frames and take {took:.0f} s, more "
                                    f"than {seconds:g}: give a shorter --horizon, or a longer --patience"
                                )
        except OSError as error:
            raise PlandriftError(f"--film {path}: {error.strerror}: give a writable path") from None
        finally:
            plt.close(figure)
    return made


class _State:
    """The state of the page after the first events of an episode."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._events, self._count = data["events"], 0
        self.world, self.belief = list(data["first"]), list(data["first"])
        self.now: dict[str, Any] = {"plan": [], "marks": [], "broken": [], "verdict": None}

    def to(self, count: int) -> None:
        for event in self._events[self._count : count]:
            for place, value in event.get("w", ()):
                self.world[place] = value
            for place, value in event.get("b", ()):
                self.belief[place] = value
            self.now.update((name, event[name]) for name in self.now if name in event)
        self._count = count


def _draw(axes: Axes, data: dict[str, Any], state: _State, shot: FilmFrame) -> None:
    axes.clear()
    axes.set_xlim(0, 100)
    axes.set_ylim(100, 0)
    axes.axis("off")
    held = shot.held
    axes.text(3, 7, data["policy"], fontsize=26, weight="bold", color=INK)
    axes.text(97, 7, f"time {shot.time:.2f}", fontsize=18, color=NOTE, ha="right")
    if held is not None:
        colour = STALE.dark if held[1] == "failed" else FRESH.dark
        axes.text(3, 84, fill(held[4], 84), fontsize=18, weight="bold", color=colour, va="top")
    for x, title in ((13, "the world"), (30, "news"), (41, "what the agent believes"), (66, "the plan")):
        axes.text(x, 14, title, fontsize=13, color=NOTE, weight="bold")
    rows = _rows(data)
    height = 64 / max(len(rows), 1)
    for place, (number, fluents) in enumerate(rows):
        _row(axes, data, state, shot, number, fluents, 18 + place * height, height)


def _rows(data: dict[str, Any]) -> list[tuple[int, list[int]]]:
    """Return the rows with their fluents; only rows with steps if there are many."""
    of: dict[int, list[int]] = {}
    for fluent, (row, _) in enumerate(data["fluents"]):
        if row >= 0 and data["shown"][fluent]:
            of.setdefault(row, []).append(fluent)
    with_steps = {step[0] for step in data["steps"]}
    return sorted(sorted(of.items(), key=lambda row: row[0] not in with_steps)[:MOST_ROWS])


def _row(
    axes: Axes,
    data: dict[str, Any],
    state: _State,
    shot: FilmFrame,
    number: int,
    fluents: list[int],
    top: float,
    height: float,
) -> None:
    held, middle = shot.held, top + height / 2
    mine = [i for i, step in enumerate(state.now["plan"]) if data["steps"][step][0] == number]
    alpha = 0.25 if held is not None and held[2] not in mine else 1.0
    axes.plot([3, 97], [top, top], color=LINE, linewidth=1)
    name = data["rows"][number].replace("-", " ")
    axes.text(3, middle, name, fontsize=13, weight="bold", va="center", alpha=alpha)
    apart = {f for f in fluents if state.world[f] != state.belief[f]}
    bold = (set(held[3]) if held is not None else set()) & set(fluents) or apart
    for x, values, colour in ((13, state.world, STALE.dark), (41, state.belief, INK)):
        said = {f: _said(data["fluents"][f][1], values[f]) for f in fluents if _is_shown(data, state, f)}
        plain = "  ".join(text for f, text in said.items() if f not in bold)
        axes.text(x, middle - height * 0.16, plain, fontsize=10, va="center", color=NOTE, alpha=alpha)
        strong = "  ".join(text for f, text in said.items() if f in bold)
        if strong:
            place = x, middle + height * 0.2
            axes.text(*place, strong, fontsize=14, weight="bold", va="center", alpha=alpha, color=colour)
    _news(axes, data, shot, set(fluents), middle, alpha)
    _call(axes, data, state, shot, number, middle, alpha)
    for i in mine:
        _step(axes, data, state, i, middle, height, alpha)


def _is_shown(data: dict[str, Any], state: _State, fluent: int) -> bool:
    """Say whether a fluent is worth showing: a fact that holds nowhere is left out."""
    return not (state.world[fluent] is False and state.belief[fluent] is False and data["fluents"][fluent][1])


def _said(kind: str, value: Any) -> str:
    if isinstance(value, bool):
        return (kind or "yes") if value else f"not {kind}" if kind else "no"
    if kind and (value is None or isinstance(value, int | float)):
        return f"{kind} {'–' if value is None else value}"
    return "–" if value is None else str(value)


def _news(
    axes: Axes, data: dict[str, Any], shot: FilmFrame, fluents: set[int], middle: float, alpha: float
) -> None:
    """Draw news on its way to the belief; lost news stops half-way."""
    for taken, arrives, about, *_ in data["messages"]:
        if taken <= shot.time and (arrives is None or shot.time < arrives) and fluents & set(about):
            share = 0.4 if arrives is None else (shot.time - taken) / max(arrives - taken, 1e-9)
            end = 29 + 10 * share
            axes.plot([29, end], [middle - 1.2] * 2, color=FRESH.dark, linewidth=3, alpha=alpha)
            axes.plot(end, middle - 1.2, marker="s", markersize=11, color=FRESH.dark, alpha=alpha)


def _call(
    axes: Axes, data: dict[str, Any], state: _State, shot: FilmFrame, number: int, middle: float, alpha: float
) -> None:
    """Draw a call on its way back to the world."""
    plan = state.now["plan"]
    for step, fired, _, answered, outcome, _ in data["calls"]:
        under_way = fired <= shot.time and (answered is None or shot.time < answered)
        if under_way and step < len(plan) and data["steps"][plan[step]][0] == number:
            colour = OUTCOMES[outcome].dark if outcome else INK
            arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 2.5, "alpha": alpha}
            axes.annotate("", (29, middle + 1.6), (39, middle + 1.6), arrowprops=arrow)


def _step(
    axes: Axes, data: dict[str, Any], state: _State, place: int, middle: float, height: float, alpha: float
) -> None:
    mark = (state.now["marks"] + [""] * (place + 1))[place]
    broken = {b[0]: b for b in state.now["broken"]}
    verdict = state.now["verdict"] or [None, ""]
    words = "".join(text for text, _ in data["steps"][state.now["plan"][place]][1])
    if verdict[0] == place and verdict[1] in ("block", "replan", "give-up"):
        tail, colour = "gate: stop", INK
    elif mark in OUTCOMES:
        tail, colour = f"{OUTCOMES[mark].sign} {OUTCOMES[mark].words}", OUTCOMES[mark].dark
    elif mark == "done":
        tail, colour = "✓ done", NOTE
    elif place in broken:
        tail = "stale" if broken[place][2] else "stale, unknown to the agent"
        colour = STALE.dark
    else:
        tail, colour = "", FRESH.dark
    ends = [middle - height * 0.38, middle + height * 0.38]
    axes.plot([64.6] * 2, ends, color=colour, linewidth=6, alpha=alpha, solid_capstyle="butt")
    said = fill(f"{place + 1}  {words}", 50)
    axes.text(66, middle - height * 0.14, said, fontsize=10.5, va="center", alpha=alpha, color=INK)
    place_of_tail = 66, middle + height * 0.28
    axes.text(*place_of_tail, tail, fontsize=11.5, weight="bold", va="center", color=colour, alpha=alpha)
    if place in broken:
        cross: dict[str, Any] = {
            "fontsize": 15,
            "weight": "bold",
            "color": STALE.dark,
            "ha": "center",
            "va": "center",
        }
        axes.text(62.5, middle, "✕", alpha=alpha, **cross)
