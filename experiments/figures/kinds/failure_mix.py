"""Why steps fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.analysis.failure_shares import failure_shares
from experiments.figures.kinds.kind import figure_kind, note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.sweeps.results import Results


@figure_kind("failure-mix", "Failures by cause")
def failure_mix(results: Results) -> Figure:
    """The shares of the causes of failure, a bar a policy."""
    from experiments.figures.bars import shares_figure

    return shares_figure(failure_shares(results, "cause"), results.manifest.title, note(results))
