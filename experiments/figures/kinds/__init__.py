"""The kinds of figure that a sweep can be drawn as: one file each, and an entry in `KINDS`."""

from __future__ import annotations

from plandrift.experiments.figures.kinds.ablation import ablation
from plandrift.experiments.figures.kinds.best import best
from plandrift.experiments.figures.kinds.crew import crew
from plandrift.experiments.figures.kinds.effectiveness import effectiveness
from plandrift.experiments.figures.kinds.failure_mix import failure_mix
from plandrift.experiments.figures.kinds.guards import guards
from plandrift.experiments.figures.kinds.headline import headline
from plandrift.experiments.figures.kinds.kind import FigureKind
from plandrift.experiments.figures.kinds.latency import latency
from plandrift.experiments.figures.kinds.lines import lines
from plandrift.experiments.figures.kinds.mast import mast
from plandrift.experiments.figures.kinds.price import price
from plandrift.experiments.figures.kinds.step import step
from plandrift.experiments.figures.kinds.storm import storm
from plandrift.experiments.figures.kinds.volatility import staleness_volatility

KINDS: dict[str, FigureKind] = {
    kind.name: kind
    for kind in (
        lines,
        headline,
        staleness_volatility,
        effectiveness,
        latency,
        best,
        step,
        ablation,
        guards,
        crew,
        price,
        failure_mix,
        mast,
        storm,
    )
}
"""Every kind of figure by name, in the order used in a report."""

__all__ = [
    "KINDS",
    "FigureKind",
    "ablation",
    "best",
    "crew",
    "effectiveness",
    "failure_mix",
    "guards",
    "headline",
    "latency",
    "lines",
    "mast",
    "price",
    "staleness_volatility",
    "step",
    "storm",
]
