"""A replay as a film of some twenty seconds: one episode, or two beside each other, frame by frame."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plandrift.sim import PlandriftError
from plandrift.sim.terms.whole_file import whole_file

RATE = 8
"""Frames per second."""
LENGTH = 20.0
"""Seconds that a film takes, unless there is much to read, or time would pass faster than `FASTEST`."""
OPENING, CLOSING = 1.0, 1.5
"""Seconds before the first call and after the last event."""
HOLD, READING = 1.0, 6.0
"""For how many seconds a moment is held, and for how many words it is held one second longer."""
FASTEST = 2.0
"""The most of the world's time units that pass in a second."""
NEAR, SLOW = 1 / 12, 0.4
"""Time passes so much slower in the last part of the episode before a moment."""
TRIED = 20
"""How many frames are drawn to estimate how long the film will take."""
WRITERS = {".gif": "pillow", ".mp4": "ffmpeg"}
LANES = 2
"""The most episodes in one picture."""


@dataclass(frozen=True)
class FilmFrame:
    """One frame of a film.

    Attributes:
        time: the time that it shows.
        events: how many of each episode's events have happened by then.
        held: the moment of each episode on which the film pauses, None for each on which it does not.
    """

    time: float
    events: tuple[int, ...]
    held: tuple[list[Any] | None, ...]


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


def sentences(held: Sequence[list[Any] | None]) -> list[str]:
    """Return what is said of each lane's moment; what the lane above says as well is not said again."""
    found: list[str] = []
    first: list[str] = []
    for moment in held:
        said = [] if moment is None else moment[4].split(". ")
        same = 0
        while same < min(len(said) - 1, len(first)) and said[same] == first[same]:
            same += 1
        found.append(". ".join(said[same:]))
        first = first or said
    return found


def shots(lanes: Sequence[dict[str, Any]]) -> Iterator[FilmFrame]:
    """Yield the frames of episodes side by side: slowing down before each moment, and pausing on it.

    Args:
        lanes: as `plandrift.experiments.pages.replay.replay_data` tells them.
    """
    coming, nothing = _moments(lanes), (None,) * len(lanes)
    duration = max(data["duration"] for data in lanes)
    holds = [HOLD + len(" ".join(sentences(held)).split()) / READING for _, held in coming]
    near = duration * NEAR
    # What passes slowly counts as more time.
    slowly = _slow([time for time, _ in coming], near)
    weighed = duration - slowly + slowly / SLOW
    pace = weighed / max(LENGTH - OPENING - CLOSING - sum(holds), weighed / FASTEST)
    yield from [FilmFrame(0.0, tuple(data["begin"] for data in lanes), nothing)] * round(RATE * OPENING)
    now = 0.0
    while now < duration:
        ahead = coming[0][0] - now if coming else duration
        step = pace / RATE * (SLOW if ahead < near else 1.0)
        if ahead <= step:
            now, held = coming.pop(0)
            counts = tuple(
                _events(data, now) if moment is None else moment[5]
                for data, moment in zip(lanes, held, strict=True)
            )
            yield from [FilmFrame(now, counts, held)] * round(RATE * holds.pop(0))
            continue
        now = min(now + step, duration)
        yield FilmFrame(now, tuple(_events(data, now) for data in lanes), nothing)
    yield from [FilmFrame(now, tuple(len(data["events"]) for data in lanes), nothing)] * round(RATE * CLOSING)


def _moments(lanes: Sequence[dict[str, Any]]) -> list[tuple[float, tuple[list[Any] | None, ...]]]:
    """Return the moments in order; those of several lanes at one time are held together."""
    groups: dict[tuple[float, int], list[list[Any] | None]] = {}
    for lane, data in enumerate(lanes):
        times: list[float] = []
        for moment in data["moments"]:
            key = moment[0], times.count(moment[0])
            times.append(moment[0])
            groups.setdefault(key, [None] * len(lanes))[lane] = moment
    return [(time, tuple(held)) for (time, _), held in sorted(groups.items(), key=lambda group: group[0])]


def _slow(times: Sequence[float], near: float) -> float:
    """Return for how long time passes slowly: shortly before each of these times."""
    total, before = 0.0, 0.0
    for one in times:
        total += min(near, one - before)
        before = one
    return total


def _events(data: dict[str, Any], time: float) -> int:
    """Return how many events have happened by a time."""
    return sum(event["t"] <= time for event in data["events"])


def film(episodes: Sequence[dict[str, Any]], path: Path, seconds: float) -> int:
    """Write a film of the first episode, with the second beside it if there is one. Return its frames.

    Args:
        episodes: as returned by `plandrift.experiments.pages.replay.replay_data`.
        path: a path ending in .gif or .mp4.
        seconds: how long drawing may take; a film that would take longer is refused after a few frames.

    Raises:
        PlandriftError: it cannot be written, or would take longer.
    """
    from matplotlib import animation
    from matplotlib import pyplot as plt

    from plandrift.experiments.figures.style import style
    from plandrift.experiments.pages.film_frame import DOTS, FramePainter

    lanes = episodes[:LANES]
    made, began = 0, 0.0
    most = sum(1 for _ in shots(lanes))
    with style():
        figure = plt.figure(figsize=(12.8, 7.2), dpi=DOTS)
        writer = animation.writers[WRITERS[path.suffix]](fps=RATE)
        painter = FramePainter(figure, lanes)
        try:
            with whole_file(path) as beside, writer.saving(figure, str(beside), DOTS):
                last = None
                for shot in shots(lanes):
                    if shot != last:
                        painter.draw(shot)
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
