"""The compiled twin: an episode of an array world, equal to the engine's to the last bit."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin import stage
from plandrift.experiments.twin.causes import tables
from plandrift.experiments.twin.coverage import too_large
from plandrift.experiments.twin.loading import Changes, Draws, TwinSettings, load
from plandrift.experiments.twin.metrics import ENDS, figures
from plandrift.experiments.twin.records import records
from plandrift.sim import ArrayForm, ArrayScene, Metrics, StepRecord, Streams, World
from plandrift.sim.interfaces.world import check_scene
from plandrift.sim.usercode.checks import check_changes, check_side_effects


class Outcome(NamedTuple):
    """The outcome of an episode.

    Attributes:
        figures: the measurements, by the names of `Metrics`.
        steps: one record per step; empty if they were not requested.
        end: ``done``, ``gave-up`` or ``horizon``.
        events: the number of events.
    """

    figures: dict[str, Any]
    steps: tuple[StepRecord, ...]
    end: str
    events: int

    @property
    def metrics(self) -> Metrics:
        """Return the metrics."""
        return Metrics(**self.figures)


def _engine(stamp: int) -> Any:
    # The compiled code is cached on disk under a stamp of everything it was made from; a cache keyed by one
    # file's modification time would miss changes in other files.
    def play(scenes: Any, rules: Any, states: Any, causes: Any, codes: Any, out: Any) -> int:
        stage.play(scenes[0], rules[0], states[0], causes, codes, out)
        return states[0].ended if stamp else 0

    try:
        return njit(cache=True)(play)
    except RuntimeError:
        # No folder is writable, so each process compiles it anew.
        return njit(play)


KEPT = 256
"""The number of scenes kept ready: all policies of a sweep meet the same scenes in turn."""
STAMP = crc32(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))))
"""The stamp of the twin's own source."""


def kept() -> bool:
    """Say whether compiled code is on disk already, from this source or an earlier one."""
    folder = getattr(getattr(_engine(STAMP), "_cache", None), "cache_path", None)
    return folder is not None and any(Path(folder).glob("twin.*"))


class Prepared(NamedTuple):
    """A scene kept for other policies on the same seed."""

    table: ArrayScene
    scene: NDArray[Any]
    changes: Changes


class Twin:
    """The memory in which one process runs episodes, one after the other."""

    def __init__(self) -> None:
        self._state = np.zeros(1, dtype=at.STATE)
        self._sums = np.zeros(stage.SUMS)
        self._play = _engine(STAMP)
        self._tables = tables()
        # Run an episode that is over before it begins, so that compiling or loading happens now.
        self._state["ended"] = at.FULL
        nothing = np.zeros(1, dtype=at.SCENE), np.zeros(1, dtype=at.RULES)
        self._play(*nothing, self._state, *self._tables, self._sums)
        self._prepared: OrderedDict[tuple[World, int, float], Prepared | str] = OrderedDict()

    def run(self, settings: TwinSettings, world: World, seed: int, *, steps: bool = False) -> Outcome | str:
        """Run one episode, or say why the engine has to run it.

        Args:
            settings: the condition's settings.
            world: the world and its settings.
            seed: the seed of its random streams.
            steps: whether to return step records.

        Raises:
            SettingError: as `sim.run` does.
        """
        random = Streams(seed)
        found = self._scene_of(world, random, settings)
        if isinstance(found, str):
            return found
        table = found.table
        if settings.fluents is not table.fluents and settings.fluents != table.fluents:
            settings.of_scene(table)
        state = self._state
        draws = Draws(settings, found.changes, random, state)
        state["ended"] = at.FRESH
        while True:
            ended = self._play(found.scene, settings.record, state, *self._tables, self._sums)
            if ended != at.RUNNING:
                break
            draws.make_ready()
        if ended == at.FULL:
            return "it needs more room than the compiled engine has"
        measured = figures(state, self._sums.tolist(), len(table.writes))
        kept = records(state, table) if steps else ()
        return Outcome(measured, kept, ENDS[ended], int(state["events"][0]))

    def _scene_of(self, world: World, random: Streams, settings: TwinSettings) -> Prepared | str:
        key = world, random.seed, settings.horizon
        found = self._prepared.get(key)
        if found is None:
            scene = world.begin(random, settings.horizon)
            check_scene(world, scene)
            check_changes(world, scene, settings.horizon)
            check_side_effects(settings.agent, scene)
            table = ArrayForm.of(scene).array_scene()
            why = too_large(table)
            found = why if why or table is None else Prepared(table, load(table), Changes(table, random))
            self._prepared[key] = found
            if len(self._prepared) > KEPT:
                self._prepared.popitem(last=False)
        return found
