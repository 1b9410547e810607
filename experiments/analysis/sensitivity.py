"""Which settings matter: Sobol' indices of a metric over the ranges of a spec.

Saltelli's design (Saltelli et al. 2010, Comput. Phys. Commun. 181) takes two independent sets A and B of n
Sobol points each and, for each of the d settings, the points of A with that setting taken from B. Each of
the n (d + 2) points is a condition of an ordinary sweep on the same seeds, so it can be stopped and resumed
like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.statistics.intervals import Index, sobol
from plandrift.experiments.statistics.measures import is_rate, rate_columns
from plandrift.experiments.sweeps.combinations import checked, groups_of
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import Progress, SweepOutcome, sweep
from plandrift.experiments.sweeps.spec import Spec
from plandrift.sim import PlandriftError, SettingError
from plandrift.sim.measure.metrics import METRICS
from plandrift.sim.terms.errors import nearest


@dataclass(frozen=True)
class Sensitivity:
    """The sensitivities in one group of conditions.

    Attributes:
        group: the settings of `[grid]` and `[zip]` that were held fixed.
        metric: the metric whose variance was split.
        mean: the metric's mean over the ranges.
        deviation: standard deviation of its means at the points.
        indices: one for each setting of `[random]`.
    """

    group: Mapping[str, Any]
    metric: str
    mean: float
    deviation: float
    indices: list[Index]


@dataclass(frozen=True)
class Design:
    """The conditions of one group: A, then B, then A with setting i from B for each i."""

    group: Mapping[str, Any]
    conditions: list[Condition]


def designs(spec: Spec, samples: int) -> list[Design]:
    """Return the points to run, one design for each combination of `[grid]` and `[zip]`.

    Raises:
        SettingError: the spec has no ranges, a value is wrong, or `samples` is not a power of 2.
    """
    from scipy.stats import qmc

    if spec.random is None:
        raise SettingError(
            "sensitivity: the spec has no [random] section: add one with the ranges of the settings"
        )
    if samples < 2 or samples & (samples - 1):
        raise SettingError(f"--samples {samples}: Sobol points come in powers of 2: give 128, 256 or 512")
    ranges = spec.random.ranges
    spec.check_size(samples * (len(ranges) + 2), f"--samples {samples}")
    names = list(ranges)
    d = len(names)
    shares = qmc.Sobol(2 * d, rng=spec.random.seed).random(samples)
    a, b = shares[:, :d], shares[:, d:]
    mixed = []
    for i in range(d):
        swapped = a.copy()
        swapped[:, i] = b[:, i]
        mixed.append(swapped)
    rows = np.concatenate([a, b, *mixed])
    found = []
    for base, group in groups_of(spec):
        conditions = [
            checked(base | {n: ranges[n].at(share) for n, share in zip(names, row, strict=True)}, spec)
            for row in rows.tolist()
        ]
        found.append(Design(group, conditions))
    return found


def sensitivity(
    spec: Spec,
    out: Path,
    metric: str,
    samples: int = 256,
    workers: int = 2,
    text: str = "",
    tell: Callable[[Progress], None] | None = None,
) -> tuple[SweepOutcome, list[Sensitivity]]:
    """Run the part of the design that is missing, and split the variance of the metric's means.

    Args:
        spec: a spec with `[random]` ranges and a number of seeds, which applies to every point.
        out: the folder for the sweep.
        metric: the metric's name.
        samples: n, a power of 2; n (d + 2) points are run for d settings.
        workers: number of processes.
        text: the text that the spec was read from.
        tell: called with the sweep's progress.

    Raises:
        SettingError: the spec or a name is wrong.
        PlandriftError: the metric has no value at a point, for example because nothing was fired.
    """
    if metric not in METRICS:
        raise SettingError(f"--metric {metric}: there is no such metric: {nearest(metric, METRICS)}")
    if spec.seeds is None:
        raise SettingError(
            "sensitivity: every point needs the same number of seeds: give seeds = 20 instead of until"
        )
    planned = designs(spec, samples)
    conditions = list(dict.fromkeys(one for design in planned for one in design.conditions))
    outcome = sweep(spec, out, workers=workers, text=text, tell=tell, conditions=conditions, metrics=[metric])
    if outcome.stopped:
        return outcome, []
    means = _means(outcome.results, metric)
    names = list(spec.random.ranges) if spec.random is not None else []
    seed = spec.random.seed if spec.random is not None else 0
    return outcome, [_split(design, metric, means, names, samples, seed) for design in planned]


def _split(
    design: Design, metric: str, means: Mapping[str, float], names: list[str], samples: int, seed: int
) -> Sensitivity:
    missing = [one for one in design.conditions if one.id not in means]
    if missing:
        raise PlandriftError(
            f"{metric} has no value at {len(missing)} points, such as {missing[0].given}: "
            "narrow the ranges, or choose a metric that every episode has"
        )
    values: NDArray[np.float64] = np.array([means[one.id] for one in design.conditions])
    at_a, at_b = values[:samples], values[samples : 2 * samples]
    if values.min() == values.max():
        raise PlandriftError(f"{metric} is {values[0]:g} at every point: there is no variance to split")
    indices = sobol(names, at_a, at_b, values[2 * samples :].reshape(len(names), samples), seed=seed)
    both = values[: 2 * samples]
    return Sensitivity(design.group, metric, float(both.mean()), float(both.std(ddof=1)), indices)


def _means(results: Results, metric: str) -> dict[str, float]:
    """Return the metric at each condition: sum over sum for a rate, else the mean."""
    if is_rate(metric):
        part, whole = rate_columns(metric)
        value = f"sum({part} order by seed) / sum({whole} order by seed)"
        known = f"having sum({whole}) > 0"
    else:
        value, known = f"avg({metric} order by seed) filter (not isnan({metric}::double))", ""
    with results.connect() as connection:
        rows = connection.execute(f"select condition, {value} from episodes group by 1 {known}").fetchall()
    return {condition: one for condition, one in rows if one is not None}
