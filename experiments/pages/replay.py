"""A page that plays episodes of one seed: the world, what the agents believe about it, and their plans."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any

from plandrift.experiments.pages.crew_lanes import CrewLanes
from plandrift.experiments.pages.page import data_script, page, script, sheet
from plandrift.experiments.pages.unchanging import without_unchanging
from plandrift.experiments.playback.moments import moments
from plandrift.experiments.playback.narrative import narrated
from plandrift.experiments.playback.playback import Playback
from plandrift.experiments.playback.stage_rows import as_tree, in_order, place_of, row_of, segments
from plandrift.experiments.sweeps.settings import about
from plandrift.policies import POLICIES
from plandrift.sim import Description, Episode, Event, Hierarchy, Landscape, Scene, Step, Streams, Value
from plandrift.sim.trace.crew_events import Undone, Validated
from plandrift.sim.trace.events import (
    Acknowledged,
    Asked,
    Delivered,
    Ended,
    Exogenous,
    Fired,
    HandedOver,
    Landed,
    Sent,
    SideEffect,
)

PLAYER = ("state.js", "view.js", "atlas.js", "player.js")
"""The scripts that play episodes of one agent."""
MOST = 60
"""The most fluents shown: those that plans and goals depend on come first, then those that change."""
FEW = 8
"""The most fluents in a message that are drawn one by one; a larger message is drawn as one snapshot."""


def replay_page(episodes: Sequence[Episode], world: str) -> str:
    """Return a self-contained page that plays the first episode beside one of the others at a time.

    Args:
        episodes: episodes of one world and seed, run with ``trace=True``.
        world: the world's name.
    """
    first, *others = (_title(episode) for episode in episodes)
    names = f"{first} against {', '.join(others)}" if others else first
    agents = episodes[0].crew.agents
    many = f", {agents} agents" if agents > 1 else ""
    title = f"{world}: {names}{many}, seed {episodes[0].seed}"
    said = "The world changes by itself; the agent plans from what it believes."
    crew = ("crew",) if any(len(episode.agents) > 1 for episode in episodes) else ()
    if crew:
        said = "What one agent writes is news to the others; each plans from what it believes."
    body = (
        f"<h1>{html.escape(title)}</h1>\n"
        f'<p class="note">{said} Space plays, the arrow keys go from event to event, n and p from failure to '
        "failure.</p>\n"
        '<div id="player"></div>\n<noscript>This page needs JavaScript to play.</noscript>'
    )
    start = (
        'new plandrift.Player(document.getElementById("player"), '
        'JSON.parse(document.getElementById("data").textContent));'
    )
    scripts = "\n".join(
        [
            data_script("data", {"episodes": replays(episodes)}),
            script(*PLAYER, *(f"{name}.js" for name in crew), policies=[e.policy.name for e in episodes]),
            f"<script>{start}</script>",
        ]
    )
    return page(title, body, style=sheet("player.css", *(f"{name}.css" for name in crew)), scripts=scripts)


def replays(episodes: Sequence[Episode]) -> Sequence[dict[str, Any]]:
    """Return what the player shows of episodes that stand side by side."""
    return without_unchanging([replay_data(episode) for episode in episodes])


def _title(episode: Episode) -> str:
    """Return the policy and, for a crew, how it is coordinated."""
    crew = episode.crew
    how = "no coordination" if crew.coordination == "none" else crew.coordination
    return f"{episode.policy.name}, {how}" if crew.agents > 1 else episode.policy.name


def replay_data(episode: Episode) -> dict[str, Any]:
    """Return what the player shows of an episode: its rows, its messages, and what changes at each event.

    The playback computes all of it; the page's script computes nothing itself.
    """
    playback = Playback(episode.trace)
    scene = episode.world.begin(Streams(episode.seed), episode.horizon)
    place = {fluent: i for i, fluent in enumerate(playback.world)}
    first = [_value(value) for value in playback.world.values()]
    says = dict(narrated(episode))
    used: dict[str, None] = dict.fromkeys(playback.start.goals)
    steps: dict[Step, int] = {}
    events: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = [{} for _ in playback.plans]
    so_far: dict[int, int] = {}
    begin: int | None = None
    own = _OwnWrites(playback)
    lanes = None if playback.crew is None else CrewLanes(playback, place)
    values: dict[str, dict[Value, None]] = {f: {v: None} for f, v in playback.world.items()}
    for number, (event, changed) in enumerate(playback.changes(), playback.opening):
        seen: dict[str, Any] = {}
        if changed:
            news = isinstance(event, Delivered | Acknowledged)
            seen["b" if news else "w"] = [[place[f], _value(value)] for f, value in changed.items()]
            for f, value in changed.items():
                values[f][value] = None
        if isinstance(event, HandedOver) and event.steps is not None:
            for step in playback.steps:
                steps.setdefault(step, len(steps))
                used.update(dict.fromkeys([*step.requires, *step.writes]))
        if isinstance(event, Fired) and begin is None:
            begin = len(events)
        if isinstance(event, Landed):
            misfire = bool(event.violated) and event.outcome != "refused"
            seen["outcome"] = [event.outcome, int(misfire)]
        if isinstance(event, Ended) and (playback.crew is None or event.agent < 0):
            seen["end"] = event.how
        if lanes is not None:
            seen |= lanes.see(event)
        own.see(event)
        whose = _about(event, playback, "w" in seen)
        # What the world does by itself is no agent's doing; with one agent, everything is told of it.
        by = -1 if lanes is not None and isinstance(event, Exogenous) else event.agent
        found = {agent: _state(event, playback, agent, steps, place, own) for agent in whose}
        for agent, state in found.items():
            new = {key: value for key, value in state.items() if shown[agent].get(key) != value}
            shown[agent] |= new
            if agent == by:
                seen |= new
            elif new:
                seen.setdefault("others", {})[agent] = new
        if number in says:
            seen["say"] = says[number]
        if seen:
            events.append({"t": round(event.t, 4), "a": by} | seen)
        so_far[number] = len(events)
    changing = [e.fluent for e in episode.trace if isinstance(e, Exogenous | SideEffect)]
    kept = set(list(dict.fromkeys([*used, *changing, *place]))[:MOST])
    drawn = Description.of(scene).landscape()
    rows = in_order(steps, [f for f in place if f in kept])
    if isinstance(drawn, Hierarchy):
        rows, deep = as_tree(rows, drawn.on)
    else:
        deep = [0] * len(rows)
    number_of = {row: i for i, row in enumerate(rows)}
    named = episode.policy.name.partition("(")[0]
    return {
        "policy": episode.policy.name,
        "title": _title(episode),
        "does": about(POLICIES[named]) if named in POLICIES else "",
        "duration": episode.metrics.duration,
        "rows": rows,
        "deep": deep,
        "map": _map(drawn, values, place) if isinstance(drawn, Landscape) else None,
        "fluents": [[number_of.get(place_of(f).row, -1), place_of(f).kind] for f in place],
        "first": first,
        "shown": [int(f in kept) for f in place],
        "hidden": max(0, len(place) - MOST),
        "steps": [_step(step, scene, place, number_of, drawn) for step in steps],
        "begin": begin or 0,
        "events": events,
        "messages": _messages(episode, place),
        "calls": _calls(episode),
        "moments": [
            [
                *(round(m.time, 4), m.kind, m.step, [place[f] for f in m.fluents], m.sentence),
                *(so_far[m.event], m.agent),
            ]
            for m in moments(episode)
        ],
        "crew": None if lanes is None else lanes.whole(episode, steps),
    }


class _OwnWrites:
    """For each agent, the fluents that hold what it wrote last and meant to: no news to it."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback
        self.fluents: list[dict[str, None]] = [{} for _ in playback.plans]

    def see(self, event: Event) -> None:
        if isinstance(event, Exogenous | SideEffect | Undone):
            self._write(-1, [event.fluent])
        elif isinstance(event, Validated):
            self._write(event.agent, [fluent for fluent, _, _ in event.writes])
        elif isinstance(event, Landed) and not self._playback.private:
            attempt = self._playback.attempt
            meant = {} if attempt is None else attempt.step.writes
            for fluent, (value, _) in event.writes.items():
                self._write(event.agent if meant.get(fluent) == value else -1, [fluent])

    def _write(self, agent: int, fluents: Sequence[str]) -> None:
        for fluent in fluents:
            for number, mine in enumerate(self.fluents):
                if number == agent:
                    mine[fluent] = None
                else:
                    mine.pop(fluent, None)


def _about(event: Event, playback: Playback, world_changed: bool) -> Iterator[int]:
    """Yield the agents whose state an event may change: all of a crew if the world has changed."""
    if world_changed:
        yield from range(len(playback.plans))
    elif event.agent >= 0:
        yield event.agent


def _map(
    drawn: Landscape, values: dict[str, dict[Value, None]], place: dict[str, int]
) -> dict[str, list[list[Any]]]:
    """Return the map's ground, and how each value that a fluent ever holds is drawn on it."""
    looks = {f: [[_value(v), drawn.fluent(f, v)] for v in held] for f, held in values.items()}
    return {
        "ground": [list(mark) for mark in drawn.ground],
        "fluents": [[place[f], look] for f, look in looks.items() if any(mark for _, mark in look)],
    }


def _step(
    step: Step,
    scene: Scene,
    place: dict[str, int],
    rows: dict[str, int],
    drawn: Landscape | Hierarchy | None,
) -> list[Any]:
    """Return a step's row, its text split at fluents, the fluents it needs, and its place on a map."""
    words = [[text, place.get(f, -1)] for text, f in segments(step.call, step.requires, scene)]
    mark = drawn.call(step.call) if isinstance(drawn, Landscape) else None
    return [rows.get(row_of(step), -1), words, [place[f] for f in step.requires if f in place], mark]


def _state(
    event: Event,
    playback: Playback,
    agent: int,
    steps: dict[Step, int],
    place: dict[str, int],
    own: _OwnWrites,
) -> dict[str, Any]:
    """Return what the page shows of an agent after an event: plan, step marks, stale steps and counts."""
    tracked = playback.tracked = playback.plans[agent]
    stale, perceived = playback.stale()
    share = tracked.shares.plan if playback.left else None
    under_way = playback.attempt is not None and tracked.under_way is not None
    # A step in flight counts as remaining until its answer arrives.
    now = playback.attempt.record.staleness if under_way and playback.attempt is not None else share
    verdict = None
    if isinstance(event, Asked) and event.verdict != "fire" and event.agent == agent:
        verdict = [event.step, event.verdict, event.reason]
    counts = [
        playback.fired,
        playback.misfires,
        tracked.history.replans,
        tracked.tallies.blocks,
        playback.refused,
    ]
    alone = {"counts": counts} if playback.crew is None else {}
    return alone | {
        "plan": [steps[step] for step in playback.steps],
        "marks": playback.marks(),
        "stale": [sorted(stale), sorted(perceived), share if share is None else round(share, 4)],
        "now": now if now is None else round(now, 4),
        "broken": _broken(playback, place),
        "own": [place[f] for f in own.fluents[agent] if playback.world[f] != playback.belief[f]],
        "verdict": verdict,
    }


def _broken(playback: Playback, place: dict[str, int]) -> list[list[Any]]:
    """Return the remaining steps with a broken assumption: whether in truth, and whether in the belief."""
    measured, perceived = playback.tracked.measured, playback.tracked.perceived
    if measured is None or perceived is None:
        return []
    found = []
    flying = playback.flying
    for step in sorted(playback.left | ({flying} if flying is not None else set())):
        truth, belief = measured.violated(step), perceived.violated(step)
        if truth or belief:
            found.append([step, [place[f] for f in truth], [place[f] for f in belief]])
    return found


def _messages(episode: Episode, place: dict[str, int]) -> list[list[Any]]:
    """Return for each message when it was taken, when it arrived (None if never), and what it reports.

    A look also has the time at which it set out: it reads the world half-way. A message that reports only the
    agent's own writes is not news, and is left out; so are the many messages of a crew.
    """
    if len(episode.agents) > 1:
        return []
    arrived = {e.message: e.t for e in episode.trace if isinstance(e, Delivered)}
    found: list[list[Any]] = []
    for e in episode.trace:
        if not isinstance(e, Sent) or e.own:
            continue
        there = arrived.get(e.message)
        told = [place[r.fluent] for r in e.fluents] if len(e.fluents) <= FEW else []
        look = [round(2 * e.taken - there, 4)] if e.by == "read" and there is not None else []
        found.append([round(e.taken, 4), None if there is None else round(there, 4), told, *look])
    return found


def _calls(episode: Episode) -> list[list[Any]]:
    """Return for each call its step, its times of firing, landing and answer, its outcome, and the agent."""
    calls: list[list[Any]] = []
    latest: dict[int, list[Any]] = {}
    for event in episode.trace:
        if isinstance(event, Fired):
            latest[event.agent] = [event.step, round(event.t, 4), None, None, None, event.agent]
            calls.append(latest[event.agent])
        elif isinstance(event, Landed) and event.agent in latest:
            latest[event.agent][2], latest[event.agent][4] = round(event.t, 4), event.outcome
        elif isinstance(event, Acknowledged) and event.agent in latest:
            latest[event.agent][3] = round(event.t, 4)
    return calls


def _value(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
