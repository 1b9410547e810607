"""An audit as a figure: ages and shares changed, false blocks against misses, a session as a timeline."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullLocator, PercentFormatter

from plandrift.experiments.agents.audit.audit import Audit
from plandrift.experiments.agents.audit.guards import GuardRow
from plandrift.experiments.agents.audit.ledger import AuditedWrite, AuditLedger
from plandrift.experiments.agents.audit.measures import AGES, aged
from plandrift.experiments.agents.audit.rates import write_share
from plandrift.experiments.figures.looks import FAINT, FRESH, INK, NOTE, STALE, looks
from plandrift.experiments.figures.style import broken, style

TICKS = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 86400: "1 d"}
MOST = 9
"""The most fluents in a timeline: those with the most events."""


def audit_figure(found: Audit, title: str) -> Figure:
    """Draw all three panels on one sheet.

    Args:
        found: the audit's findings.
        title: what was audited.
    """
    with style():
        figure = plt.figure(figsize=(15, 11))
        figure.suptitle(title, x=0.12, y=0.975, ha="left", fontsize=19, fontweight="bold")
        grid = figure.add_gridspec(
            2, 2, left=0.12, right=0.83, top=0.88, bottom=0.09, hspace=0.45, wspace=0.3
        )
        draw_ages(figure.add_subplot(grid[0, 0]), found.ledger)
        draw_guards(figure.add_subplot(grid[0, 1]), found.guards)
        draw_session(figure.add_subplot(grid[1, :]), found.ledger, busiest(found.ledger))
        figure.text(0.12, 0.015, found.begins + "; 95 % intervals", fontsize=10.5, color=NOTE)
    return figure


def draw_ages(axes: Axes, ledger: AuditLedger) -> None:
    """Draw how old the bases were, and how many somebody else had changed."""
    pairs = aged(ledger.writes)
    _head(axes, "How old, and how often changed", "share of the writes, by the age of the basis (log axis)")
    axes.set_xscale("log")
    axes.set_xlim(1, max([86400.0, *(age for age, _ in pairs)]))
    if pairs:
        ages = np.sort([age for age, _ in pairs])
        axes.step(ages, np.arange(1, len(ages) + 1) / len(ages), color=FAINT, where="post", linewidth=1.8)
        axes.text(
            float(ages[len(ages) * 3 // 4]) * 1.3, 0.72, "share at most this old", color=NOTE, fontsize=11
        )
    known = [w for w in ledger.writes if w.whole_age is not None and w.whole_age > 0 and w.operation.ok]
    for place, (low, high) in enumerate(AGES):
        chosen = [w for w in known if w.whole_age is not None and low <= w.whole_age < high]
        if not chosen:
            continue
        share = write_share(chosen, [w.outdated for w in chosen])
        at = float(np.median([w.whole_age or 0.0 for w in chosen]))
        axes.errorbar(
            at,
            share.mean,
            yerr=[[max(share.mean - share.low, 0.0)], [max(share.high - share.mean, 0.0)]],
            color=STALE.colour,
            marker=STALE.marker,
            capsize=4,
            linestyle="none",
        )
        axes.annotate(
            f"{share.mean:.1%}\nn = {share.n}",
            (at, share.high),
            # The two youngest groups are close together.
            xytext=(0, 34 if place == 1 else 5),
            textcoords="offset points",
            ha="center",
            fontsize=9.5,
            color=STALE.dark,
        )
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    _times(axes)


def draw_guards(axes: Axes, rows: Sequence[GuardRow]) -> None:
    """Draw each guard's false blocks against the wrong writes it lets through."""
    _head(axes, "Which guard", "wrong writes let through, against false blocks")
    if not rows or not rows[0].writes:
        axes.text(0.5, 0.5, "no write whose whole basis is known", ha="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    places: dict[tuple[int, int], list[str]] = {}
    for row in rows:
        places.setdefault((row.false, row.missed), []).append(row.guard)
    named = looks([names[0] for names in places.values()])
    axes.set_xscale("symlog", linthresh=1)
    for (false, missed), names in sorted(places.items()):
        look = named[names[0]]
        axes.plot(
            false,
            missed,
            color=look.colour,
            marker=look.marker,
            linestyle="none",
            markersize=11,
            label=",\n".join(names),
        )
    most = max(row.false for row in rows)
    axes.set_xlim(-0.3, max(10.0, most * 4))
    axes.set_ylim(-0.4, max(1, rows[0].wrong) * 1.15)
    axes.set_xlabel(
        f"false blocks, out of {rows[0].writes - rows[0].wrong} writes that were not wrong (log axis)"
    )
    axes.set_ylabel(f"missed, out of {rows[0].wrong}")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.05), frameon=False, fontsize=11, labelspacing=0.9)


def busiest(ledger: AuditLedger) -> tuple[str, str] | None:
    """Return the agent that most often wrote over a change; if none did, the one with the most writes."""
    writes = [w for w in ledger.writes if w.basis is not None]
    counts = Counter(
        key for w in writes for key in [(w.operation.session, w.operation.agent)] * (1 + 20 * w.outdated)
    )
    return counts.most_common(1)[0][0] if counts else None


def draw_session(axes: Axes, ledger: AuditLedger, who: tuple[str, str] | None) -> None:
    """Draw what one agent knew about each fluent from its read to its write, and when that became stale."""
    _head(
        axes,
        "One session",
        "from the read to the write: fresh, then stale from when something may have changed the file",
    )
    if who is None:
        axes.text(0.5, 0.5, "no write that is based on a read", ha="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    writes = [w for w in ledger.writes if (w.operation.session, w.operation.agent) == who and w.basis]
    weights = Counter(name for w in writes for name in [w.operation.fluent] * (1 + 20 * w.outdated))
    names = [name for name, _ in weights.most_common(MOST)]
    rows = {name: len(names) - i for i, name in enumerate(names)}
    begin = min(op.called for op in ledger.operations if (op.session, op.agent) == who)
    commands = [
        op.called for op in ledger.operations if op.session == who[0] and op.kind == "opaque" and op.command
    ]
    for write in writes:
        if write.operation.fluent in rows:
            _draw_write(axes, write, rows[write.operation.fluent], begin, commands)
    labels = [broken(posixpath.basename(name) or name, 1.7, 11) for name in names]
    axes.set_yticks([rows[name] for name in names], labels, fontsize=11)
    axes.set_ylim(0.3, len(names) + 0.7)
    axes.set_xlabel("minutes of the session")
    marks = [("o", FAINT, "read"), ("|", INK, "write"), ("X", STALE.colour, "wrong")]
    for marker, colour, name in marks:
        axes.plot([], [], marker=marker, color=colour, linestyle="none", label=name)
    axes.plot([], [], color=FRESH.colour, linewidth=6, label="fresh")
    axes.plot([], [], color=STALE.colour, linewidth=6, label="stale")
    axes.legend(ncols=5, loc="lower right", bbox_to_anchor=(1.0, 1.04), frameon=False, fontsize=11)


def _draw_write(axes: Axes, write: AuditedWrite, row: int, begin: float, commands: Sequence[float]) -> None:
    assert write.basis is not None
    start, end = write.basis.known_at, write.operation.called
    between = [at for at in commands if start <= at <= end]
    # The time of the change is unknown: at the latest the write, and not before the first command that may
    # have caused it.
    turned = end if not write.outdated else between[0] if between else start
    for low, high, look in ((start, turned, FRESH), (turned, end, STALE)):
        if high > low:
            xs = [(low - begin) / 60, (high - begin) / 60]
            axes.plot(xs, [row, row], color=look.colour, linewidth=6, solid_capstyle="butt", alpha=0.75)
    if write.basis.read_at == write.basis.known_at:
        axes.plot((start - begin) / 60, row, marker="o", color=FAINT, markersize=6)
    mark, colour = ("X", STALE.colour) if write.wrong else ("|", INK)
    axes.plot((end - begin) / 60, row, marker=mark, color=colour, markersize=11, markeredgewidth=2)


def _head(axes: Axes, title: str, note: str) -> None:
    axes.set_title(f"{title}\n", pad=6)
    axes.text(0, 1.02, note, transform=axes.transAxes, fontsize=11, color=NOTE)


def _times(axes: Axes) -> None:
    shown = [at for at in TICKS if at <= axes.get_xlim()[1]]
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_major_formatter(FixedFormatter([TICKS[at] for at in shown]))
    axes.xaxis.set_minor_locator(NullLocator())
