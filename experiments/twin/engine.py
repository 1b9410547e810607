"""The compiled engine as a `FasterEngine`, which sweeps call; numba is imported when it has to run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.engines import ORACLE_POLICY, Ran
from plandrift.experiments.sweeps.wall_clock_limit import wall_clock_limit
from plandrift.experiments.twin import metrics
from plandrift.experiments.twin.coverage import lacking, too_large
from plandrift.policies import Assembled
from plandrift.sim import ArrayForm, Streams, World
from plandrift.sim.settings.assembly import assemble
from plandrift.sim.usercode.answers import answering
from plandrift.sim.usercode.own_code import blamed

if TYPE_CHECKING:
    from plandrift.experiments.twin.loading import TwinSettings
    from plandrift.experiments.twin.twin import Outcome, Twin

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
            return too_large(ArrayForm.of(answering(world).begin(Streams(0), horizon)).array_scene())
    except Exception as error:
        # Whatever the error is, the SimPy engine reports it for the episode in which it occurs.
        return f"its world does not begin: {type(error).__name__}"


def make_ready(say: Callable[[str], None]) -> None:
    """Compile it, if it is not on disk yet; `say` is called before that."""
    from plandrift.experiments.twin.twin import kept

    if not kept():
        say("compiling the fast engine, once: it takes less than a minute")
    _twin()


def episode(one: Condition, seed: int, steps: bool) -> Ran | None:
    """Run one seed's episode, with its steps if wanted; None if SimPy has to run it."""
    found = _outcome(one, seed, steps)
    return None if found is None else Ran(metrics.row(found.figures), found.steps, found)


def best(one: Condition, seed: int) -> float | None:
    """Return effectiveness of `ORACLE_POLICY` under the oracle setting; None if SimPy has to run it."""
    found = _outcome(one, seed, against=True)
    return None if found is None else float(found.figures["effectiveness"])


_ROOM = threading.local()
"""Each thread's twin, whose memory holds the running episode."""


def _twin() -> Twin:
    found: Twin | None = getattr(_ROOM, "twin", None)
    if found is None:
        from plandrift.experiments.twin.twin import Twin

        found = _ROOM.twin = Twin()
    return found


@lru_cache(maxsize=4096)
def _world(one: Condition) -> World:
    """Return the condition's world; for a user's own world, one whose answers are checked."""
    return answering(one.parts.world)


@lru_cache(maxsize=4096)
def _settings(one: Condition, against: bool) -> TwinSettings:
    from plandrift.experiments.twin.loading import TwinSettings

    parts = one.parts
    oracle = one.oracle or against
    channel, agent, handoff = assemble(parts.channel, parts.agent, parts.handoff, {}, oracle)
    policy = ORACLE_POLICY if against else parts.policy
    assert isinstance(policy, Assembled)
    return TwinSettings(policy, channel, agent, handoff, parts.horizon)


def _outcome(one: Condition, seed: int, steps: bool = False, against: bool = False) -> Outcome | None:
    """Return the outcome; None if it needs more memory than the twin has, or numba is missing."""
    # On a cluster, a worker's machine may have other packages than the one that chose the engine.
    if missing():
        return None
    settings, world = _settings(one, against), _world(one)
    if world is one.parts.world:
        found = _twin().run(settings, world, seed, steps=steps)
    else:
        with wall_clock_limit(), blamed():
            found = _twin().run(settings, world, seed, steps=steps)
    return None if isinstance(found, str) else found
