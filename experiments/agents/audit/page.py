"""An audit as one self-contained page: answers, guards, the figure, and what no transcript tells."""

from __future__ import annotations

from html import escape

from plandrift.experiments.agents.audit.audit import Audit
from plandrift.experiments.agents.audit.figure import audit_figure
from plandrift.experiments.agents.audit.guards import GUARDS
from plandrift.experiments.agents.audit.measures import CANNOT_TELL, AuditFigure
from plandrift.experiments.pages.elements import html_table, inline_svg
from plandrift.experiments.pages.page import page, sheet
from plandrift.experiments.statistics.text import shown


def audit_page(found: Audit, title: str) -> str:
    """Return the whole page.

    Args:
        found: the audit's findings.
        title: what was audited.
    """
    figure = inline_svg(audit_figure(found, title), "audit")
    blocks = {name: what for name, (_, what) in GUARDS.items()}
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="note">{escape(found.begins)}.</p>',
        f"<p>{escape(found.coverage.sentence)}</p>",
        f"<p><strong>{escape(found.sentence)}</strong></p>",
        f"<figure>{figure}</figure>",
        "<h2>Answers</h2>",
        '<p class="note">With 95 % intervals, n, and how each figure is known. A share is a ratio of '
        "two sums.</p>",
        html_table([answer(one) for one in found.figures], words=("known by",)),
        "<h2>Guards, replayed on the real calls</h2>",
        "<p class='note'>Right: it blocked a wrong write; false: it blocked a write that was not wrong; "
        "missed: it let "
        f"a wrong write through. A block costs {shown(found.price)} s: the median read plus the median "
        "thinking time.</p>",
        html_table([row.line() for row in found.guards]),
        "<ul>",
        *(f"<li><strong>{escape(name)}</strong>: {escape(what)}</li>" for name, what in blocks.items()),
        "</ul>",
        "<h2>What a transcript cannot tell</h2>",
        "<ul>",
        *(f"<li>{escape(one)}</li>" for one in CANNOT_TELL),
        "</ul>",
    ]
    return page(title, "\n".join(body), style=sheet("report.css"))


def answer(figure: AuditFigure) -> dict[str, object]:
    """Return one answer as a row for people."""
    value = figure.value
    if figure.unit == "share":
        said = f"{value.mean:.3%}" if value.n else "–"
        interval = f"{value.low:.3%} to {value.high:.3%}" if value.n else ""
    else:
        said = f"{shown(float(value.mean))}{' s' if figure.unit == 's' else ''}"
        interval = f"{shown(value.low)} to {shown(value.high)}" if value.low == value.low else ""
    return {"answer": figure.name, "value": said, "95 %": interval, "n": value.n, "known by": figure.known}
