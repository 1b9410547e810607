"""The flagship episode: one change, its news in transit, a call that was right a moment ago, three guards.

The seed is the clearest of many according to `clearest`, not a lucky pick: nothing else changes, the news
is on its way to the agent when the call is fired, plan-once and the gate that trusts the belief both do harm,
the world refuses the call that carries its assumptions, and the gate that looks stops the call long before
the news arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plandrift.experiments.playback.moments import Moment, moments
from plandrift.policies import POLICIES
from plandrift.sim import Episode, run
from plandrift.worlds import Records

GUARDS = ("plan-once", "if-match", "look-first", "gated")
"""The agent without a guard, and the guards beside it: first those that catch the failure."""
LATENCY, LOOK = 1.0, 0.1
"""How long news takes to reach the agent, and how long a look takes, there and back."""
SEED = 2737
"""The clearest of the first `SEARCHED` seeds."""
SEARCHED = 3000


def flagship(seed: int = SEED) -> list[Episode]:
    """Return the four episodes of a seed: one world, one agent, four guards."""
    return [_episode(name, seed) for name in GUARDS]


def clearest(seeds: Iterable[int]) -> int | None:
    """Return the seed that shows the failure most clearly; None if none shows it.

    Among those that show it, this is the one with the fewest other events in all episodes, then the one in
    which the look is earliest before the news.
    """
    return min(_fitting(seeds), default=(0.0, 0.0, None))[2]


def _fitting(seeds: Iterable[int]) -> Iterator[tuple[float, float, int]]:
    for seed in seeds:
        once = _episode("plan-once", seed)
        failed = _the_one(once, "failed")
        if failed is None or once.metrics.harm != 1 or len(failed.fluents) != 1:
            continue
        since = next(time for s in once.steps if s.outcome == "harmful" for _, time in s.violated)
        on_its_way = failed.time - since
        if not 0.2 < on_its_way < 0.8 or not 1.5 < failed.time < 4.5:
            continue
        carries, looks, gated = (_episode(name, seed) for name in GUARDS[1:])
        same = _the_one(gated, "failed")
        looked, refused = _the_one(looks, "stopped"), _the_one(carries, "stopped")
        if same is None or (same.time, same.fluents) != (failed.time, failed.fluents):
            continue
        if looked is None or refused is None or refused.time != failed.time:
            continue
        if looks.metrics.success and carries.metrics.success:
            changes = sum(one.metrics.exogenous_changes for one in (once, carries, looks, gated))
            yield changes, looked.time - (since + LATENCY), seed


def _the_one(episode: Episode, kind: str) -> Moment | None:
    """Return an episode's only moment, if it has exactly one and that is of this kind."""
    found = moments(episode)
    return found[0] if len(found) == 1 and found[0].kind == kind else None


def with_latency(name: str, latency: float, seed: int = SEED) -> Episode:
    """Run one guard's episode at an observation latency, with its trace."""
    world = Records(records=5, linked=0.0, volatility=0.02)
    return run(
        world, POLICIES[name](), latency=latency, read_latency=LOOK, seed=seed, horizon=60.0, trace=True
    )


def _episode(name: str, seed: int) -> Episode:
    return with_latency(name, LATENCY, seed)
