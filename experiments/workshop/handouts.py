"""The workshop on paper: slides to project and a handout for everybody, with the lessons' figures."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.lines import Line2D

from plandrift.experiments.figures.looks import INK, NOTE
from plandrift.experiments.figures.style import style
from plandrift.experiments.figures.timeline import timeline
from plandrift.experiments.workshop.assessment import SYSTEMS, offers, recommendation
from plandrift.experiments.workshop.cached_runs import interval
from plandrift.experiments.workshop.lessons import runs, screens
from plandrift.experiments.workshop.lessons.texts import LESSON_TEXTS, LessonText

SLIDE, SHEET = (13.33, 7.5), (8.27, 11.69)
"""Page sizes in inches: a wide screen, and A4 portrait."""
SQUARE = 0.2
"""The side of a square on squared paper, in inches."""


@dataclass(frozen=True)
class Shot:
    """A screen for printing.

    Attributes:
        said: the answer it gives.
        image: the figure as pixels.
    """

    said: str
    image: Any


def figures(lesson: int, seeds: int) -> Iterator[tuple[str, Figure]]:
    """Yield what is on the screen in a lesson: the answer, and the figure.

    Args:
        lesson: 1 to 7.
        seeds: episodes behind each point.
    """
    if lesson == 1:
        episode = runs.one_episode(1.0)
        wrong = runs.first_wrong(episode)
        assert wrong is not None
        fluent, since = wrong.violated[0]
        yield (
            f"The call at {wrong.time:g}: {fluent} had changed at {since:.2f}, and the news was on its way "
            f"until {since + 1:.2f}. It was reported {wrong.reported}.",
            timeline(episode),
        )
    elif lesson == 2:
        for requires in (1, 3):
            half = runs.half_life([share for _, share in runs.by_step_in_theory(0.05, requires)])
            yield (
                f"From step {half} on, a call is as likely to be wrong as right.",
                screens.step_by_step(0.05, requires, seeds).figure(),
            )
    elif lesson == 3:
        found = runs.thinking(0.05, seeds)
        replans = interval(found["replan-each"][runs.THINKING.index(1.0)], "replans").mean
        yield (
            f"With a thinking time of 1 it replans {replans:.0f} times.",
            screens.storm(found, "goals_met").figure(),
        )
        yield "The longer it thinks, the less it does.", screens.storm(found, "first_misfires").figure()
    elif lesson == 4:
        rungs = runs.ladder(seeds)
        belief, world, door = (round(100 * screens.stopped(rungs, name)) for name in list(runs.RUNGS)[1:])
        yield (
            f"With news one unit of time late, a look at the belief stops {belief} % of the "
            f"misfires, a look at the world {world} %, the world's own check {door} %.",
            screens.ladder(rungs, "first_misfires").figure(),
        )
        yield "The second figure shows how much gets done.", screens.ladder(rungs, "goals_met").figure()
    elif lesson == 5:
        teams = runs.handoffs(0.0, seeds)
        rate = interval(teams["two agents"][runs.FIDELITIES.index(0.5)], "misfire_rate").mean
        yield (
            f"Two agents and q = 0.5: {100 * rate:.0f} % of the calls misfire.",
            screens.teams(teams).figure(),
        )
    elif lesson == 6:
        made = offers(next(iter(SYSTEMS.values())), seeds)
        yield (
            f"For {next(iter(SYSTEMS))}: {recommendation(made)}",
            screens.savings(made).figure(),
        )
    else:
        crews = runs.crews(1.0, 50, seeds)
        best = {way: runs.peak(crews[way]) for way in (runs.LOCKS, runs.CHECK)}
        most = runs.CREWS[-1]
        times = {way: interval(crews[way][-1], "speedup").mean for way in runs.WAYS}
        yield (
            f"With locks the peak is at {best[runs.LOCKS]} agents, and {most} do {times[runs.LOCKS]:.1f} "
            f"times as much as one. With the book's own check it is at {best[runs.CHECK]}: "
            f"{times[runs.CHECK]:.1f} times as much as one agent, and "
            f"{times[runs.CHECK + runs.REPAIRED]:.1f} times if it replans only what is stale.",
            screens.crew(crews).figure(),
        )


def photographed(seeds: int, say: Callable[[str], None] = lambda _: None) -> list[list[Shot]]:
    """Return every lesson's screens, each drawn once for everything that is printed.

    Args:
        seeds: episodes behind each point.
        say: called before each lesson.
    """
    shots = []
    for number, lesson in enumerate(LESSON_TEXTS, 1):
        say(f"screens of lesson {number} of {len(LESSON_TEXTS)}, {lesson.title}")
        shots.append([_shot(said, figure) for said, figure in figures(number, seeds)])
    return shots


def with_answers(notes: str, shots: list[list[Shot]]) -> str:
    """Replace the answers in the teacher's notes with those computed for these screens.

    An answer is between ``<!-- answers N -->``, where N is the lesson, and ``<!-- end -->``.
    """

    def answers(found: re.Match[str]) -> str:
        return " ".join(shot.said for shot in shots[int(found[1]) - 1])

    return re.sub(r"<!-- answers (\d) -->.*?<!-- end -->", answers, notes, flags=re.DOTALL)


def slides(path: Path, shots: list[list[Shot]]) -> int:
    """Write the slides (setting, questions, figures and key points per lesson); return their number."""

    def pages() -> Iterator[Figure]:
        yield _slide("When does a plan go stale?", ["Seven lessons: predict, run, explain."], "plandrift")
        for number, (lesson, screens_of) in enumerate(zip(LESSON_TEXTS, shots, strict=True), 1):
            foot = f"{number} · {lesson.title}"
            yield _slide(foot, [lesson.setting], "the setting")
            for question in lesson.questions:
                yield _slide("Predict", [question, "Write your guess down before the next slide."], foot)
            for shot in screens_of:
                yield _framed(shot, shot.said, SLIDE)
            yield _slide("Key points", [f"– {point}" for point in lesson.points], foot)

    return _write(path, pages())


def handout(path: Path, shots: list[list[Shot]]) -> int:
    """Write the handout, one page per lesson to write on, then every screen; return its number of pages."""

    def pages() -> Iterator[Figure]:
        for number, lesson in enumerate(LESSON_TEXTS, 1):
            yield _sheet(number, lesson)
        for number, (lesson, screens_of) in enumerate(zip(LESSON_TEXTS, shots, strict=True), 1):
            for shot in screens_of:
                yield _framed(shot, f"Answer to lesson {number}, {lesson.title}. {shot.said}", SHEET)
        yield _points()

    return _write(path, pages())


def _write(path: Path, pages: Iterator[Figure]) -> int:
    with style(), PdfPages(path, metadata={"CreationDate": None, "Title": path.stem}) as file:
        for page in pages:
            file.savefig(page)
            plt.close(page)
        return int(file.get_pagecount())


def _slide(title: str, paragraphs: list[str], foot: str) -> Figure:
    figure = plt.figure(figsize=SLIDE)
    figure.text(0.06, 0.88, title, fontsize=34, fontweight="bold", va="top", color=INK)
    place = 0.72
    size = 26 if sum(len(paragraph) + 60 for paragraph in paragraphs) < 420 else 21
    for paragraph in paragraphs:
        lines = textwrap.wrap(paragraph, round(1500 / size))
        figure.text(0.06, place, "\n".join(lines), fontsize=size, va="top", linespacing=1.5, color=INK)
        place -= (len(lines) * 1.5 + 0.9) * size / 72 / SLIDE[1]
    figure.text(0.06, 0.04, foot, fontsize=14, color=NOTE)
    return figure


def _sheet(number: int, lesson: LessonText) -> Figure:
    figure = plt.figure(figsize=SHEET)
    figure.text(0.09, 0.95, f"{number} · {lesson.title}", fontsize=24, fontweight="bold", va="top", color=INK)
    place = 0.895

    def put(text: str, size: float, width: int, **more: Any) -> None:
        nonlocal place
        lines = textwrap.wrap(text, width)
        figure.text(
            0.09, place, "\n".join(lines), fontsize=size, va="top", linespacing=1.5, color=INK, **more
        )
        place -= (len(lines) * 1.5 + 0.8) * size / 72 / SHEET[1]

    put(lesson.setting, 12.5, 74)
    for question in lesson.questions:
        place -= 0.01
        put(f"Predict. {question}", 14, 57, fontweight="bold")
        for label in ("My guess:", "Because:", "Measured:"):
            place -= 0.018
            figure.text(0.09, place, label, fontsize=12.5, va="bottom", color=NOTE)
            line = Line2D([0.22, 0.91], [place, place], color=NOTE, linewidth=0.8)
            figure.add_artist(line)
            place -= 0.022
    _sketch(figure, place - 0.01)
    return figure


def _sketch(figure: Figure, top: float) -> None:
    """Fill the rest of a sheet: squares to draw on, and lines for what to remember."""
    figure.text(0.09, top, "Draw what you expect, then what you see", fontsize=12.5, va="top", color=NOTE)
    axes = figure.add_axes((0.09, 0.15, 0.82, max(0.05, top - 0.03 - 0.15)))
    box = axes.get_position()
    across, up = box.width * SHEET[0] / SQUARE, box.height * SHEET[1] / SQUARE
    axes.set_xlim(0, across)
    axes.set_ylim(0, up)
    axes.set_xticks(range(int(across) + 1), labels=[])
    axes.set_yticks(range(int(up) + 1), labels=[])
    axes.tick_params(length=0)
    figure.text(0.09, 0.115, "What I take home:", fontsize=12.5, va="bottom", color=NOTE)
    for place in (0.085, 0.05):
        figure.add_artist(Line2D([0.09, 0.91], [place, place], color=NOTE, linewidth=0.8))


def _points() -> Figure:
    """Draw the key points of all lessons, after the answers, because they would give the guesses away."""
    figure = plt.figure(figsize=SHEET)
    figure.text(0.09, 0.95, "Key points", fontsize=24, fontweight="bold", va="top", color=INK)
    place = 0.89
    for number, lesson in enumerate(LESSON_TEXTS, 1):
        figure.text(0.09, place, f"{number} · {lesson.title}", fontsize=12, fontweight="bold", va="top")
        place -= 0.021
        for point in lesson.points:
            lines = textwrap.wrap(f"– {point}", 92)
            figure.text(0.09, place, "\n".join(lines), fontsize=10.5, va="top", color=INK)
            place -= 0.0175 * len(lines) + 0.003
        place -= 0.016
    return figure


def _shot(said: str, figure: Figure) -> Shot:
    drawn = io.BytesIO()
    with style():
        figure.savefig(drawn, format="png", dpi=200)
    plt.close(figure)
    drawn.seek(0)
    return Shot(said, imread(drawn))


def _framed(shot: Shot, said: str, size: tuple[float, float]) -> Figure:
    """Draw a screen on a page of paper, with words below."""
    height, width, *_ = shot.image.shape
    scale = min(0.92 * size[0] / width, 0.78 * size[1] / height)
    framed = plt.figure(figsize=size)
    w, h = scale * width / size[0], scale * height / size[1]
    axes = framed.add_axes((0.5 - w / 2, 0.95 - h, w, h))
    axes.imshow(shot.image, interpolation="lanczos")
    axes.set_axis_off()
    letters = 18 if size == SLIDE else 13
    text = "\n".join(textwrap.wrap(said, round(size[0] * 0.86 * 135 / letters)))
    framed.text(0.07, 0.93 - h, text, fontsize=letters, va="top", linespacing=1.5, color=INK)
    return framed
