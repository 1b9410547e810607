"""The compiled twin: episodes of an array world, equal to the engine's to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin import stage, streams
from plandrift.experiments.twin.causes import tables
from plandrift.experiments.twin.compiled import in_one_piece
from plandrift.experiments.twin.loading import Loaded
from plandrift.experiments.twin.memory import record_of
from plandrift.experiments.twin.metrics import FIGURES, columns, metrics
from plandrift.experiments.twin.records import records
from plandrift.sim import Metrics, StepRecord

ENDS = {at.DONE: "done", at.GAVE_UP: "gave-up", at.HORIZON: "horizon"}


class Outcome(NamedTuple):
    """The outcome of an episode.

    Attributes:
        row: the figures, as `Metrics.row` returns them.
        steps: one record per step; empty if they were not requested.
        end: ``done``, ``gave-up`` or ``horizon``.
        events: the number of events.
    """

    row: dict[str, Any]
    steps: tuple[StepRecord, ...]
    end: str
    events: int

    @property
    def metrics(self) -> Metrics:
        """Return the metrics."""
        return metrics(self.row)


def _engine(stamp: int) -> Any:
    # The compiled code is cached on disk under a stamp of everything it was made from; a cache keyed by one
    # file's modification time would miss changes in other files.
    def play(scenes: Any, rules: Any, states: Any, first: int, rows: Any, drawn: Any) -> int:
        state = record_of(states, 0)
        if drawn.shape[1]:
            streams.sample(state, drawn)
        stage.play(record_of(scenes, 0), record_of(rules, 0), state, first, rows)
        return stamp

    try:
        return njit(cache=True)(play)
    except RuntimeError:
        # No folder is writable, so each process compiles it anew.
        return njit(play)


STAMP = crc32(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))))
"""The stamp of the twin's own source."""
SAMPLED = 1000
"""How many numbers of each distribution are compared with numpy's."""
_NO_DRAWS = np.zeros((5, 0))


def kept() -> bool:
    """Say whether compiled code is on disk already, from this source or an earlier one."""
    folder = getattr(getattr(_engine(STAMP), "_cache", None), "cache_path", None)
    return folder is not None and any(Path(folder).glob("twin.*"))


class Twin:
    """The memory in which one process runs episodes, one after the other.

    Attributes:
        agrees: whether numpy draws the same random numbers as the compiled code; if not, a version of numpy
            has changed them, and the SimPy engine has to run everything.
    """

    def __init__(self) -> None:
        self._state = np.zeros(1, dtype=at.STATE)
        self._state["cause_of"], self._state["codes_of"] = tables()
        self._play = _engine(STAMP)
        # Compiling, or loading, happens now.
        scene, rules, drawn = np.zeros(1, at.SCENE), np.zeros(1, at.RULES), np.zeros((5, SAMPLED))
        self._state["seed"] = SAMPLED
        with in_one_piece(self._play.py_func.__qualname__):
            self._play(scene, rules, self._state, 0, np.zeros(0, FIGURES), drawn)
        self.agrees = bool(drawn.tolist() == streams.expected(SAMPLED, SAMPLED))

    def rows(self, loaded: Loaded, first: int, count: int, *, steps: bool = False) -> NDArray[Any]:
        """Run the episodes of `count` seeds from `first` on, and return a row of `FIGURES` for each.

        The field `ended` is `FULL` where the SimPy engine has to run the episode.
        """
        rows = np.empty(count, dtype=FIGURES)
        self._state["kept"] = steps
        self._state["times"][0, : len(loaded.measured)] = loaded.measured
        self._play(loaded.scene, loaded.rules, self._state, first, rows, _NO_DRAWS)
        return rows

    def run(self, loaded: Loaded, seed: int, *, steps: bool = False) -> Outcome | None:
        """Run one episode, with its step records if wanted; None if the SimPy engine has to run it."""
        rows = self.rows(loaded, seed, 1, steps=steps)
        ended = int(rows["ended"][0])
        if ended == at.FULL:
            return None
        row = {name: column[0].item() for name, column in columns(rows).items()}
        kept = records(self._state, loaded.scene, loaded.table) if steps else ()
        return Outcome(row, kept, ENDS[ended], int(self._state["events"][0]))
