"""Failures by MAST code, as a reader of transcripts would classify them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.failure_shares import published_shares
from plandrift.experiments.figures.kinds.failure_mix import failure_bars
from plandrift.experiments.figures.kinds.kind import figure_kind, note
from plandrift.sim.measure.causes import MAST

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind("mast")
def mast(results: Results) -> Figure:
    """Draw the shares of the MAST codes, one bar per policy, beside their published shares."""
    from plandrift.experiments.figures.bars import ShareBar, shares_figure

    bars, drawn = failure_bars(results, "mast", mast_words)
    published = {mast_words(code): share for code, share in published_shares().items()}
    return shares_figure(
        [ShareBar("published", published, ""), *bars],
        results.manifest.title,
        note(drawn, ["policy"]) + "; published: Cemri et al. 2025, relative to these codes",
        "share of the codes",
    )


def mast_words(code: str) -> str:
    """Return a code with its name.

    >>> mast_words("FM-1.3")
    'FM-1.3 step repetition'
    """
    name, share = MAST[code]
    return f"{code} {name}" if share else "drift, no code in MAST"
