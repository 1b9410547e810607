"""Figures and tables as parts of a page."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.tables import Row
from plandrift.experiments.statistics.text import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def inline_svg(figure: Figure, label: str) -> str:
    """Return a figure as inline SVG; the label makes its element names unique within the page."""
    from matplotlib import pyplot as plt

    from plandrift.experiments.figures.style import style

    text = io.StringIO()
    with style():
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'\bid="', f'id="{label}-', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)', rf"\1{label}-", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)


def html_table(rows: Sequence[Row], words: Sequence[str] = ()) -> str:
    """Return rows as an HTML table; columns of words are left-aligned and wrapped."""
    if not rows:
        return "<p>Nothing yet.</p>"
    kinds = dict.fromkeys(words, ' class="words"')
    head = "".join(f"<th{kinds.get(name, '')}>{escape(str(name))}</th>" for name in rows[0])
    cells = (
        "".join(f"<td{kinds.get(name, '')}>{escape(shown(value))}</td>" for name, value in row.items())
        for row in rows
    )
    body = "".join(f"<tr>{line}</tr>" for line in cells)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'
