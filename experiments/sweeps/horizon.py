"""The search for an ample horizon: how long an undisturbed episode takes, and how many episodes are cut off.

The horizon limits what is measured, not the agent (docs/howto/sweep.md): it has to be long enough to end
almost no episode.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from plandrift.experiments.sweeps.condition import Condition, condition
from plandrift.experiments.sweeps.engines import episode, fitting
from plandrift.sim import SettingError

ENOUGH = 0.01
"""A horizon that cuts off less than this share of the episodes is ample."""

DOUBLINGS = 6
"""How often a horizon is doubled in search of an ample one."""

TRIED = 8
"""Seeds per condition."""

USELESS = 2
"""Doublings that together rescue less than a tenth of the cut-off episodes: more would rescue none."""

LONG = 8.0
"""The factor for the horizon if even an undisturbed episode is cut off."""


@dataclass(frozen=True)
class HorizonTrial:
    """What a few episodes say about the horizon.

    Attributes:
        episodes: how many episodes were tried.
        cut: the share that their own horizon cut off.
        factor: the shortest multiple of their own horizon beyond which a longer one does not pay; it is
            ample if `left` is below `ENOUGH`.
        left: the share that this horizon still cut off.
        endless: a condition with an episode cut off by the longest horizon tried; None if there is none.
    """

    episodes: int
    cut: float
    factor: int
    left: float
    endless: Condition | None

    @property
    def ample(self) -> bool:
        """Say whether an ample horizon was found."""
        return self.left < ENOUGH


def with_horizon(one: Condition, horizon: float) -> Condition:
    """Return the same condition with another horizon.

    Raises:
        SettingError: an episode of that length would be too large.
    """
    return condition(one.world, one.policy, {**one.given, "horizon": horizon}, oracle=one.oracle)


def undisturbed(one: Condition) -> float | None:
    """Return how long an episode takes in a world that does not change: a plan, then its steps in order.

    Return None if it does not end by itself: the world has no goals, or the agent never reaches one.
    """
    with suppress(SettingError):
        still = condition(one.world, one.policy, {**one.given, "volatility": 0.0}, oracle=one.oracle)
        for factor in (1.0, LONG, LONG**2, LONG**3):
            episode = with_horizon(still, one.parts.horizon * factor).run(0)
            if episode.end != "horizon":
                return episode.metrics.duration
            if not episode.metrics.cut_off:
                return None  # without goals, an episode lasts until its horizon
    return None


def try_horizon(
    conditions: Sequence[Condition], seconds: float = math.inf, seeds: int = TRIED, budget: int = 0
) -> HorizonTrial:
    """Run a few episodes of each condition, and rerun those cut off with a longer horizon.

    Args:
        conditions: conditions with their own horizons, doubled until less than `ENOUGH` are cut off.
        seconds: the time after which no further condition is tried; after 3 times that, no longer horizon.
        seeds: seeds per condition.
        budget: size of the whole sweep in episodes: the compiled engine helps if there are many.
    """
    began = time.perf_counter()

    def is_cut(one: Condition, seed: int) -> bool:
        return bool(episode(one, seed, fitting(one, budget)).metrics.cut_off)

    def over(limit: float) -> bool:
        return time.perf_counter() - began > limit

    cut: list[tuple[Condition, int]] = []
    episodes = 0
    for one in conditions:
        cut += [(one, seed) for seed in range(seeds) if is_cut(one, seed)]
        episodes += seeds
        if over(seconds):
            break
    factor, counts = 1, [len(cut)]
    while len(cut) >= ENOUGH * episodes and factor < 2**DOUBLINGS and not over(3 * seconds):
        try:
            longer = {one: with_horizon(one, 2 * factor * one.parts.horizon) for one, _ in cut}
        except SettingError:
            break  # longer than an episode may be
        factor *= 2
        cut = [(one, seed) for one, seed in cut if is_cut(longer[one], seed)]
        counts.append(len(cut))
        if len(counts) > USELESS and counts[-1] > 0.9 * counts[-1 - USELESS]:
            factor >>= USELESS
            break
    endless = cut[0][0] if cut else None
    return HorizonTrial(episodes, counts[0] / episodes, factor, len(cut) / episodes, endless)
