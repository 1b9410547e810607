"""Failures by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.failure_shares import failure_shares
from plandrift.experiments.analysis.selection import panels
from plandrift.experiments.figures.kinds.kind import figure_kind, note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind("failure-mix", "Failures by cause")
def failure_mix(results: Results) -> Figure:
    """Draw the shares of the causes of failure, one bar per policy."""
    from plandrift.experiments.figures.bars import ShareBar, shares_figure

    bars = [
        ShareBar(f"{policy}\n{panel.label}".strip(), mix.shares, f"{mix.failures} in {mix.fired} calls")
        for panel in panels(results, ["policy"])
        for policy, mix in failure_shares(panel.results, "cause").items()
    ]
    return shares_figure(bars, results.manifest.title, note(results, ["policy"]))
