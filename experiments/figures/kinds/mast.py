"""What a reader of transcripts would call the failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.analysis.failure_shares import failure_shares, published_shares
from experiments.figures.kinds.kind import figure_kind, note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.sweeps.results import Results


@figure_kind("mast")
def mast(results: Results) -> Figure:
    """The shares of the MAST codes, a bar a policy, beside the published ones of the same codes."""
    from experiments.figures.bars import shares_figure

    return shares_figure(
        {"published": published_shares()} | failure_shares(results, "mast"),
        results.manifest.title,
        note(results) + "; published: Cemri et al. 2025, of these codes alone",
        "share of the codes",
    )
