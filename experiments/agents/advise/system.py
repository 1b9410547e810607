"""A user's system: the settings that are known, and those that are known to within an interval."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from plandrift.experiments.agents.advise.exact import SilentSystem
from plandrift.experiments.agents.advise.guards import Guard
from plandrift.experiments.sweeps.condition import Condition, condition
from plandrift.sim import Distribution, SettingError
from plandrift.sim.settings.real_time import number_of, rate_words, time_words, unit_of

DRAWS = 64
"""So many systems are drawn where something is not known."""

SILENT = frozenset(
    {
        "volatility",
        "horizon",
        "world.values",
        "world.steps",
        "world.requires",
        "agent.thinking_time",
        "agent.step_duration",
        "agent.action_latency",
        "agent.read_latency",
        "channel.loss",
    }
)
"""The settings for which the closed forms of `advise.exact` were derived: another one, and none holds."""

Z = 1.959964
"""Standard deviations to the end of a 95 % interval."""


@dataclass(frozen=True)
class Span:
    """A number known to within a 95 % interval: lognormal between ends above 0, else uniform.

    >>> round(Span.parse("1 to 4 per hour").at(0.5) * 3600, 9)
    2.0
    """

    low: float
    high: float

    @classmethod
    def parse(cls, text: str) -> Span | None:
        """``3s to 8s``, ``1 to 5 per hour``; None where it is no interval."""
        parts = re.split(r"\s+to\s+", text.strip())
        if len(parts) != 2:
            return None
        low, high = parts
        known = unit_of(high)
        if known is not None and unit_of(low) is None:
            # The unit is given once, at the end.
            low += re.sub(r"^\s*[\d.e+-]+", "", high)
        ends = [number_of(end) for end in (low, high)]
        try:
            span = cls(*(float(end) for end in ends))  # type: ignore[arg-type]
        except ValueError:
            return None
        if not 0 <= span.low < span.high < math.inf:
            raise SettingError(f"{text}: give the lower end first, and neither below 0")
        return span

    @property
    def middle(self) -> float:
        """The point in the middle, which stands for the whole in texts."""
        return self.at(0.5)

    def at(self, share: float) -> float:
        """The value below which it lies with this probability."""
        if self.low <= 0:
            return self.low + share * (self.high - self.low)
        from scipy import special

        middle = (math.log(self.low) + math.log(self.high)) / 2
        spread = (math.log(self.high) - math.log(self.low)) / (2 * Z)
        return math.exp(middle + spread * float(special.ndtri(share)))


@dataclass(frozen=True)
class UserSystem:
    """What is known of an agent and its world.

    Attributes:
        world: its name.
        settings: those known, by dotted name; a number or words.
        spans: those known to within an interval.
        seed: of the draws from the intervals.
        tied: settings that follow another one, each as a share of it.
    """

    world: str
    settings: Mapping[str, Any]
    spans: Mapping[str, Span] = field(default_factory=dict)
    seed: int = 0
    tied: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    @cached_property
    def draws(self) -> list[dict[str, float]]:
        """Values for what is not known: a Latin hypercube of `DRAWS` points, one empty draw if all is."""
        if not self.spans:
            return [{}]
        random = np.random.default_rng(self.seed)
        columns = {
            name: [span.at(float(u)) for u in (random.permutation(DRAWS) + random.random(DRAWS)) / DRAWS]
            for name, span in self.spans.items()
        }
        return [{name: column[i] for name, column in columns.items()} for i in range(DRAWS)]

    def at(self, changed: Mapping[str, Any]) -> UserSystem:
        """The same with some settings known to be this."""
        spans = {name: span for name, span in self.spans.items() if name not in changed}
        tied = {name: to for name, to in self.tied.items() if name not in changed}
        return UserSystem(self.world, {**self.settings, **changed}, spans, self.seed, tied)

    def drawn(self, draw: int) -> dict[str, Any]:
        """Every setting in one of the draws."""
        given = {**self.settings, **self.draws[draw % len(self.draws)]}
        known = {name: (_number(given[of]), share) for name, (of, share) in self.tied.items() if of in given}
        return given | {name: of * share for name, (of, share) in known.items() if of is not None}

    def condition(self, guard: Guard, draw: int = 0) -> Condition:
        """What is run for a guard at one of the draws.

        Raises:
            SettingError: the world or a setting is wrong.
        """
        return condition(self.world, guard.policy, {**self.drawn(draw), **guard.settings})

    def point(self, name: str) -> float | None:
        """A setting as one number: its own, the middle of its interval; None where it is neither."""
        if name in self.spans:
            return self.spans[name].middle
        return _number(self.settings.get(name))

    @property
    def lands_late(self) -> bool:
        """Whether a call may land after its step's duration, where no closed form holds."""
        for draw in range(len(self.draws)):
            given = {"agent.action_latency": 0.0, "agent.step_duration": 1.0} | self.drawn(draw)
            lands, step = _number(given["agent.action_latency"]), _number(given["agent.step_duration"])
            if lands is not None and step is not None and lands > step:
                return True
        return False

    def silent(self, draw: int) -> SilentSystem | None:
        """The system of the closed forms, None where a setting is one for which they were not derived."""
        given = self.drawn(draw)
        if self.world != "telegraph" or not set(given) <= SILENT:
            return None
        names = (
            ("volatility", 0.05),
            ("world.values", 2),
            ("world.steps", 10),
            ("world.requires", 1),
            ("agent.thinking_time", 0.0),
            ("agent.step_duration", 1.0),
            ("agent.action_latency", 0.0),
            ("agent.read_latency", 0.0),
            ("channel.loss", 0.0),
            ("horizon", 200.0),
        )
        values = [_number(given[name]) if name in given else float(default) for name, default in names]
        if any(value is None for value in values):
            return None
        known = [float(value or 0.0) for value in values]
        if known[8] != 1 or known[6] > known[5]:
            return None
        return SilentSystem(
            rate=known[0],
            values=int(known[1]),
            steps=int(known[2]),
            requires=int(known[3]),
            thinking=known[4],
            step=known[5],
            lands=known[6],
            trip=known[7],
        )


def _number(value: object) -> float | None:
    """A setting as one number, None where it is none."""
    value = number_of(value)
    if isinstance(value, str):
        try:
            value = Distribution.parse(value).fixed
        except SettingError:
            return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


NAMES = {
    "volatility": "rate of change",
    "agent.thinking_time": "thinking time",
    "agent.step_duration": "tool time",
    "agent.read_latency": "read latency",
    "agent.action_latency": "action latency",
    "channel.latency": "observation latency",
    "world.spread": "spread of the rates",
}
"""What people call the settings that an answer speaks of."""


def named(setting: str) -> str:
    """A setting for people."""
    return NAMES.get(setting, setting)


def in_words(setting: str, value: float) -> str:
    """A value of a setting for people."""
    if setting == "volatility":
        return rate_words(value)
    if setting.startswith(("agent.", "channel.")):
        return time_words(value)
    return f"{value:.3g}"
