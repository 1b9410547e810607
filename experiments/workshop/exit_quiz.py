"""The quiz at the end: replays and systems that no lesson has shown, scored, with a table for the teacher."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from plandrift.experiments.playback.playback import Playback
from plandrift.experiments.statistics.theory import any_differs
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.workshop.assessment import GUARDS, Offer, System, offers, worth_taking
from plandrift.experiments.workshop.cached_runs import CACHE
from plandrift.sim import Episode

QUESTIONS = (
    "first stale moment, tickets",
    "first stale moment, records",
    "half-life",
    "guard for a booking agent",
    "guard for a cataloguer",
)
"""What is asked, in order."""
EACH = 2
"""The most points for a question."""
MOST_RESULTS = 500
"""The most results that are kept."""

REPLAYS = (
    ("tickets", 7, {"volatility": 0.05, "channel.latency": 2.0, "world.tickets": 5, "horizon": 40.0}),
    ("records", 24, {"volatility": 0.015, "channel.latency": 2.0, "world.records": 9, "horizon": 40.0}),
)
"""World, seed and settings of each replay; no lesson and no other page shows them."""

CHANGES, STEP, REQUIRES, VALUES = 90.0, 5.0, 2, 5
"""The system whose half-life is asked for: seconds between changes, seconds per step, things per step."""

BOOKING = System(
    steps=8,
    requires=2,
    step_time=4,
    to_the_world=0.5,
    thinking=20,
    news=120,
    read=2,
    between_changes=300,
    price=900,
)
CATALOGUE = System(
    steps=20,
    requires=1,
    step_time=2,
    to_the_world=0.2,
    thinking=5,
    news=2,
    read=1,
    between_changes=864_000,
    price=20,
)
SYSTEMS = (
    (
        "A booking agent makes 8 bookings in a row, 4 s each. Each needs two things that change every 5 "
        "minutes; it hears of changes two minutes late. A wrong booking costs somebody 15 minutes.",
        BOOKING,
    ),
    (
        "A cataloguer enters 20 books, 2 s each, into a catalogue whose entries change every ten days. It "
        "hears of changes after 2 s. A wrong entry costs somebody 20 s.",
        CATALOGUE,
    ),
)
"""The systems that need a guard, each with its description."""


def replay(number: int) -> Episode:
    """Return one of the replays, run with its trace."""
    return CACHE.ask(_replay, number).result()


def _replay(number: int) -> Episode:
    world, seed, settings = REPLAYS[number]
    return condition(world, "plan-once", settings).run(seed, trace=True)


def first_stale(episode: Episode) -> float:
    """Return the first time at which a remaining step of the plan in hand was stale in truth.

    Raises:
        ValueError: none ever was.
    """
    playback = Playback(episode.trace)
    for event, _ in playback.changes():
        if playback.stale()[0]:
            return event.t
    raise ValueError("no step was ever stale")


def half_life() -> int:
    """Return the first step, counted from 1, at which a call of the system is as likely wrong as right."""
    step = 1
    while any_differs((step - 1) * STEP, 1 / CHANGES, VALUES, REQUIRES) < 0.5:
        step += 1
    return step


def points_for_time(guess: float, right: float) -> int:
    """Return the points for a moment: half a unit of time off is right, one and a half is half right.

    >>> [points_for_time(guess, 4.2) for guess in (4.0, 5.5, 7.0)]
    [2, 1, 0]
    """
    return EACH if abs(guess - right) <= 0.5 else 1 if abs(guess - right) <= 1.5 else 0


def points_for_number(guess: float, right: float) -> int:
    """Return the points for an estimate: a fifth off is right, a half off is half right.

    >>> [points_for_number(guess, 10) for guess in (12, 6, 4)]
    [2, 1, 0]
    """
    return EACH if abs(guess - right) <= 0.2 * right else 1 if abs(guess - right) <= 0.5 * right else 0


def points_for_guard(guess: str, made: list[Offer]) -> int:
    """Return the points for a guard: among the best is right, better than none at all is half right."""
    (chosen,) = (offer for offer in made if offer.guard == guess)
    return EACH if guess in worth_taking(made) else 1 if chosen.saved.low > 0 else 0


def points(times: Sequence[float], step: float, guards: Sequence[str], seeds: int) -> tuple[int, ...]:
    """Return the points of each question.

    Args:
        times: the first stale moment of each replay.
        step: the half-life.
        guards: the guard of each system.
        seeds: episodes behind each guard's cost.
    """
    found = [points_for_time(guess, first_stale(replay(i))) for i, guess in enumerate(times)]
    found.append(points_for_number(step, half_life()))
    found += [
        points_for_guard(guess, offers(system, seeds))
        for guess, (_, system) in zip(guards, SYSTEMS, strict=True)
    ]
    return tuple(found)


@dataclass(frozen=True)
class QuizResult:
    """One person's result.

    Attributes:
        name: as typed.
        points: of each question.
    """

    name: str
    points: tuple[int, ...]


class QuizResults:
    """The results of everybody in the room, in the order in which they handed in."""

    def __init__(self) -> None:
        self._results: list[QuizResult] = []
        self._lock = threading.Lock()

    def add(self, result: QuizResult) -> None:
        """Keep a result, unless there are `MOST_RESULTS`."""
        with self._lock:
            if len(self._results) < MOST_RESULTS:
                self._results.append(result)

    def rows(self) -> list[dict[str, str]]:
        """Return the teacher's table: one row per person, and the mean of each question."""
        with self._lock:
            results = list(self._results)
        rows = [_row(one.name, [str(p) for p in one.points], str(sum(one.points))) for one in results]
        if results:
            means = [
                sum(column) / len(results) for column in zip(*(one.points for one in results), strict=True)
            ]
            rows.append(_row("mean", [f"{mean:.1f}" for mean in means], f"{sum(means):.1f}"))
        return rows


def _row(name: str, cells: Sequence[str], total: str) -> dict[str, str]:
    of = EACH * len(QUESTIONS)
    return {"name": name} | dict(zip(QUESTIONS, cells, strict=True)) | {f"of {of}": total}


RESULTS = QuizResults()
"""The results of this server's room, which are lost when it ends."""
CHOICES = GUARDS
"""The guards on offer."""
