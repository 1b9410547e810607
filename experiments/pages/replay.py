"""An episode, or two on one seed, as a page that plays it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from experiments.pages.page import data_script, page, script, sheet
from experiments.playback.narrative import told
from experiments.playback.playback import Playback
from sim import Episode, Event
from sim.events import Acknowledged, Asked, Delivered, Ended, Exogenous, HandedOver, Landed, Sent

MOST = 60
"""Fluents shown at most: those that plans and goals depend on come first, then those that change."""


def replay_page(episodes: Sequence[Episode], world: str) -> str:
    """A self-contained page that plays episodes side by side.

    Args:
        episodes: of one world and seed, run with ``trace=True``.
        world: the world's name.
    """
    names = " against ".join(episode.policy.name for episode in episodes)
    title = f"{world}: {names}, seed {episodes[0].seed}"
    data = {"episodes": [replay_data(episode) for episode in episodes]}
    body = (
        f"<h1>{html.escape(title)}</h1>\n"
        '<p class="note">Space plays and pauses, the arrow keys go from event to event. A step is stale when '
        "what it rests on no longer holds in the world, and unseen while the belief does not show it. On the "
        "lower strip an observation leaves the world (w.) and reaches the belief (b.).</p>\n"
        '<div id="player"></div>\n<noscript>This page needs its own script to play.</noscript>'
    )
    start = (
        'new plandrift.Player(document.getElementById("player"), '
        'JSON.parse(document.getElementById("data").textContent));'
    )
    scripts = "\n".join([data_script("data", data), script("player.js"), f"<script>{start}</script>"])
    return page(title, body, style=sheet("player.css"), scripts=scripts)


def replay_data(episode: Episode) -> dict[str, Any]:
    """What the player shows of an episode: its fluents, its messages, and what changes at each event.

    All of it is worked out by the playback; the page's script computes nothing of its own.
    """
    playback = Playback(episode.trace)
    place = {fluent: i for i, fluent in enumerate(playback.world)}
    first = [_value(value) for value in playback.world.values()]
    says = dict(told(episode))
    used: dict[str, None] = dict.fromkeys(playback.start.goals)
    events: list[dict[str, Any]] = []
    shown: dict[str, Any] = {}
    for number, (event, changed) in enumerate(playback.changes(), 1):
        seen: dict[str, Any] = {}
        if changed:
            news = isinstance(event, Delivered | Acknowledged)
            seen["b" if news else "w"] = [[place[f], _value(value)] for f, value in changed.items()]
        if isinstance(event, HandedOver) and event.steps is not None:
            for step in playback.steps:
                used.update(dict.fromkeys([*step.requires, *step.writes]))
        if isinstance(event, Landed):
            misfire = bool(event.violated) and event.outcome != "refused"
            seen["outcome"] = [event.outcome, int(misfire)]
        if isinstance(event, Ended):
            seen["end"] = event.how
        for key, value in _state(event, playback).items():
            if shown.get(key) != value:
                shown[key] = seen[key] = value
        if number in says:
            seen["say"] = says[number]
        if seen:
            events.append({"t": round(event.t, 4)} | seen)
    changing = [e.fluent for e in episode.trace if isinstance(e, Exogenous)]
    kept = set(list(dict.fromkeys([*used, *changing, *place]))[:MOST])
    return {
        "policy": episode.policy.name,
        "duration": episode.metrics.duration,
        "fluents": list(place),
        "first": first,
        "shown": [int(f in kept) for f in place],
        "hidden": max(0, len(place) - MOST),
        "events": events,
        "messages": _messages(episode),
    }


def _state(event: Event, playback: Playback) -> dict[str, Any]:
    """What stands on the page after an event: the plan, each step's mark, what is stale, and the counts."""
    stale, perceived = playback.stale()
    tracked = playback.tracked
    share = tracked.shares.plan if playback.left else None
    verdict = None
    if isinstance(event, Asked) and event.verdict not in ("fire", "if-match"):
        verdict = [event.step, event.verdict, event.reason]
    counts = [
        playback.fired,
        playback.misfires,
        tracked.succession.replans,
        tracked.tallies.blocks,
    ]
    return {
        "plan": [str(step.call) for step in playback.steps],
        "marks": playback.marks(),
        "stale": [sorted(stale), sorted(perceived), share if share is None else round(share, 4)],
        "verdict": verdict,
        "counts": counts,
    }


def _messages(episode: Episode) -> list[list[float | None]]:
    """For each message when it was taken and when it arrived, None if it never did."""
    arrived = {e.message: e.t for e in episode.trace if isinstance(e, Delivered)}
    return [
        [round(e.taken, 4), round(arrived[e.message], 4) if e.message in arrived else None]
        for e in episode.trace
        if isinstance(e, Sent)
    ]


def _value(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
