"""The story: an explanation to be played, in seven scenes on one page; nobody needs to know a term before.

What the reader cannot change was run by the engine when the page was made. Where the reader's moves decide,
the page plays the same town itself (`assets/story_game.js`), and a test holds that equal to the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from plandrift.experiments.pages.deliveries import Deliveries
from plandrift.experiments.pages.page import data_script, page, part, sheet
from plandrift.experiments.statistics.ratios import ratio_interval
from plandrift.policies import plan_once
from plandrift.sim import Episode, run
from plandrift.sim.trace.events import Exogenous

TITLE = "It was true when you looked"
LIMIT = 500_000
"""The page has fewer bytes than this."""
TOWNS = 200
"""Rounds in as many towns, in one of which the reader's first list fails."""
MOVES_EVERY = (240, 120, 60, 30, 15, 8, 4, 2, 1)
"""Minutes between two moves of one resident, for the bet; a step takes a minute."""
ROUND: Mapping[str, Any] = {"step_duration": 1.0, "action_latency": 0.5, "read_latency": 0.6}
"""How long the postman's steps take: a minute, half of it to the door."""
SCENES = ("felt", "bet")
"""The scenes in order, each the name of its script."""


@cache
def story_page() -> str:
    """Return the whole page; the same one whenever it is made."""
    scripts = ("story_game.js", "story_town.js", *(f"story_{name}.js" for name in SCENES), "story.js")
    code = "\n".join(part(name) for name in scripts)
    return page(
        TITLE,
        part("story.html"),
        style=sheet("story.css"),
        scripts=f"{data_script('story-data', story_data())}\n<script>\n{code}</script>",
    )


def story_data() -> dict[str, Any]:
    """Return what the scenes show of the engine's episodes."""
    return {
        "towns": [moves(_round(0.06, seed, trace=True)) for seed in range(TOWNS)],
        "bet": [_bet(1 / minutes) for minutes in MOVES_EVERY],
        "rounds": TOWNS,
    }


def moves(episode: Episode) -> list[list[Any]]:
    """Return who moved where in an episode, as the page's own game takes it."""
    changed = (event for event in episode.trace if isinstance(event, Exogenous))
    return [[event.t, int(event.fluent.removeprefix("resident-")), event.value] for event in changed]


def _round(volatility: float, seed: int, trace: bool = False) -> Episode:
    return run(Deliveries(volatility=volatility), plan_once(), seed=seed, horizon=20.0, trace=trace, **ROUND)


def _bet(volatility: float) -> Mapping[str, float]:
    """Return the share of the parcels that go to a wrong door, with its 95 % interval."""
    rounds = [_round(volatility, seed).metrics for seed in range(TOWNS)]
    found = ratio_interval([m.misfires for m in rounds], [m.steps_fired for m in rounds])
    return {"rate": volatility, "share": found.mean, "low": found.low, "high": found.high}
