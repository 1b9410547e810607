"""The interactive page: three questions, each with a guess first, then a playground; one file, no server.

Everything that a choice can show was computed when the page was made: episodes of a few seeds over
volatility × observation latency × thinking time × policy, and means with bands over hundreds of seeds.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from plandrift.experiments.analysis.tables import table
from plandrift.experiments.pages.explore_crew import crew_data
from plandrift.experiments.pages.page import page, part, script, sheet
from plandrift.experiments.pages.replay import PLAYER, replay_data
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.sweeps.plain_values import PlainValue, value_text
from plandrift.experiments.sweeps.run import Progress, sweep
from plandrift.experiments.sweeps.workers import InProcess, processes, unguarded_script
from plandrift.sim import PlandriftError, plain

METRICS = (
    "plan_staleness",
    "first_misfires",
    "replans",
    "first_misfire_rate",
    "success",
    "steps_fired",
    "harm",
    "reads",
    "cut_off",
)
"""The metrics shown: each rate comes with what was attempted and what was achieved."""
POLICIES = ("plan-once", "replan-each", "gated", "look-first", "if-match")
"""The ladder of guards: none, replan on everything, the belief, a fresh read, the world's own check."""
CREWS = (1, 2, 4, 8, 16)
"""The sizes of crews on the page that comes with plandrift."""
NEEDED = ("plan-once", "replan-each", "gated")
"""The policies that the three questions are about."""
TIMES = {"agent.read_latency": 0.2, "agent.action_latency": 0.1}
"""A read takes time, and so does a call in flight; otherwise reading would be free and perfect."""
LIMIT = 3_000_000
"""The largest size of the page, in bytes."""
SAMPLE = 12
"""How many conditions are run to estimate how large the page would be."""
DOUBT = 1.5
"""By what factor the estimate must exceed the limit: episodes differ, and so does their compression."""


@dataclass(frozen=True)
class PageChoices:
    """What can be chosen on the page.

    Attributes:
        world: the world's name.
        volatility: volatilities, from slow to fast.
        latency: observation latencies.
        thinking: thinking times.
        policies: policies by name.
        seeds: seeds of the episodes that can be played; everyone in the room sees the same ones.
        many: number of seeds behind each curve.
        horizon: the horizon of every episode.
        crews: the sizes of the crews on the last tab; with none there is no such tab.
        settings: the other settings, by name.
    """

    world: str = "records"
    volatility: Sequence[PlainValue] = (0.005, 0.02, 0.05, 0.15)
    latency: Sequence[PlainValue] = (0.0, 1.0, 4.0)
    thinking: Sequence[PlainValue] = (0.0, 1.0)
    policies: Sequence[str] = POLICIES
    seeds: Sequence[int] = (7, 11, 23)
    many: int = 200
    horizon: float = 60.0
    crews: Sequence[int] = ()
    settings: Mapping[str, Any] = field(default_factory=lambda: dict(TIMES))

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """Return every condition, in the order in which the page numbers them."""
        return [
            {"volatility": v, "channel.latency": lat, "agent.thinking_time": t, "policy": p}
            for v, lat, t, p in product(self.volatility, self.latency, self.thinking, self.policies)
        ]


def explore_page(grid: PageChoices, workers: int = 2, tell: Callable[[Progress], None] | None = None) -> str:
    """Return the whole page.

    Args:
        grid: what can be chosen on it.
        workers: number of processes.
        tell: called with the progress of the sweep behind the curves.

    Raises:
        SettingError: the world or a setting is wrong.
        PlandriftError: the page would be too large, or the sweep was stopped.
    """
    episodes = _episodes(grid, workers, tell)
    data = {
        "world": grid.world,
        "horizon": grid.horizon,
        "volatility": list(grid.volatility),
        "latency": list(grid.latency),
        "thinking": list(grid.thinking),
        "policies": list(grid.policies),
        "seeds": list(grid.seeds),
        "many": grid.many,
        "curves": _curves(grid, workers, tell),
        "crew": crew_data(grid.crews, grid.many, workers, tell) if grid.crews else None,
        "episodes": episodes,
    }
    text = base64.b64encode(_packed(data)).decode()
    scripts = "\n".join(
        [
            f'<script type="text/plain" id="packed">{text}</script>',
            script(*PLAYER, "explore.js", policies=grid.policies),
        ]
    )
    title = "When does a plan go stale?"
    body = f"<h1>{title}</h1>\n{part('explore.html')}"
    whole = page(title, body, style=sheet("player.css", "explore.css"), scripts=scripts)
    size = len(whole.encode())
    if size > LIMIT:
        raise _too_large(size)
    return whole


def _packed(data: Any) -> bytes:
    packed = json.dumps(plain(data), ensure_ascii=False, separators=(",", ":")).encode()
    return gzip.compress(packed, 9, mtime=0)


def _too_large(size: float) -> PlandriftError:
    return PlandriftError(
        f"explore: the page would have {size / 1e6:.1f} MB, more than {LIMIT / 1e6:g}: give fewer "
        "values, or a smaller world"
    )


def _curves(grid: PageChoices, workers: int, tell: Callable[[Progress], None] | None) -> dict[str, list[Any]]:
    """Return mean, low and high over many seeds by metric and condition; null if nothing was measured."""
    spec = {
        "world": grid.world,
        "seeds": grid.many,
        "horizon": grid.horizon,
        "title": "explore",
        "grid": {
            "volatility": list(grid.volatility),
            "channel.latency": list(grid.latency),
            "agent.thinking_time": list(grid.thinking),
            "policy": list(grid.policies),
        },
        "fixed": dict(grid.settings),
    }
    by = ["policy", "volatility", "channel.latency", "agent.thinking_time"]
    with tempfile.TemporaryDirectory(prefix="plandrift-") as folder:
        outcome = sweep(spec, Path(folder) / "explore", workers=workers, tell=tell, metrics=METRICS)
        if outcome.stopped or outcome.failed:
            raise PlandriftError("explore: the sweep behind the curves was stopped, or an episode failed")
        rows = table(outcome.results, by, METRICS)
    found = {(row["metric"], *(value_text(row[name]) for name in by)): row for row in rows}
    curves: dict[str, list[Any]] = {}
    for metric in METRICS:
        curves[metric] = []
        for c in grid.conditions:
            row = found.get((metric, *(value_text(c[name]) for name in by)))
            values = [] if row is None else [round(row[name], 4) for name in ("mean", "low", "high")]
            curves[metric].append(values or None)
    return curves


def _episodes(
    grid: PageChoices, workers: int, tell: Callable[[Progress], None] | None
) -> list[list[dict[str, Any]]]:
    """Return each condition's episodes, one per seed, for the player; a few run first, to estimate the size.

    Raises:
        PlandriftError: the page would be far larger than allowed.
    """
    conditions = grid.conditions
    # The last ones are the busiest: the sample is spread over all.
    sample = range(0, len(conditions), max(1, math.ceil(len(conditions) / SAMPLE)))
    known = {number: _played(grid, conditions[number]) for number in sample}
    size = len(_packed(list(known.values()))) * 4 / 3 * len(conditions) / len(known)
    if size > DOUBT * LIMIT:
        raise _too_large(size)
    began, seeds = time.monotonic(), len(grid.seeds)
    left = [number for number in range(len(conditions)) if number not in known]
    with InProcess() if workers == 1 or unguarded_script() else processes(workers) as pool:
        play = partial(_played, grid)
        for number, played in zip(left, pool.map(play, [conditions[i] for i in left]), strict=True):
            known[number] = played
            if tell is not None:
                done = len(known) * seeds
                rate = (done - len(sample) * seeds) / max(1e-9, time.monotonic() - began)
                tell(Progress(done, len(conditions) * seeds, 0, rate))
    return [known[number] for number in range(len(conditions))]


def _played(grid: PageChoices, chosen: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = {k: v for k, v in chosen.items() if k != "policy"} | {"horizon": grid.horizon}
    made = condition(grid.world, chosen["policy"], given | dict(grid.settings))
    return [replay_data(made.run(seed, trace=True)) for seed in grid.seeds]
