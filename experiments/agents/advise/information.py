"""What it is worth to know a fact better: how much cheaper the choice would be, made with the fact known.

The expected value of partial perfect information, by regression (Strong, Oakley and Brennan 2014, Medical
Decision Making 34(3)): how much dearer each contender is than the best is fitted over the draws as a
parabola of the fact alone, and the gain is the mean of what switching would save where the fit says so.
A fit to chance alone gains something too: what it gains with the fact shuffled is taken off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from plandrift.experiments.agents.advise.prices import Array

SHUFFLES = 20


def worth_knowing(
    costs: Mapping[str, Array], best: str, facts: Mapping[str, Sequence[float]], seed: int = 0
) -> dict[str, float]:
    """For each fact what knowing it exactly would save an episode, the greatest first; none below 0.

    Args:
        costs: of each contender, a cost a draw; all as long.
        best: the one that is chosen without knowing more.
        facts: for each its value in each draw.
        seed: of the shuffles.
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
    # What another choice would gain without knowing the fact is not what the fact is worth.
    return float(switched.mean() - max(0.0, float(np.max(np.mean(fitted, axis=1)))))
