"""Lesson 6: the learner's own system in numbers, which guard pays off, and a page to take home."""

from __future__ import annotations

import html
import json
import math
from dataclasses import dataclass, fields
from typing import Any

from plandrift.experiments.pages.elements import html_table
from plandrift.experiments.pages.page import page
from plandrift.experiments.statistics.intervals import Interval, mean_interval, paired
from plandrift.experiments.statistics.rulings import ruling
from plandrift.experiments.statistics.text import interval_text
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.workshop.cached_runs import Values, interval, measure
from plandrift.experiments.workshop.lessons.runs import VALUES
from plandrift.sim import SettingError

GUARDS = ("plan-once", "replan-each", "gated", "look-first", "if-match")
"""The ladder of guards that are compared; the first is no guard."""
STYLE = (
    "body{font:16px/1.5 Verdana,'DejaVu Sans',sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
    "table{border-spacing:1.2em .3em;text-align:left}svg{max-width:100%;height:auto}"
)


@dataclass(frozen=True)
class System:
    """An agent in numbers; all times are in seconds.

    Attributes:
        steps: steps in a plan.
        requires: things in the world that a step depends on.
        step_time: how long a step takes.
        to_the_world: time from firing a call until it reaches the world.
        thinking: time to make a plan.
        news: delay until the agent hears of a change.
        read: round trip of a fresh read.
        between_changes: mean time between two changes of one thing.
        price: cost of a call that goes wrong, in seconds of somebody's time.
    """

    steps: int = 10
    requires: int = 1
    step_time: float = 5.0
    to_the_world: float = 0.5
    thinking: float = 10.0
    news: float = 30.0
    read: float = 1.0
    between_changes: float = 600.0
    price: float = 300.0

    def check(self) -> None:
        """Check that the numbers are possible.

        Raises:
            SettingError: a number is missing, not finite, or out of range.
        """
        for one in fields(self):
            value = getattr(self, one.name)
            least = 1 if one.name in ("steps", "requires") else 0
            if value is None or not math.isfinite(value) or value < least:
                raise SettingError(f"{one.name} = {value}: give a number of {least} or more")
        if self.steps > 50 or self.requires > 5:
            raise SettingError("give at most 50 steps and 5 things for each")
        if self.step_time < 0.001 or self.between_changes < 0.001:
            raise SettingError("a step and the time between two changes take at least 0.001 s")

    @property
    def settings(self) -> dict[str, Any]:
        """Return the corresponding settings, in units of one step's time."""
        unit = self.step_time
        alone = self.steps * (1 + self.thinking / unit + (self.to_the_world + self.read) / unit)
        return {
            "volatility": unit / self.between_changes,
            "world.values": VALUES,
            "world.steps": self.steps,
            "world.requires": self.requires,
            "agent.thinking_time": self.thinking / unit,
            "agent.action_latency": self.to_the_world / unit,
            "agent.read_latency": self.read / unit,
            "channel.latency": self.news / unit,
            "horizon": 5 * alone + self.thinking / unit,
        }


SYSTEMS = {
    "a support desk, whose tickets customers and colleagues change": System(),
    "a coding agent, whose colleagues edit the same repository": System(
        steps=12,
        requires=2,
        step_time=20,
        to_the_world=1,
        thinking=60,
        news=600,
        read=2,
        between_changes=1800,
        price=600,
    ),
    "a nightly report over an archive that hardly changes": System(
        steps=20,
        to_the_world=0.2,
        thinking=20,
        news=5,
        read=4,
        between_changes=864_000,
        price=60,
    ),
}
"""Systems to begin from: the first is the one whose answer is printed."""


@dataclass(frozen=True)
class Offer:
    """What a guard does for a system.

    Attributes:
        guard: the guard's policy.
        values: each metric's values, one per seed.
        costs: each episode's cost in seconds: its time, plus the price of each call that went wrong and
            each unmet goal.
        cost: the mean of these costs.
        saved: the cost without a guard minus this one, on the same seeds.
    """

    guard: str
    values: Values
    costs: tuple[float, ...]
    cost: Interval
    saved: Interval


def offers(system: System, seeds: int) -> list[Offer]:
    """Evaluate every guard, in the order of `GUARDS`.

    Raises:
        SettingError: the system is not possible.
    """
    system.check()
    found = measure([condition("telegraph", guard, system.settings) for guard in GUARDS], seeds)
    costs = [_costs(system, values) for values in found]
    return [
        Offer(guard, values, tuple(cost), mean_interval(cost), paired(costs[0], cost).difference)
        for guard, values, cost in zip(GUARDS, found, costs, strict=True)
    ]


def _costs(system: System, values: Values) -> list[float]:
    wrong = [
        misfires + (1 - met) * system.steps
        for misfires, met in zip(values["misfires"], values["goals_met"], strict=True)
    ]
    return [
        time * system.step_time + system.price * bad
        for time, bad in zip(values["duration"], wrong, strict=True)
    ]


def worth_taking(made: list[Offer]) -> list[str]:
    """Return the guards that pay off significantly and do not differ significantly from the cheapest one.

    The cheapest comes first; if no guard pays off, the result is only no guard.
    """
    best = min(made[1:], key=lambda offer: offer.cost.mean)
    if ruling(best.saved).verdict != "more":
        return [made[0].guard]
    return [best.guard] + [
        other.guard
        for other in made[1:]
        if other is not best
        and ruling(other.saved).verdict == "more"
        and ruling(paired(other.costs, best.costs).difference).verdict != "more"
    ]


def recommendation(made: list[Offer]) -> str:
    """Return a recommendation in one or two sentences, made from the intervals.

    It is the cheapest guard whose saving is significant; guards that do not differ significantly from it
    are named.
    """
    best = min(made[1:], key=lambda offer: offer.cost.mean)
    taken, *near = worth_taking(made)
    if taken == made[0].guard:
        return (
            f"No guard pays off significantly here: the best of them, {best.guard}, saves "
            f"{interval_text(best.saved, 0)} s per episode (n = {best.saved.n}). Plan once, and measure "
            "again when your world moves faster."
        )
    text = (
        f"Take {best.guard}: it saves {interval_text(best.saved, 0)} s per episode compared with no guard "
        f"(n = {best.saved.n}, 95 %), with {interval_text(interval(best.values, 'misfires'), 1)} calls gone "
        f"wrong instead of {interval_text(interval(made[0].values, 'misfires'), 1)}."
    )
    return text + (f" {' and '.join(near)} may do as well: their intervals overlap." if near else "")


def rows(made: list[Offer]) -> list[list[str]]:
    """Return one row per guard, for people."""
    return [
        [
            offer.guard,
            interval_text(interval(offer.values, "misfires"), 1),
            interval_text(interval(offer.values, "goals_met")),
            interval_text(interval(offer.values, "replans"), 1),
            interval_text(offer.cost, 0),
            "–" if place == 0 else interval_text(offer.saved, 0),
        ]
        for place, offer in enumerate(made)
    ]


HEAD = ["guard", "calls gone wrong", "goals met", "replans", "cost (s)", "saved against none (s)"]


def take_home(system: System, made: list[Offer], figure: str) -> str:
    """Return the recommendation as a page of its own, with the numbers that it is based on."""
    numbers = [
        {"what": one.name.replace("_", " "), "how much": f"{getattr(system, one.name):g}"}
        for one in fields(system)
    ]
    table = html_table([dict(zip(HEAD, cells, strict=True)) for cells in rows(made)])
    body = (
        f"<h1>Which guard pays off?</h1><p><b>{html.escape(recommendation(made))}</b></p>"
        f"{table}{figure}<h2>The system</h2><p>Times in seconds.</p>{html_table(numbers)}"
        "<p>Simulated by plandrift in a world in which things change independently of each other, each "
        "to one of "
        "four other values. Each call that goes wrong and each unmet goal costs the price; brackets are "
        f"95 % intervals over {made[0].cost.n} episodes on the same seeds.</p>"
        "<h2>Next</h2><p>The whole ladder of guards, with ranges for what you do not know, and where the "
        f"choice flips:</p><p><code>{html.escape(advise_command(system))}</code></p><p>Your agent's "
        f"transcripts instead of estimates (they stay on your own machine):</p><pre>{OWN_TRANSCRIPTS}"
        "</pre>"
    )
    return page("Which guard pays off?", body, style=STYLE)


OWN_TRANSCRIPTS = """plandrift agent import claude-code ~/.claude/projects --out ops.parquet
plandrift agent audit ops.parquet --report audit.html
plandrift agent calibrate ops.parquet --out mine.toml
plandrift agent advise --calibrated mine.toml --cost-misfire 50 --cost-time 1"""
"""The commands that find out from transcripts how stale an agent was, and which guard it needs."""


def advise_command(system: System) -> str:
    """Return the command that compares more guards, with ranges, and shows where the choice flips."""
    s = system
    return (
        f'plandrift agent advise --changes "every {s.between_changes:g} s" --think "{s.thinking:g} s" '
        f'--read "{s.read:g} s" --news "{s.news:g} s" --steps {s.steps} '
        f"--reads-per-step {s.requires} --set agent.step_duration={s.step_time:g} "
        f"--set agent.action_latency={s.to_the_world:g} --cost-misfire {s.price:g} --cost-time 1"
    )


def change_rate(text: bytes | str) -> float:
    """Return the mean seconds between two changes of one thing, from `data survival --format json`.

    The group of one fluent is used, or else the first with a median: half of the plans over k fluents were
    broken by the median, so one fluent changes every k · median / ln 2 seconds.

    Raises:
        SettingError: it is not the output of that command, or no group has a median.
    """
    sizes = {"1": 1.0, "2–3": 2.5, "4–10": 7.0, "11–30": 20.0}
    try:
        groups = json.loads(text)
        known = [
            (sizes[str(g["fluents"]).replace("-", "–")], float(g["median_s"]))
            for g in groups
            if g["median_s"] is not None and str(g["fluents"]).replace("-", "–") in sizes
        ]
    except (ValueError, KeyError, TypeError):
        raise SettingError("that file is not what `plandrift data survival --format json` writes") from None
    if not known:
        raise SettingError("no group in that file has a median: the log is too short")
    k, median = known[0]
    return k * median / math.log(2)
