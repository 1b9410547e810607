"""Who runs an episode: the SimPy engine, or its compiled twin, which gives the same rows to the last bit."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.wall_clock_limit import wall_clock_limit
from plandrift.experiments.twin.coverage import lacking, too_large
from plandrift.experiments.twin.figures import row
from plandrift.policies import Assembled, replan_each
from plandrift.sim import ArrayForm, Episode, Metrics, SettingError, StepRecord, Streams, World
from plandrift.sim.settings.assembly import assemble
from plandrift.sim.usercode.answers import answering
from plandrift.sim.usercode.own_code import blamed

if TYPE_CHECKING:
    from plandrift.experiments.twin.loading import TwinSettings
    from plandrift.experiments.twin.twin import Outcome, Twin

ENGINES = ("auto", "simpy", "compiled")
"""What `--engine` takes."""

MANY = 2000
"""Episodes from which a sweep is long enough for the compiled engine to be made ready for it."""

COMPILED = "compiled"


class Ran(NamedTuple):
    """An episode that one of the two has run.

    Attributes:
        row: what was measured, as `Metrics.row` gives it.
        steps: a record a step fired; empty where they were not asked for.
        episode: what has it as `metrics`.
    """

    row: dict[str, Any]
    steps: tuple[StepRecord, ...]
    episode: Episode | Outcome

    @property
    def metrics(self) -> Metrics:
        """What was measured."""
        return self.episode.metrics


def chosen(conditions: Sequence[Condition], engine: str, episodes: int) -> dict[str, str]:
    """Which engine runs each condition, by its id: ``compiled``, or ``simpy: `` and why.

    Args:
        conditions: what is run.
        engine: one of `ENGINES`.
        episodes: how many there will be in all, at most.

    Raises:
        SettingError: the engine is unknown; or the compiled one is asked for and cannot run a condition.
    """
    if engine not in ENGINES:
        raise SettingError(f"--engine {engine}: give {', '.join(ENGINES)}")
    if engine == "simpy":
        return {one.id: "simpy: as asked" for one in conditions}
    if engine == "auto" and episodes < MANY:
        return {one.id: f"simpy: fewer than {MANY} episodes" for one in conditions}
    if find_spec("numba") is None:
        if engine == COMPILED:
            raise SettingError("--engine compiled: numba is not installed: pip install 'plandrift[fast]'")
        return {one.id: "simpy: numba is not installed" for one in conditions}
    found = {one.id: reason(one) for one in conditions}
    for one in conditions:
        if found[one.id] and engine == COMPILED:
            raise SettingError(
                f"--engine compiled: {one.world} under {one.policy}: {found[one.id]}: give --engine auto"
            )
    return {name: f"simpy: {why}" if why else COMPILED for name, why in found.items()}


@lru_cache(maxsize=4096)
def fitting(one: Condition, episodes: int) -> str:
    """The engine for so many episodes of a condition: ``compiled`` where it can and it pays."""
    return COMPILED if chosen([one], "auto", episodes)[one.id] == COMPILED else "simpy"


@lru_cache(maxsize=4096)
def reason(one: Condition) -> str:
    """Why the compiled engine cannot run a condition; empty where it can."""
    world, policy, channel, agent, handoff, horizon = one.parts
    why = lacking(policy, channel, agent, handoff)
    if why:
        return why
    try:
        with wall_clock_limit(), blamed():
            return too_large(ArrayForm.of(answering(world).begin(Streams(0), horizon)).array_scene())
    except Exception as error:
        # Whatever it is, the engine tells it of the episode in which it happens.
        return f"its world does not begin: {type(error).__name__}"


def make_ready(engines: Iterable[str], say: Callable[[str], None] | None = None) -> None:
    """Compile the engine, where one is wanted and it is not on disk yet; `say` is told before that."""
    if COMPILED in engines:
        from plandrift.experiments.twin.twin import kept

        if not kept():
            (say or _say)("compiling the fast engine, once: it takes less than a minute")
        _twin()


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def episode(one: Condition, seed: int, engine: str = "simpy", *, steps: bool = False) -> Ran:
    """The episode of one seed.

    Args:
        one: the condition.
        seed: of its streams.
        engine: as `chosen` says.
        steps: whether the records of the steps are wanted.
    """
    found = _compiled(one, seed, steps) if engine == COMPILED else None
    if found is None:
        ran = one.run(seed)
        return Ran(ran.metrics.row(), ran.steps, ran)
    return found


def regret_of(one: Condition, seed: int, effectiveness: float, engine: str = "simpy") -> float:
    """Regret: how much effectiveness an agent that hears everything at once would have had more.

    The other agent meets the same seed, so the same exogenous events, and is the best that the
    oracle setting makes of any named policy: it replans on each observation, with no latency and in
    no time (docs/model/measures.md). Negative where the episode did better.
    """
    best = _compiled(one, seed, against=True) if engine == COMPILED else None
    if best is not None:
        return float(best.row["effectiveness"]) - effectiveness
    return one.run_oracle(seed, ORACLE_POLICY).metrics.effectiveness - effectiveness


ORACLE_POLICY = replan_each()
"""What is run under the oracle setting to measure regret against."""


_ROOM = threading.local()
"""Each thread's twin: an episode that is under way is in its room."""


def _twin() -> Twin:
    found: Twin | None = getattr(_ROOM, "twin", None)
    if found is None:
        from plandrift.experiments.twin.twin import Twin

        found = _ROOM.twin = Twin()
    return found


@lru_cache(maxsize=4096)
def _world(one: Condition) -> World:
    """The condition's world; where it is a user's own, one whose answers are looked at."""
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


def _compiled(one: Condition, seed: int, steps: bool = False, against: bool = False) -> Ran | None:
    """The episode as the twin runs it; None where it needs more room than that has, or numba is not here."""
    # On a cluster a worker's machine may have other packages than the one that chose.
    if find_spec("numba") is None:
        return None
    settings, world = _settings(one, against), _world(one)
    if world is one.parts.world:
        found = _twin().run(settings, world, seed, steps=steps)
    else:
        with wall_clock_limit(), blamed():
            found = _twin().run(settings, world, seed, steps=steps)
    return None if isinstance(found, str) else Ran(row(found.figures), found.steps, found)
