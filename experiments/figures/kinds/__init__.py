"""The kinds of figure that a sweep's folder can be drawn as: a file each, and a line in `KINDS`."""

from __future__ import annotations

from experiments.figures.kinds.ablation import ablation
from experiments.figures.kinds.best import best
from experiments.figures.kinds.effectiveness import effectiveness
from experiments.figures.kinds.failure_mix import failure_mix
from experiments.figures.kinds.guards import guards
from experiments.figures.kinds.kind import FigureKind
from experiments.figures.kinds.latency import latency
from experiments.figures.kinds.lines import lines
from experiments.figures.kinds.mast import mast
from experiments.figures.kinds.price import price
from experiments.figures.kinds.step import step
from experiments.figures.kinds.storm import storm
from experiments.figures.kinds.volatility import staleness_volatility

KINDS: dict[str, FigureKind] = {
    kind.name: kind
    for kind in (
        lines,
        staleness_volatility,
        effectiveness,
        latency,
        best,
        step,
        ablation,
        guards,
        price,
        failure_mix,
        mast,
        storm,
    )
}
"""Every kind of figure by its name, in the order in which a report has them."""

__all__ = [
    "KINDS",
    "FigureKind",
    "ablation",
    "best",
    "effectiveness",
    "failure_mix",
    "guards",
    "latency",
    "lines",
    "mast",
    "price",
    "staleness_volatility",
    "step",
    "storm",
]
