"""The compiled engine as a `FasterEngine`, which sweeps call; numba is imported when it has to run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.engines import ORACLE_POLICY, Column, EpisodeColumns, Ran
from plandrift.experiments.sweeps.wall_clock_limit import wall_clock_limit
from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin import metrics
from plandrift.experiments.twin.coverage import lacking, table_of, unfit
from plandrift.policies import Assembled
from plandrift.sim.settings.assembly import assemble
from plandrift.sim.usercode.answers import answering
from plandrift.sim.usercode.own_code import blamed

if TYPE_CHECKING:
    from plandrift.experiments.twin.loading import Loaded
    from plandrift.experiments.twin.twin import Twin

INSTALL = "pip install 'plandrift[fast]'"
"""The command that installs its requirements."""


def missing() -> str:
    """Say what it needs that is not installed; empty if nothing is missing."""
    return "numba is not installed" if find_spec("numba") is None else ""


def empty() -> Sequence[str]:
    """The metrics that it leaves empty (NaN)."""
    return metrics.EMPTY


@lru_cache(maxsize=4096)
def reason(one: Condition) -> str:
    """Say why it cannot run a condition; empty if it can."""
    world, policy, channel, agent, handoff, horizon, crew = one.parts
    why = f"crew.agents = {crew.agents}" if crew.agents > 1 else lacking(policy, channel, agent, handoff)
    if why:
        return why
    try:
        with wall_clock_limit(), blamed():
            tables = [table_of(answering(world), agent, horizon, seed) for seed in (0, 1)]
        return unfit(*tables)
    except Exception as error:
        # Whatever the error is, the SimPy engine reports it for the episode in which it occurs.
        return f"its world does not begin: {type(error).__name__}"


def make_ready(say: Callable[[str], None]) -> None:
    """Compile it, if it is not on disk yet; `say` is called before that."""
    from plandrift.experiments.twin.twin import kept

    if not kept():
        say("compiling the fast engine, once: it takes less than a minute")
    if not _twin().agrees:
        say("this numpy draws other random numbers than the fast engine: SimPy runs every episode")


def episode(one: Condition, seed: int, steps: bool) -> Ran | None:
    """Run one seed's episode, with its steps if wanted; None if SimPy has to run it."""
    found = _twin().run(_loaded(one), seed, steps=steps) if _ready() else None
    return None if found is None else Ran(found.row, found.steps, found)


def rows(one: Condition, first: int, count: int) -> EpisodeColumns | None:
    """Run the episodes of `count` seeds from `first` on; None if SimPy has to run them all."""
    if not _ready():
        return None
    found = _twin().rows(_loaded(one), first, count)
    return EpisodeColumns(metrics.columns(found), found["ended"] != at.FULL)


def best(one: Condition, first: int, count: int) -> Column | None:
    """Return effectiveness of `ORACLE_POLICY` under the oracle setting, NaN where SimPy has to run it."""
    if not _ready():
        return None
    found = _twin().rows(_loaded(one, against=True), first, count)
    return np.where(found["ended"] == at.FULL, np.nan, found["effectiveness"])


_ROOM = threading.local()
"""Each thread's twin, whose memory holds the running episode."""


def _twin() -> Twin:
    found: Twin | None = getattr(_ROOM, "twin", None)
    if found is None:
        from plandrift.experiments.twin.twin import Twin

        found = _ROOM.twin = Twin()
    return found


def _ready() -> bool:
    """Say whether this process can run anything."""
    # On a cluster, a worker's machine may have other packages than the one that chose the engine.
    return not missing() and _twin().agrees


@lru_cache(maxsize=4096)
def _loaded(one: Condition, against: bool = False) -> Loaded:
    from plandrift.experiments.twin.loading import load

    parts = one.parts
    oracle = one.oracle or against
    channel, agent, handoff = assemble(parts.channel, parts.agent, parts.handoff, {}, oracle)
    policy = ORACLE_POLICY if against else parts.policy
    assert isinstance(policy, Assembled)
    with wall_clock_limit(), blamed():
        table = table_of(answering(parts.world), agent, parts.horizon)
    assert table is not None
    return load(table, policy, channel, agent, handoff, parts.horizon)
