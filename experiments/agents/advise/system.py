"""A user's system: settings that are known exactly, and settings known to within an interval."""

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
"""The number of systems drawn if something is uncertain."""

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
"""The settings covered by the closed forms of `advise.exact`; with any other setting none applies."""

Z = 1.959964
"""The number of standard deviations from the middle to the end of a 95 % interval."""


@dataclass(frozen=True)
class Span:
    """A number known to within a 95 % interval: lognormal if both ends are above 0, else uniform.

    >>> round(Span.parse("1 to 4 per hour").at(0.5) * 3600, 9)
    2.0
    """

    low: float
    high: float

    @classmethod
    def parse(cls, text: str) -> Span | None:
        """Parse ``3s to 8s`` or ``1 to 5 per hour``; None if the text is not an interval."""
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
            raise SettingError(f"{text}: give the lower end first, and no number below 0")
        return span

    @property
    def middle(self) -> float:
        """Return the middle, which stands for the interval in texts."""
        return self.at(0.5)

    def at(self, share: float) -> float:
        """Return the value below which the number lies with this probability."""
        if self.low <= 0:
            return self.low + share * (self.high - self.low)
        from scipy import special

        middle = (math.log(self.low) + math.log(self.high)) / 2
        spread = (math.log(self.high) - math.log(self.low)) / (2 * Z)
        return math.exp(middle + spread * float(special.ndtri(share)))


@dataclass(frozen=True)
class UserSystem:
    """What is known about an agent and its world.

    Attributes:
        world: the world's name.
        settings: the known settings, by dotted name; numbers or text.
        spans: the settings that are known to within an interval.
        seed: seed of the draws from the intervals.
        tied: settings that follow another one, each as a share of it.
    """

    world: str
    settings: Mapping[str, Any]
    spans: Mapping[str, Span] = field(default_factory=dict)
    seed: int = 0
    tied: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    @cached_property
    def draws(self) -> list[dict[str, float]]:
        """Return draws of the uncertain numbers: a Latin hypercube of `DRAWS` points, or one empty draw."""
        if not self.spans:
            return [{}]
        random = np.random.default_rng(self.seed)
        columns = {
            name: [span.at(float(u)) for u in (random.permutation(DRAWS) + random.random(DRAWS)) / DRAWS]
            for name, span in self.spans.items()
        }
        return [{name: column[i] for name, column in columns.items()} for i in range(DRAWS)]

    def at(self, changed: Mapping[str, Any]) -> UserSystem:
        """Return the same system with some settings fixed to these values."""
        spans = {name: span for name, span in self.spans.items() if name not in changed}
        tied = {name: to for name, to in self.tied.items() if name not in changed}
        return UserSystem(self.world, {**self.settings, **changed}, spans, self.seed, tied)

    def drawn(self, draw: int) -> dict[str, Any]:
        """Return every setting in one of the draws."""
        given = {**self.settings, **self.draws[draw % len(self.draws)]}
        known = {name: (_number(given[of]), share) for name, (of, share) in self.tied.items() if of in given}
        return given | {name: of * share for name, (of, share) in known.items() if of is not None}

    def condition(self, guard: Guard, draw: int = 0) -> Condition:
        """Return the condition to run for a guard in one of the draws.

        Raises:
            SettingError: the world or a setting is wrong.
        """
        return condition(self.world, guard.policy, {**self.drawn(draw), **guard.settings})

    def point(self, name: str) -> float | None:
        """Return a setting as one number, or the middle of its interval; None if it is neither."""
        if name in self.spans:
            return self.spans[name].middle
        return _number(self.settings.get(name))

    @property
    def lands_late(self) -> bool:
        """Say whether a call may land after its step's duration, where no closed form holds."""
        for draw in range(len(self.draws)):
            given = {"agent.action_latency": 0.0, "agent.step_duration": 1.0} | self.drawn(draw)
            lands, step = _number(given["agent.action_latency"]), _number(given["agent.step_duration"])
            if lands is not None and step is not None and lands > step:
                return True
        return False

    def silent(self, draw: int) -> SilentSystem | None:
        """Return the system for the closed forms; None if they do not cover one of the settings."""
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
    """Return a setting as a number; None if it is not a number."""
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
"""The everyday names of the settings that an answer mentions."""


def named(setting: str) -> str:
    """Return a setting's everyday name."""
    return NAMES.get(setting, setting)


def in_words(setting: str, value: float) -> str:
    """Return a value of a setting in words."""
    if setting == "volatility":
        return rate_words(value)
    if setting.startswith(("agent.", "channel.")):
        return time_words(value)
    return f"{value:.3g}"
