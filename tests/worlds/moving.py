"""A world that moves with no agent in it, and the small form of each world that the tests use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from plandrift.sim import EVENT, Call, Scene, Streams, Value, World
from plandrift.worlds import WORLDS
from tests.worlds.written_history import history

RATES: dict[str, tuple[float, float, float]] = {
    "tileworld": (1.0, 10.0, 60.0),
    "recorded": (60.0, 600.0, 6000.0),
}
"""Volatilities from slow to fast, where they are not those of `rates`."""


def rates(name: str) -> tuple[float, float, float]:
    """A slow, a middling and a fast volatility of the world."""
    return RATES.get(name, (0.01, 0.04, 0.2))


def made(name: str, volatility: float, **settings: Any) -> World:
    """The world of this name at this volatility."""
    if name == "recorded":
        settings = {"log": history(), "least": 2} | settings
    return WORLDS[name](volatility=volatility, **settings)


def events(scene: Scene, values: dict[str, Value]) -> Iterator[tuple[float, Mapping[str, Value]]]:
    """Let the world move, writing into `values`: each event as (time, what it wrote)."""
    for time, fluent, value in scene.changes():
        writes: Mapping[str, Value] = scene.happen(value, values) if fluent == EVENT else {fluent: value}
        assert writes.keys() <= values.keys()
        values.update(writes)
        yield time, writes


def moves(scene: Scene, values: dict[str, Value]) -> Iterator[tuple[float, str, Value]]:
    """Let the world move, writing into `values`: each write as (time, fluent, value)."""
    for time, writes in events(scene, values):
        for fluent, after in writes.items():
            yield time, fluent, after


def after_moves(name: str, seed: int, volatility: float, count: int) -> tuple[Scene, dict[str, Value]]:
    """A scene, and what it holds after so many events (fewer where it does not move at all)."""
    scene = made(name, volatility).begin(Streams(seed), 200.0)
    values = dict(scene.first)
    for _ in islice(events(scene, values), count):
        pass
    return scene, values


def carried_out(scene: Scene, values: dict[str, Value]) -> list[Call]:
    """Carry the plan for these values out in a world that stands still; each step must do its work."""
    calls = list(scene.plan(values) or ())
    for call in calls:
        requires, effects = scene.requires(call), scene.effects(call)
        answer = scene.answer(call, values)
        assert answer.outcome == "effective", f"{call}: {answer}"
        assert not answer.violated
        assert all(values[f] == wanted for f, wanted in requires.items()), call
        values.update(answer.writes)
        assert all(values[f] == wanted for f, wanted in effects.items()), call
    return calls
