"""Failures by MAST code, as a reader of transcripts would classify them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.failure_shares import failure_shares, published_shares
from plandrift.experiments.analysis.selection import panels
from plandrift.experiments.figures.kinds.kind import figure_kind, note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind("mast")
def mast(results: Results) -> Figure:
    """Draw the shares of the MAST codes, one bar per policy, beside their published shares."""
    from plandrift.experiments.figures.bars import ShareBar, shares_figure

    bars = [
        ShareBar(f"{policy}\n{panel.label}".strip(), mix.shares, f"{mix.failures} in {mix.fired} calls")
        for panel in panels(results, ["policy"])
        for policy, mix in failure_shares(panel.results, "mast").items()
    ]
    return shares_figure(
        [ShareBar("published", published_shares(), ""), *bars],
        results.manifest.title,
        note(results, ["policy"]) + "; published: Cemri et al. 2025, relative to these codes",
        "share of the codes",
    )
