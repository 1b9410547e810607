"""How a lesson asks: predict, run, explain; whatever follows a question waits for the guess."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import marimo as mo

from plandrift.experiments.pages.elements import html_table
from plandrift.experiments.workshop import EPISODES
from plandrift.experiments.workshop.lessons.texts import LESSON_TEXTS


def ask(element: Any, lock: Callable[[Any], Any]) -> Any:
    """Return a question that is answered once: a control with a button that locks the guess in."""
    return element.form(submit_button_label="lock in my guess", on_change=lock)


def shown(form: Any, guess: Any) -> Any:
    """Return the question while it is open, and afterwards a note that the guess is locked in."""
    return form if guess is None else mo.callout(mo.md("Your guess is locked in."), kind="neutral")


def given(guess: Any, script: Any) -> Any:
    """Return the guess; the rest of the lesson waits until there is one.

    Args:
        guess: None while the question is open.
        script: the guess used when the lesson runs as a script, with nobody to ask.
    """
    if guess is not None:
        return guess
    if mo.app_meta().mode != "script":
        mo.stop(True, mo.md("*The answer opens when your guess is locked in.*"))
    return script


def picture(svg: str, took: int) -> Any:
    """Return a figure with the number of episodes behind it."""
    return mo.Html(
        f'<figure style="margin:0;max-width:1000px" class="measured">{svg}'
        f'<figcaption data-episodes="{took}">{took} episodes per point, the same seeds for everyone; '
        "bands and brackets are 95 % intervals.</figcaption></figure>"
    )


def table(head: list[str], rows: list[list[str]], caption: str) -> Any:
    """Return a table of text."""
    inner = html_table([dict(zip(head, row, strict=True)) for row in rows])
    return mo.Html(f'<div class="measured"><p>{html.escape(caption)}</p>{inner}</div>')


def how_many() -> Any:
    """Return the control for the number of episodes behind each point."""
    few = "20" if mo.app_meta().mode == "script" else str(EPISODES)
    return mo.ui.dropdown(
        {str(n): n for n in (20, EPISODES, 200, 400, 1000)},
        value=few,
        label="episodes per point (more is narrower but slower)",
    )


def running(count: int) -> Any:
    """Return a spinner that is shown while episodes run."""
    return mo.status.spinner(title=f"running {count} episodes per point …")


def embedded(page: str, title: str) -> Any:
    """Return one of the project's pages, embedded in the lesson."""
    frame = mo.iframe(page, height="900px").text
    return mo.Html(frame.replace("<iframe ", f'<iframe title="{html.escape(title)}" ', 1))


def answer(text: str, right: bool | None) -> Any:
    """Return the measured answer in words.

    Args:
        text: the answer.
        right: whether the guess was right, or near enough: only then it is green; None if it was about
            something else than what is shown.
    """
    return mo.callout(mo.md(text), kind="neutral" if right is None else "success" if right else "warn")


def opening(lesson: int) -> Any:
    """Return a lesson's heading and setting."""
    text = LESSON_TEXTS[lesson - 1]
    return mo.md(f"# {lesson} · {text.title}\n\n{text.setting}")


def question(lesson: int, number: int) -> str:
    """Return one of a lesson's questions as a label."""
    return f"**Predict.** {LESSON_TEXTS[lesson - 1].questions[number]}"


def key_points(lesson: int) -> Any:
    """Return a lesson's key points."""
    return mo.md("\n".join(f"- {point}" for point in LESSON_TEXTS[lesson - 1].points))
