"""The map of an agent's faults as one self-contained page."""

from __future__ import annotations

from html import escape

from plandrift.experiments.agents.faults.failure import CIRCUMSTANCES, WORDS
from plandrift.experiments.agents.faults.search import FaultMap, MapEntry
from plandrift.experiments.agents.faults.suite import names_of
from plandrift.experiments.pages.elements import html_table
from plandrift.experiments.pages.page import page, sheet
from plandrift.experiments.statistics.text import interval_text

STYLE = """
.faults td, .faults th { white-space: normal; text-align: left; vertical-align: top; }
.grid td.some { background: var(--soft-stale); font-weight: bold; }
.fault { border-left: 8px solid var(--stale); padding: 2px 0 2px 14px; margin: 18px 0; }
.fault.void, .fault.rejected, .fault.repeat { border-left-color: var(--fresh); }
.fault p { margin: 4px 0; }
code { overflow-wrap: anywhere; }
"""


def faults_page(found: FaultMap) -> str:
    """Return the whole page."""
    title = f"Where {found.agent} fails"
    names = names_of(found.entries)
    body = [f"<h1>{escape(title)}</h1>", f"<p><strong>{escape(summary(found))}</strong></p>"]
    if found.entries:
        body += [
            "<h2>Causes and circumstances</h2>",
            f'<p class="note">Failures in {found.seeds} episodes at a volatility of {found.volatility:g}, '
            f"{found.fired} calls fired.</p>",
            _grid(found),
            "<h2>The faults</h2>",
            '<p class="note">Each is shrunk to the fewest changes that still make the agent fail, and '
            "becomes a "
            "test in the suite if one of our guards handles it correctly.</p>",
            *(_entry(entry, name) for entry, name in zip(found.entries, names, strict=True)),
        ]
    body += [
        "<h2>The suite</h2>",
        "<pre>pytest .\npytest . --policy if-match\npytest . --agent 'python my_agent.py'</pre>",
    ]
    return page(title, "\n".join(body), style=sheet("report.css") + STYLE)


def summary(found: FaultMap) -> str:
    """Return what was found, in a sentence."""
    early = f"; the search ended early: {found.ended}" if found.ended else ""
    if not found.entries:
        return (
            f"No fault was found: {found.played} episodes in {found.world}, up to a volatility of "
            f"{found.volatility:g}{early}"
        )
    middle = sorted(len(entry.history.changes) for entry in found.entries)[len(found.entries) // 2]
    left = f"; {found.left_out} rarer kinds are left out" if found.left_out else ""
    return (
        f"{len(found.entries)} kinds of fault in {found.world}, shrunk to {middle} "
        f"{'change' if middle == 1 else 'changes'} at the median; at a volatility of {found.volatility:g} "
        f"every goal was reached in {found.succeeded} of {found.seeds} episodes{left}{early}"
    )


def _grid(found: FaultMap) -> str:
    """Return a table of failure counts by cause and circumstance."""
    causes = list(dict.fromkeys(entry.kind.cause for entry in found.entries))
    columns = [w for w in CIRCUMSTANCES if any(entry.kind.when == w for entry in found.entries)]
    head = "".join(f"<th>{escape(CIRCUMSTANCES[w])}</th>" for w in columns)
    lines = []
    for cause in causes:
        cells = []
        for when in columns:
            here = [e for e in found.entries if (e.kind.cause, e.kind.when) == (cause, when)]
            counts = ", ".join(map(_counted, here))
            cells.append(f'<td class="some">{escape(counts)}</td>' if here else "<td>–</td>")
        lines.append(f"<tr><td>{escape(WORDS[cause])}</td>{''.join(cells)}</tr>")
    table = f"<table><tr><th></th>{head}</tr>{''.join(lines)}</table>"
    return f'<div class="scroll faults grid">{table}</div>'


def _counted(entry: MapEntry) -> str:
    about = f" ({entry.kind.fluent})" if entry.kind.fluent else ""
    # By chance, a failure seen in slower worlds may be missing in the fastest one.
    seen = (
        f"{entry.count} {entry.kind.outcome}"
        if entry.count
        else f"{entry.kind.outcome}, only at {entry.first:g}"
    )
    return seen + about


def _entry(entry: MapEntry, name: str) -> str:
    kind, history = entry.kind, entry.history
    changes = "".join(
        f"<li>at {change[0]:g}: {escape(words)}</li>"
        for change, words in zip(history.changes, history.narrated, strict=True)
    )
    rows = [
        {
            "share of the calls fired": interval_text(entry.share, 3),
            "failures": entry.count,
            "first seen at volatility": f"{entry.first:g}",
            **{f"at {rung:g}": count for rung, count in entry.by_rung.items()},
        }
    ]
    test = (
        f"<p>Test: <code>{escape(name)}</code></p>"
        if name
        else "<p>No test: none of our guards handles it correctly.</p>"
    )
    return (
        f'<section class="fault {escape(kind.outcome)}"><h3>{escape(kind.title)}</h3>'
        f"<p>{escape(CIRCUMSTANCES[kind.when][:1].upper() + CIRCUMSTANCES[kind.when][1:])}. "
        f"{escape(history.call[:1].upper() + history.call[1:])}{'.' if history.call else ''}</p>"
        f"<p>What happens in the world ({len(history.changes)} of {entry.found_in} changes):</p>"
        f"<ul>{changes or '<li>nothing</li>'}</ul>"
        f"<p>{escape(history.right[:1].upper() + history.right[1:])}. Handled correctly by: "
        f"{escape(', '.join(entry.passed_by) or 'none of our guards')}.</p>{html_table(rows)}{test}</section>"
    )
