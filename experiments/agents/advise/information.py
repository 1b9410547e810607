"""The value of knowing a fact better: how much cheaper the choice would be if the fact were known.

This is the expected value of partial perfect information, by regression (Strong, Oakley and Brennan 2014,
Medical Decision Making 34(3)). The extra cost of each contender over the best is fitted over the draws as a
parabola in that fact alone; the gain is the mean saving from switching wherever the fit says so. A fit to
pure chance also gains something, so the gain with the fact shuffled is subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from plandrift.experiments.agents.advise.prices import Array

SHUFFLES = 20


def worth_knowing(
    costs: Mapping[str, Array], best: str, facts: Mapping[str, Sequence[float]], seed: int = 0
) -> dict[str, float]:
    """Return what knowing each fact exactly would save per episode, the most first; none below 0.

    Args:
        costs: each contender's costs, one per draw; all of equal length.
        best: the contender chosen without knowing more.
        facts: each fact's value in each draw.
        seed: seed of the shuffles.
    """
    random = np.random.default_rng(seed)
    saved = [costs[best] - other for name, other in costs.items() if name != best]
    found = {}
    for name, values in facts.items():
        known = np.asarray(values, float)
        x = np.log(known) if (known > 0).all() else known
        by_chance = np.mean([_gain(saved, random.permutation(x)) for _ in range(SHUFFLES)])
        found[name] = max(0.0, _gain(saved, x) - float(by_chance))
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _gain(saved: Sequence[Array], x: Array) -> float:
    scale = x.std()
    if not scale or not saved:
        return 0.0
    z = (x - x.mean()) / scale
    basis = np.stack([np.ones_like(z), z, z**2], axis=1)
    fitted = [basis @ np.linalg.lstsq(basis, one, rcond=None)[0] for one in saved]
    switched = np.maximum(0.0, np.max(fitted, axis=0))
    # What another choice would gain without knowing the fact is not part of the fact's value.
    return float(switched.mean() - max(0.0, float(np.max(np.mean(fitted, axis=1)))))
