"""An episode, or two on one seed, as a page that plays it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from experiments.pages.page import data_script, page, part
from experiments.playback.narrative import told
from experiments.playback.playback import Onlooker
from sim import Episode

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
    scripts = "\n".join(
        [data_script("data", data), f"<script>\n{part('player.js')}</script>", f"<script>{start}</script>"]
    )
    return page(title, body, style=part("player.css"), scripts=scripts)


def replay_data(episode: Episode) -> dict[str, Any]:
    """What the player needs of an episode: its fluents, its events in order, its messages."""
    onlooker = Onlooker(episode)
    place = {fluent: i for i, fluent in enumerate(onlooker.world)}
    says = dict(told(episode))
    fired = iter(episode.steps)
    used: dict[str, None] = dict.fromkeys(onlooker.scene.goals)
    events: list[dict[str, Any]] = []
    shares: list[Any] = []
    last = 0
    for number, event in enumerate(episode.trace):
        kind = event["event"]
        last = event["step"] if kind == "fire" else last
        changed = [[place[f], _value(value)] for f, value in onlooker.see(event).items()]
        seen = _seen(event, onlooker, last)
        if kind == "outcome":
            step = next(fired, None)
            seen["outcome"] = [last, event["outcome"], int(step is not None and step.misfire)]
        if kind == "plan" and event["steps"] is not None:
            for one in event["steps"]:
                used.update(dict.fromkeys([*one["requires"], *one["writes"]]))
        if changed:
            seen["b" if kind == "observation-delivered" else "w"] = changed
        stale, unfresh = onlooker.stale()
        staleness = [sorted(stale), sorted(unfresh), _share(len(stale), len(onlooker.left))]
        if staleness != shares:
            shares = seen["s"] = staleness
        if number in says:
            seen["say"] = says[number]
        if seen:
            events.append({"t": round(event["t"], 4)} | seen)
    changing = [e["fluent"] for e in episode.trace if e["event"] == "exogenous"]
    kept = set(list(dict.fromkeys([*used, *changing, *place]))[:MOST])
    return {
        "policy": episode.policy.name,
        "duration": episode.metrics.duration,
        "fluents": list(place),
        "first": [_value(v) for v in onlooker.scene.first.values()],
        "shown": [int(f in kept) for f in place],
        "hidden": max(0, len(place) - MOST),
        "events": events,
        "messages": _messages(episode),
    }


def _seen(event: dict[str, Any], onlooker: Onlooker, last: int) -> dict[str, Any]:
    """What a spectator sees of one event, beside what it changes."""
    kind = event["event"]
    if kind == "plan" and event["steps"] is not None:
        done = {*event["done"], *([onlooker.flying] if onlooker.flying is not None else [])}
        return {"plan": {"steps": [s["call"] for s in event["steps"]], "done": sorted(done)}}
    if kind == "verdict" and event["verdict"] != "fire":
        return {"verdict": [event["step"], event["verdict"], event["reason"]]}
    if kind == "fire":
        return {"fire": last}
    return {"end": event["how"]} if kind == "end" else {}


def _messages(episode: Episode) -> list[list[float | None]]:
    """For each message when it was taken and when it arrived, None if it never did."""
    arrived = {e["message"]: e["t"] for e in episode.trace if e["event"] == "observation-delivered"}
    return [
        [round(e["taken"], 4), round(arrived[e["message"]], 4) if e["message"] in arrived else None]
        for e in episode.trace
        if e["event"] == "observation-sent" and e["by"] != "acknowledgment"
    ]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _value(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
