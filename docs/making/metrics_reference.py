"""Every metric, read from its declaration."""

from __future__ import annotations

from docs.making.markdown_table import code, markdown_table
from plandrift.sim.measure.metrics import DECLARED


def metrics_reference() -> str:
    """The page's table: the meaning of every metric of an episode."""
    return markdown_table(
        ("metric", "meaning", "unit", "kind", "better"),
        [(code(m.name), m.meaning, m.unit, m.kind, m.better or "–") for m in DECLARED.values()],
    )
