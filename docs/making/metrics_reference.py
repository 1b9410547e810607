"""Every metric, from where it is declared."""

from __future__ import annotations

from docs.making.markdown_table import code, markdown_table
from plandrift.sim.measure.metrics import DECLARED


def metrics_reference() -> str:
    """The page's table: what every figure of an episode is."""
    return markdown_table(
        ("metric", "meaning", "unit", "kind", "better"),
        [(code(m.name), m.meaning, m.unit, m.kind, m.better or "–") for m in DECLARED.values()],
    )
