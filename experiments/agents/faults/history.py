"""A history: a world, a seed, and the few changes that happen in it, as a readable file."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from plandrift.experiments.agents.faults.carried import SUITE
from plandrift.experiments.sweeps.condition import EngineParts, condition
from plandrift.sim import (
    EVENT,
    Change,
    Description,
    PlandriftError,
    Scene,
    SettingError,
    Streams,
    Value,
    World,
    setting,
)
from plandrift.worlds.text_file import read_text, toml_of

FREE = "plan-once"
"""A placeholder policy without settings, because a history has no policy."""

MOST_CHANGES = 100_000
"""The most changes in a history."""


@dataclass(frozen=True)
class History:
    """A record of what happens in a world, apart from what the agent does.

    Attributes:
        world: the world's name.
        settings: settings by dotted name; none belong to a policy.
        seed: seed of the first state and of the agent's own faults.
        horizon: latest time at which an episode of it ends.
        changes: the exogenous changes, in order of time.
        title: what goes wrong, in a few words.
        cause: the cause, as in `plandrift.sim.measure.causes`.
        call: the call that failed, in words.
        right: what a correct agent does.
        goals: whether a correct agent reaches every goal by the horizon.
    """

    world: str
    settings: Mapping[str, Any]
    seed: int
    horizon: float
    changes: tuple[Change, ...]
    title: str = ""
    cause: str = ""
    call: str = ""
    right: str = ""
    goals: bool = True

    @property
    def parts(self) -> EngineParts:
        """Return the original world and the settings of channel, agent and hand-off."""
        return _parts(self.world, json.dumps(dict(self.settings), sort_keys=True), self.horizon)

    @property
    def happening(self) -> World:
        """Return the world in which exactly these changes happen."""
        return Happening(inner=self.parts.world, changes=self.changes)

    @property
    def narrated(self) -> list[str]:
        """Return each change in words, in the world as it would be without the agent."""
        scene = self.scene
        in_words, values = Description.of(scene).change, dict(scene.first)
        words = []
        for _, fluent, value in self.changes:
            after = dict(scene.happen(value, values)) if fluent == EVENT else {fluent: value}
            words.append("; ".join(in_words(name, values[name], new) for name, new in after.items()))
            values |= after
        return words

    @property
    def scene(self) -> Scene:
        """Return the scene at its beginning."""
        return self.parts.world.begin(Streams(self.seed), self.horizon)


@lru_cache(maxsize=256)
def _parts(world: str, settings: str, horizon: float) -> EngineParts:
    return condition(world, FREE, json.loads(settings) | {"horizon": horizon}).parts


@dataclass(frozen=True)
class Happening(World):
    """A world in which only the recorded changes happen by themselves."""

    inner: World = field(default_factory=lambda: _nothing())
    changes: tuple[Change, ...] = ()

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return the inner world's scene with these changes instead of its own."""
        return rewritten(self.inner.begin(random, horizon), self.changes)


def rewritten(scene: Scene, changes: Sequence[Change]) -> Scene:
    """Return the scene with these changes instead of its own."""

    def written() -> Iterator[Change]:
        return iter(changes)

    scene.changes = written  # type: ignore[method-assign]
    return scene


@dataclass(frozen=True)
class HistoryWorld(World):
    """The world of a history's file, for every command that takes a world.

    It is named like a user's own world, `plandrift.experiments.agents.faults.history:HistoryWorld`, with
    ``--set world.history=faults/histories/1.toml``.
    """

    history: str = setting("", "a history's file, as written by `plandrift agent faults`")

    def check(self) -> None:
        """Read the file.

        Raises:
            SettingError: the file cannot be read, or is not a history.
        """
        read_history(Path(self.history))

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return the history's scene, begun from the history's own seed."""
        if not self.history:
            return _nothing().begin(random, horizon)
        found = read_history(Path(self.history))
        return rewritten(found.parts.world.begin(Streams(found.seed), horizon), found.changes)


def _nothing() -> World:
    """Return a small world without changes, for callers that name no history."""
    from plandrift.worlds import Telegraph

    return Telegraph(volatility=0.0, steps=1)


def full_history(world: str, settings: Mapping[str, Any], seed: int) -> History:
    """Return everything that happens in a world by itself during an episode.

    Raises:
        SettingError: the world or a setting is wrong, or its changes cannot be written down.
    """
    # The horizon is an ordinary setting until the history has its own.
    horizon = condition(world, FREE, settings).parts.horizon
    bare = {name: value for name, value in settings.items() if name != "horizon"}
    found = History(world, bare, seed, horizon, ())
    within = takewhile(lambda change: change[0] <= horizon, found.scene.changes())
    changes = tuple(change for change, _ in zip(within, range(MOST_CHANGES), strict=False))
    for _, fluent, value in changes[:1]:
        _written(value, f"{world}: {fluent or 'an event'}")
    return History(world, bare, seed, horizon, changes)


def _written(value: Value, place: str) -> str:
    text = repr(value)
    try:
        if ast.literal_eval(text) == value:
            return text
    except (ValueError, SyntaxError):
        pass
    raise SettingError(
        f"{place}: its value {text:.80} cannot be written to a file: use strings, numbers and tuples"
    )


def write_history(history: History, path: Path, settings: Mapping[str, Any] | None = None) -> None:
    """Write a history's file.

    Args:
        history: the history.
        path: the path of the file.
        settings: the settings to write, if they differ from the history's own.

    Raises:
        PlandriftError: the file cannot be written.
    """
    lines = [
        f"title = {_quoted(history.title)}",
        f"cause = {_quoted(history.cause)}",
        f"call = {_quoted(history.call)}",
        f"right = {_quoted(history.right)}",
        f"goals = {str(history.goals).lower()}",
        f"world = {_quoted(history.world)}",
        f"seed = {history.seed}",
        f"horizon = {history.horizon!r}",
        "",
    ]
    for (time, fluent, value), words in zip(history.changes, history.narrated, strict=True):
        lines += [
            "[[changes]]",
            f"# {' '.join(words.split())}",
            f"time = {float(time)!r}",
            f"fluent = {_quoted(fluent)}",
            f"value = {_quoted(_written(value, fluent))}",
            "",
        ]
    lines.append("[settings]")
    for name, value in sorted((history.settings if settings is None else settings).items()):
        lines.append(f"{_quoted(name)} = {_quoted(value) if isinstance(value, str) else json.dumps(value)}")
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise PlandriftError(f"{path}: {error.strerror}: give a folder that can be written") from None


def _quoted(text: str) -> str:
    # JSON's escapes are valid in TOML.
    return json.dumps(text, ensure_ascii=True)


def _in_place(settings: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the settings of a history's file, with the path of its suite's folder filled in."""
    folder = str(path.resolve().parent.parent)
    return {k: v.replace(SUITE, folder) if isinstance(v, str) else v for k, v in settings.items()}


def read_history(path: Path) -> History:
    """Read a history from a file.

    Raises:
        SettingError: the file cannot be read, or is not a history.
    """
    found: dict[str, Any] = toml_of(
        read_text(path, f"world.history {path}", "name a history's file"), f"{path}"
    )
    try:
        changes = tuple(
            (float(one["time"]), str(one["fluent"]), ast.literal_eval(str(one["value"])))
            for one in found.get("changes", [])
        )
        return History(
            world=str(found["world"]),
            settings=_in_place(found.get("settings", {}), path),
            seed=int(found["seed"]),
            horizon=float(found["horizon"]),
            changes=changes,
            title=str(found["title"]),
            cause=str(found["cause"]),
            call=str(found["call"]),
            right=str(found["right"]),
            goals=bool(found["goals"]),
        )
    except (KeyError, TypeError, ValueError, SyntaxError, AttributeError) as error:
        raise SettingError(
            f"{path}: not a history ({error}): give a file written by `plandrift agent faults`"
        ) from None
