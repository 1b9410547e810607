"""The story: a playable explanation in seven scenes on one page, which needs no prior knowledge.

What the reader cannot change was run by the engine when the page was made. Where the reader's moves decide,
the page plays the same town itself (`assets/story_game.js`), and a test holds that equal to the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import takewhile
from typing import Any

from plandrift.experiments.pages.deliveries import Deliveries
from plandrift.experiments.pages.page import data_script, page, part, sheet
from plandrift.experiments.statistics.ratios import ratio_interval
from plandrift.policies import POLICIES, plan_once
from plandrift.sim import Streams, run

TITLE = "It was true when you looked"
LIMIT = 500_000
"""The upper limit on the size of the page, in bytes."""
TOWNS = 200
"""The number of towns, in at least one of which the reader's first list fails."""
MOVES_EVERY = (240, 120, 60, 30, 15, 8, 4, 2, 1)
"""Minutes between two moves of one resident, for the bet; a step takes a minute."""
RESTLESS = 60
"""Towns in which the reader looks again and again."""
HIRED = ("plan-once", "on-error", "gated", "look-first", "if-match")
"""No guard, and the guards for hire, by their names in the simulator."""
PORTERS, NEWS, THINKING = 2, 2.0, 1.2
"""Where guards are hired: doors with a porter, and minutes that news takes; minutes that a new list takes."""
LONG = 14.0
"""Minutes for which a town's moves are kept: longer than any of its rounds takes."""
ROUND: Mapping[str, Any] = {"step_duration": 1.0, "action_latency": 0.5, "read_latency": 0.6}
"""How long the postman's steps take: a minute, half of it to the door; asking takes 0.6."""
SCENES = ("felt", "bet", "storm", "guards", "break", "yours")
"""The scripts of the scenes, in order."""


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
        "towns": [moves(0.06, seed) for seed in range(TOWNS)],
        "bet": [_bet(1 / minutes) for minutes in MOVES_EVERY],
        "rounds": TOWNS,
        "restless": [moves(0.2, seed) for seed in range(RESTLESS)],
        "thinking": THINKING,
        "guards": {
            "porters": PORTERS,
            "news": NEWS,
            "towns": [moves(0.08, seed) for seed in range(10)],
            "rounds": {name: [_hired(name, seed) for seed in range(10)] for name in HIRED},
        },
    }


def moves(volatility: float, seed: int) -> list[list[Any]]:
    """Return who moves where and when in a town, as the page's own game takes it."""
    changed = Deliveries(volatility=volatility).begin(Streams(seed), LONG).changes()
    return [
        [time, int(fluent.removeprefix("resident-")), door]
        for time, fluent, door in takewhile(lambda move: move[0] < LONG, changed)
    ]


def _hired(guard: str, seed: int) -> tuple[int, int, float]:
    """Return how many parcels came to the right and to a wrong door, and the minutes of the round."""
    town = Deliveries(volatility=0.08, porters=PORTERS)
    episode = run(town, POLICIES[guard](), seed=seed, horizon=40.0, latency=NEWS, **ROUND)
    ends = [step.outcome for step in episode.steps]
    return ends.count("effective"), ends.count("harmful"), episode.metrics.duration


def _bet(volatility: float) -> Mapping[str, float]:
    """Return the share of the parcels that go to a wrong door, with its 95 % interval."""
    town = Deliveries(volatility=volatility)
    rounds = [run(town, plan_once(), seed=seed, **ROUND).metrics for seed in range(TOWNS)]
    found = ratio_interval([m.misfires for m in rounds], [m.steps_fired for m in rounds])
    return {"rate": volatility, "share": found.mean, "low": found.low, "high": found.high}
