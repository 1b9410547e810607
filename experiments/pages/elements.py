"""Figures and tables as they stand in a page."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from experiments.analysis.tables import Row
from experiments.statistics.text import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def inline_svg(figure: Figure, label: str) -> str:
    """A figure as SVG to stand inside a page; its names are made unlike those of others by the label."""
    from matplotlib import pyplot as plt

    from experiments.figures.style import style

    text = io.StringIO()
    with style():
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'\bid="', f'id="{label}-', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)', rf"\1{label}-", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)


def html_table(rows: Sequence[Row]) -> str:
    """Rows as a table."""
    if not rows:
        return "<p>Nothing yet.</p>"
    head = "".join(f"<th>{escape(str(name))}</th>" for name in rows[0])
    cells = ("".join(f"<td>{escape(shown(value))}</td>" for value in row.values()) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in cells)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'
