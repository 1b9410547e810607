"""Failures by cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from plandrift.experiments.analysis.failure_shares import failure_shares
from plandrift.experiments.analysis.selection import averaging, panels
from plandrift.experiments.figures.kinds.kind import figure_kind, note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.figures.bars import ShareBar
    from plandrift.experiments.sweeps.results import Results

MOST_BARS = 16
"""The most bars that fit a page."""
WORDS = {
    "drift_shown": "drift, seen by the agent",
    "drift_blind": "drift, not seen",
    "own_void": "built on a call that did nothing",
    "lost_ack": "lost acknowledgment",
}
"""The words for causes whose names alone are not clear enough."""


@figure_kind("failure-mix", "Failures by cause")
def failure_mix(results: Results) -> Figure:
    """Draw the shares of the causes of failure, one bar per policy."""
    from plandrift.experiments.figures.bars import shares_figure

    bars, drawn = failure_bars(results, "cause", cause_words)
    return shares_figure(bars, results.manifest.title, note(drawn, ["policy"]))


def failure_bars(
    results: Results, kind: Literal["cause", "mast"], words: Callable[[str], str]
) -> tuple[list[ShareBar], Results]:
    """Return a bar per policy and part of the sweep, and the results they show.

    With more than `MOST_BARS`, there is one per policy, averaged over the parts, as the small print says.
    """
    from plandrift.experiments.figures.bars import ShareBar

    bars = []
    parts = panels(results, ["policy"])
    if len(parts) * len(results.manifest.policies) > MOST_BARS:
        results = averaging(results)
        parts = panels(results, ["policy"])
    for part in parts:
        for policy, mix in failure_shares(part.results, kind).items():
            shares = {words(name): share for name, share in mix.shares.items()}
            total = f"{mix.failures} in {mix.fired} calls"
            bars.append(ShareBar(f"{policy}\n{part.label}".strip(), shares, total))
    return bars, results


def cause_words(cause: str) -> str:
    """Return a cause in words."""
    return WORDS.get(cause, cause.replace("_", " "))
