"""One episode as a timeline: fluents, observations in flight, plans, fires and their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import ConnectionPatch

from plandrift.experiments.figures.looks import FAINT, FRESH, GRID, INK, LINE, OUTCOMES, STALE
from plandrift.experiments.figures.style import broken, save
from plandrift.experiments.playback.playback import Playback
from plandrift.sim import Call, Episode, Event, PlandriftError, Step
from plandrift.sim.trace.events import Asked, Delivered, Ended, Exogenous, HandedOver, SideEffect

MOST_LANES = 24
"""The most fluents drawn: those that the plans depend on come first."""
MOST_MARKS = 10_000
"""The most bars, dots and lines drawn: each takes a millisecond or two, and more could not be told apart."""


@dataclass(frozen=True)
class PlanInHand:
    """A plan that the agent holds for a stretch of time.

    Attributes:
        start: the time of its arrival.
        number: its number.
        steps: its steps in order.
        stretches: the periods in which nothing about it changed: begin, end, positions of the remaining
            steps, of those that are stale, and of those that the agent can tell are stale.
    """

    start: float
    number: int
    steps: tuple[Step, ...]
    stretches: list[tuple[float, float, set[int], set[int], set[int]]]


def draw_timeline(episode: Episode, path: Path) -> None:
    """Draw an episode that was run with ``trace=True``.

    Raises:
        PlandriftError: the file cannot be written, or there is more to draw than fits.
    """
    save(timeline(episode), path, "--figure")


def timeline(episode: Episode) -> Figure:
    """Return the figure: plans above, fluents below, on one time axis."""
    trace = episode.trace
    end = episode.metrics.duration
    plans = _plans(trace)
    lanes = _lanes(trace, plans)
    marks = _marks(trace, plans, lanes)
    if marks > MOST_MARKS:
        raise PlandriftError(
            f"--figure: the episode has {marks} bars, dots and lines, more than the {MOST_MARKS} that fit: "
            f"give a --horizon of about {end * MOST_MARKS / marks:.2g}"
        )
    deepest = max((len(plan.steps) for plan in plans), default=1)
    heights = [max(2.2, 0.26 * deepest), max(2.0, 0.3 * len(lanes))]
    with plt.rc_context({"font.size": 11, "font.family": "DejaVu Sans", "svg.hashsalt": "plandrift"}):
        figure, (above, below) = plt.subplots(
            2,
            1,
            sharex=True,
            figsize=(13, 1.9 + sum(heights)),
            height_ratios=heights,
            layout="constrained",
        )
        _draw_plans(above, end, plans)
        _draw_fires(above, episode)
        hidden = _draw_lanes(below, trace, lanes, end)
        _draw_messages(below, trace, lanes)
        _draw_ties(figure, above, below, episode, lanes)
        for axes in (above, below):
            for side in ("top", "right", "left"):
                axes.spines[side].set_visible(False)
            axes.tick_params(axis="y", length=0)
            axes.set_xlim(-0.02 * end, end * 1.02)
            axes.grid(axis="x", color=GRID, linewidth=0.8)
            axes.set_axisbelow(True)
        below.set_xlabel("time")
        metrics = episode.metrics
        # Where links cause much of the staleness, as in PDDL, direct staleness is shown as well.
        direct, both = metrics.direct_staleness, metrics.plan_staleness
        linked = f" ({direct:.2f} directly)" if round(direct, 2) != round(both, 2) else ""
        figure.suptitle(
            f"{episode.policy.name}, seed {episode.seed}: plan staleness {both:.2f}{linked}, "
            f"{metrics.misfires} of {metrics.steps_fired} steps misfired, {metrics.replans} replans",
            fontsize=15,
            fontweight="bold",
            x=0.01,
            ha="left",
        )
        below.set_title(
            "the world's fluents: a dot is a change, a slanted line is news in transit, a dotted line leads "
            "to the step that the change broke" + hidden,
            loc="left",
            fontsize=10.5,
            color=INK,
        )
        above.legend(
            handles=_key(episode),
            loc="upper center",
            bbox_to_anchor=(0.5, -0.02),
            ncols=8,
            frameon=False,
            fontsize=9.5,
            handletextpad=0.3,
            columnspacing=1.0,
        )
    return figure


def _plans(trace: Sequence[Event]) -> list[PlanInHand]:
    """Return the plans held one after the other, with which of their steps remained and were stale."""
    playback = Playback(trace)
    plans: list[PlanInHand] = []
    before, begin = (set[int](), set[int](), set[int]()), 0.0
    for event in playback.events():
        came = isinstance(event, HandedOver) and event.steps is not None
        now = playback.left, *playback.stale()
        if plans and event.t > begin and (came or now != before or isinstance(event, Ended)):
            plans[-1].stretches.append((begin, event.t, *before))
            begin = event.t
        if came:
            assert playback.plan is not None
            plans.append(PlanInHand(event.t, playback.plan.plan or 0, playback.steps, []))
            begin = event.t
        before = now
    return plans


def _marks(trace: Sequence[Event], plans: Sequence[PlanInHand], lanes: Sequence[str]) -> int:
    """Return how many marks there are to draw."""
    bars = sum(len(left) for plan in plans for _, _, left, _, _ in plan.stretches)
    dots = sum(event.fluent in lanes for event in trace if isinstance(event, Exogenous | SideEffect))
    return bars + dots + sum(isinstance(event, Delivered) for event in trace)


def _lanes(trace: Sequence[Event], plans: list[PlanInHand]) -> list[str]:
    used: dict[str, None] = {}
    for plan in plans:
        for step in plan.steps:
            used.update(dict.fromkeys(step.requires))
            used.update(dict.fromkeys(step.writes))
    changed: dict[str, int] = {}
    for event in trace:
        if isinstance(event, Exogenous | SideEffect):
            changed[event.fluent] = changed.get(event.fluent, 0) + 1
    # Fluents that plans need or that changed come first; the others are of no interest.
    ranked = sorted(changed, key=lambda f: (f not in used, -changed[f], list(changed).index(f)))
    return sorted(ranked[:MOST_LANES], key=lambda f: [int(p) if p.isdigit() else p for p in _split(f)])


def _split(name: str) -> list[str]:
    parts, word = [], ""
    for letter in name:
        if word and letter.isdigit() != word[-1].isdigit():
            parts.append(word)
            word = ""
        word += letter
    # A leading text part keeps numbers aligned with numbers when two names are compared.
    return ["", *parts, word] if word and word[0].isdigit() and not parts else [*parts, word]


def _draw_plans(axes: Axes, end: float, plans: list[PlanInHand]) -> None:
    """Draw each remaining step of the plan as a bar whose colour follows its staleness."""
    labelled = -1.0
    room = 0.018 * end
    for plan in plans:
        for begin, until, left, stale, heard in plan.stretches:
            for place in sorted(left):
                look = FRESH if place not in stale else STALE
                axes.barh(
                    place,
                    until - begin,
                    left=begin,
                    height=0.62 if place not in stale & heard else 0.3,
                    color=look.colour,
                    hatch="////" if place in stale - heard else None,
                    edgecolor="white",
                    linewidth=0,
                )
        axes.axvline(plan.start, color=INK, linewidth=1.2, linestyle=(0, (1, 2)))
        if plan.start - labelled > room:
            first = plan is plans[0]
            label = f"plan {plan.number}" if first else str(plan.number)
            axes.text(plan.start, -1.05, label, fontsize=9, color=INK, va="bottom", ha="center")
            labelled = plan.start + (room if first else 0.0)
    deepest = max((len(plan.steps) for plan in plans), default=1)
    axes.set_ylim(deepest - 0.4, -1.1)
    # Plans that differ at a position share its row, so no single call names it.
    at = [{_words(plan.steps[i].call) for plan in plans if i < len(plan.steps)} for i in range(deepest)]
    named = [f"{i} {next(iter(calls))}" if len(calls) == 1 else f"step {i}" for i, calls in enumerate(at, 1)]
    axes.set_yticks(range(deepest), named)


def _words(call: Call) -> str:
    """Write a call by the values of its arguments, on several lines if it is long."""
    return broken(f"{call.action}({', '.join(str(value) for _, value in call.args)})", 4, 11)


def _draw_ties(figure: Figure, above: Axes, below: Axes, episode: Episode, lanes: list[str]) -> None:
    """Draw a line from a fluent's change up to the step that it broke, for each call that went wrong."""
    places = {fluent: i for i, fluent in enumerate(lanes)}
    for step in episode.steps:
        for fluent, since in step.violated:
            if step.misfire and fluent in places:
                tie = ConnectionPatch(
                    (since, places[fluent]),
                    (since, step.step + 0.32),
                    coordsA=below.transData,
                    coordsB=above.transData,
                    color=STALE.dark,
                    linewidth=1.3,
                    linestyle=(0, (2, 2)),
                    zorder=4,
                )
                figure.add_artist(tie)


def _draw_fires(axes: Axes, episode: Episode) -> None:
    for step in episode.steps:
        look = OUTCOMES[step.outcome]
        axes.plot(
            step.time,
            step.step,
            marker=look.marker,
            color=look.colour,
            markersize=11,
            markeredgecolor="white",
            markeredgewidth=1.2,
            zorder=5,
            linestyle="none",
        )
        if step.mismatch:
            axes.text(step.time, step.step - 0.45, "not the planned call", fontsize=8, color=INK, zorder=6)
    for event in episode.trace:
        if isinstance(event, Asked) and event.verdict in ("block", "warn"):
            axes.plot(event.t, event.step, marker="|", color=INK, markersize=15, markeredgewidth=3, zorder=6)


def _draw_lanes(axes: Axes, trace: Sequence[Event], lanes: list[str], end: float) -> str:
    places = {fluent: i for i, fluent in enumerate(lanes)}
    moved = {e.fluent for e in trace if isinstance(e, Exogenous | SideEffect)}
    for place in places.values():
        axes.plot([0, end], [place, place], color=LINE, linewidth=5, solid_capstyle="butt", zorder=1)
    room = 0.035 * end
    last: dict[str, float] = {}
    for event in trace:
        if isinstance(event, Exogenous | SideEffect) and event.fluent in places:
            place = places[event.fluent]
            axes.plot(event.t, place, marker="o", markersize=6, color=INK, zorder=3)
            text = str(event.value)[:14]
            if event.t - last.get(event.fluent, -room * 9) > room * (0.35 * len(text) + 0.4):
                axes.text(event.t, place - 0.2, f" {text}", fontsize=8, color=INK, va="bottom", zorder=4)
                last[event.fluent] = event.t
    axes.set_yticks(range(len(lanes)), lanes)
    axes.set_ylim(len(lanes) - 0.1, -0.9)
    if not lanes:
        axes.text(0.5, 0.5, "nothing changed", transform=axes.transAxes, ha="center", color=FAINT)
    left_out = len(moved) - len(lanes)
    return f"; {left_out} more fluents changed" if left_out > 0 else ""


def _draw_messages(axes: Axes, trace: Sequence[Event], lanes: list[str]) -> None:
    """Draw an observation as a line from where its fluent changed to when the belief received it."""
    places = {fluent: i for i, fluent in enumerate(lanes)}
    for event in trace:
        if not isinstance(event, Delivered) or event.own or event.by == "read":
            continue
        for fluent, _, _ in event.fluents:
            if fluent in places and len(event.fluents) == 1:
                place = places[fluent]
                axes.plot(
                    [event.taken, event.t], [place, place + 0.42], color=FRESH.colour, linewidth=1.4, zorder=2
                )
                axes.plot(event.t, place + 0.42, marker="v", markersize=5, color=FRESH.colour, zorder=3)
        if len(event.fluents) > 1 and lanes:
            span = [-0.7, len(lanes) - 0.3]
            axes.plot([event.taken, event.t], span, color=FRESH.colour, linewidth=0.9, alpha=0.5, zorder=2)


def _key(episode: Episode) -> list[Line2D]:
    seen = {step.outcome for step in episode.steps}
    blocked = {e.verdict for e in episode.trace if isinstance(e, Asked)} & {"block", "warn"}
    marks = [
        Line2D(
            [], [], marker="s", color=FRESH.colour, linestyle="none", markersize=11, label="step to do, fresh"
        ),
        Line2D(
            [],
            [],
            marker="s",
            color=STALE.colour,
            linestyle="none",
            markersize=11,
            label="stale, unknown to agent",
        ),
        Line2D([], [], color=STALE.colour, linewidth=5, label="stale, known to agent"),
    ]
    marks += [
        Line2D(
            [],
            [],
            marker=look.marker,
            color=look.colour,
            linestyle="none",
            markersize=10,
            label=f"fired: {name}",
        )
        for name, look in OUTCOMES.items()
        if name in seen
    ]
    if blocked:
        marks.append(
            Line2D(
                [],
                [],
                marker="|",
                color=INK,
                linestyle="none",
                markersize=13,
                markeredgewidth=3,
                label="gate: " + " or ".join(sorted(blocked)),
            )
        )
    return marks
