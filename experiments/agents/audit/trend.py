"""The shares of an audit over time: by week, and by the agent's version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from plandrift.experiments.agents.audit.ledger import AuditedWrite, AuditLedger
from plandrift.experiments.agents.audit.shares import SHARES
from plandrift.experiments.agents.transcripts.operation import release_order
from plandrift.experiments.figures.looks import NOTE, Look, looks
from plandrift.experiments.figures.style import style
from plandrift.experiments.statistics.intervals import Interval

CLOCKLESS = 86_400.0
"""Times on the first day of the epoch come from transcripts without times."""
MOST = 24
"""The most groups along an axis; with more, the oldest are left out."""


@dataclass(frozen=True)
class TrendPoint:
    """One share of one agent's writes in one week or of one version.

    Attributes:
        by: ``week`` or ``version``.
        agent: the agent's name.
        group: the Monday of the week (UTC), or the version.
        share: the share's name, one of `SHARES`.
        value: the share with its interval and n.
    """

    by: str
    agent: str
    group: str
    share: str
    value: Interval

    @property
    def place(self) -> str:
        """Return the label on the axis: weeks are the same for all agents, versions belong to one agent."""
        return self.group if self.by == "week" else f"{self.agent} {self.group}"


def trend(ledger: AuditLedger) -> list[TrendPoint]:
    """Return the shares by agent, week and version, in order. Weeks leave out writes without times."""
    groups: dict[tuple[str, str, str], list[AuditedWrite]] = {}
    for write in ledger.every:
        op = write.operation
        if op.called > CLOCKLESS:
            groups.setdefault(("week", op.program, _monday(op.called)), []).append(write)
        groups.setdefault(("version", op.program, op.release or "unknown"), []).append(write)
    order = sorted(
        groups, key=lambda key: (key[0], key[1] if key[0] == "version" else "", release_order(key[2]))
    )
    return [TrendPoint(*key, share.name, share.value(groups[key])) for key in order for share in SHARES]


def _monday(time: float) -> str:
    day = datetime.fromtimestamp(time, UTC).date()
    return str(day - timedelta(days=day.weekday()))


def trend_figure(ledger: AuditLedger, title: str) -> Figure:
    """Draw the shares by week and by version, with one row per share and one colour per agent.

    Args:
        ledger: the trace.
        title: what was audited.
    """
    points = trend(ledger)
    colours = looks(sorted({point.agent for point in points}))
    with style():
        figure, axes = plt.subplots(
            len(SHARES), 2, figsize=(15, 2.6 * len(SHARES) + 2.4), sharey="row", sharex="col", squeeze=False
        )
        figure.suptitle(title, x=0.07, y=0.985, ha="left", fontsize=19, fontweight="bold")
        for row, share in enumerate(SHARES):
            for column, by in enumerate(("week", "version")):
                chosen = [p for p in points if p.by == by and p.share == share.name]
                axes[row][column].set_title(f"{share.name}, by {by}", fontsize=13, loc="left")
                _draw(axes[row][column], chosen, colours)
            axes[row][0].margins(y=0.15)
            axes[row][0].set_ylim(bottom=0)
        handles, labels = axes[0][1].get_legend_handles_labels()
        if len(labels) > 1:
            figure.legend(handles, labels, ncols=len(labels), loc="upper right", frameon=False, fontsize=12)
        note = "shares of writes with 95 % intervals; n above each"
        figure.text(0.07, 0.008, note, fontsize=10.5, color=NOTE)
        figure.subplots_adjust(left=0.07, right=0.98, top=0.92, bottom=0.12, hspace=0.3, wspace=0.08)
    return figure


def _draw(axes: Axes, points: Sequence[TrendPoint], colours: Mapping[str, Look]) -> None:
    order = [*dict.fromkeys(point.place for point in points)][-MOST:]
    if not order:
        axes.text(0.5, 0.5, "no write with a time", ha="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    for number, (agent, look) in enumerate(colours.items()):
        own = [p for p in points if p.agent == agent and p.place in order and p.value.n]
        values = [p.value for p in own]
        # Agents share the weeks.
        shift = 0.16 * (number - (len(colours) - 1) / 2) if own and own[0].by == "week" else 0.0
        xs = [order.index(p.place) + shift for p in own]
        axes.errorbar(
            xs,
            [v.mean for v in values],
            yerr=[[max(v.mean - v.low, 0.0) for v in values], [max(v.high - v.mean, 0.0) for v in values]],
            color=look.colour,
            marker=look.marker,
            capsize=3,
            linestyle="none",
            label=agent,
        )
        for x, value in zip(xs, values, strict=True):
            axes.annotate(
                f"{value.n}",
                (x, value.high),
                (0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=look.dark,
            )
    slanted = len(order) > 6
    axes.set_xticks(
        range(len(order)), order, fontsize=9, rotation=30 * slanted, ha="right" if slanted else "center"
    )
    axes.set_xlim(-0.6, len(order) - 0.4)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
