"""A sweep as a user writes it: a TOML file, checked completely before anything runs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from plandrift.sim import SettingError
from plandrift.sim.measure.metrics import METRICS
from plandrift.sim.settings.real_time import number_of
from plandrift.sim.terms.errors import nearest
from plandrift.worlds.text_file import read_text, toml_of

REGRET = "regret"
"""The metric that needs a second episode: see `plandrift.experiments.sweeps.batch`."""

MOST_SEEDS = 10_000_000
"""The most episodes that a condition may have."""

MOST_CONDITIONS = 20_000
"""The most conditions that a sweep may have, because each has all its settings in the manifest."""

MOST_EPISODES = 100_000_000
"""The most episodes that a sweep may have."""

SECTIONS = ("grid", "zip", "random", "fixed")


class _SpecModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Until(_SpecModel):
    """The rule to continue until a metric's mean is known to within `half_width` (`sweeps.stopping`)."""

    metric: str
    half_width: float = Field(gt=0)
    at_most: int = Field(default=5000, ge=40, le=MOST_SEEDS)

    @model_validator(mode="after")
    def _known(self) -> Until:
        if self.metric not in METRICS:
            raise ValueError(f"unknown metric {self.metric!r}: {nearest(self.metric, METRICS)}")
        return self


End = Annotated[float, BeforeValidator(number_of)]
"""An end of a range: a number, or a time or rate in words."""


class Range(_SpecModel):
    """A range from which `[random]` draws."""

    low: End
    high: End
    scale: Literal["linear", "log"] = "linear"
    whole: bool = False

    @model_validator(mode="after")
    def _sensible(self) -> Range:
        if self.low >= self.high:
            raise ValueError(f"low = {self.low:g} is not below high = {self.high:g}")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"low = {self.low:g}: a log scale begins above 0")
        return self

    def at(self, share: float) -> float:
        """Return the value at this share of the way from low to high."""
        if self.scale == "log":
            value = self.low * (self.high / self.low) ** share
        else:
            value = self.low + share * (self.high - self.low)
        return float(round(value)) if self.whole else value


class RandomPoints(BaseModel):
    """Points drawn from ranges: Latin hypercube or Sobol (scipy.stats.qmc). Extra keys are settings."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Range] = Field(init=False)

    points: int = Field(default=64, ge=1, le=MOST_CONDITIONS)
    method: Literal["latin-hypercube", "sobol"] = "latin-hypercube"
    seed: int = Field(default=0, ge=0)

    @property
    def ranges(self) -> dict[str, Range]:
        """Return the range of each setting."""
        return dict(self.__pydantic_extra__ or {})

    @model_validator(mode="after")
    def _drawable(self) -> RandomPoints:
        if not self.ranges:
            raise ValueError("name a setting to draw, such as volatility = {low = 0.01, high = 0.3}")
        if self.method == "sobol" and self.points & (self.points - 1):
            below = 2 ** int(math.log2(self.points))
            raise ValueError(
                f"points = {self.points}: Sobol points come in powers of 2: {below} or {2 * below}"
            )
        return self


ValueList = Annotated[list[Any], Field(min_length=1)]


class Spec(_SpecModel):
    """What to sweep.

    Attributes:
        title: the question, for people.
        world: the world's name, if it does not vary.
        policy: the policy's name, if it does not vary.
        volatility: the volatility, if it does not vary.
        horizon: the horizon, if it does not vary.
        oracle: whether every condition is run under the oracle setting.
        seeds: number of episodes per condition, with seeds 0, 1, …
        until: a stopping rule instead of `seeds`.
        regret: whether to measure regret as well, at the cost of a second episode for each.
        grid: settings and their values, in every combination.
        zip: settings and their values, varied in step with each other.
        random: ranges to draw points from.
        fixed: settings that have one value.
        intervals: 95 % intervals of settings in `fixed`, as `calibrate` writes them: `advise` draws from
            them, while a sweep uses the values themselves.
    """

    title: str = ""
    world: str | None = None
    policy: str | None = None
    volatility: float | str | None = None
    horizon: float | str | None = None
    oracle: bool | None = None
    seeds: int | None = Field(default=None, ge=1, le=MOST_SEEDS)
    until: Until | None = None
    regret: bool = False
    grid: dict[str, ValueList] = {}
    zip: dict[str, ValueList] = {}
    random: RandomPoints | None = None
    fixed: dict[str, Any] = {}
    intervals: dict[str, tuple[End, End]] = {}

    @model_validator(mode="after")
    def _whole(self) -> Spec:
        if (self.seeds is None) == (self.until is None):
            raise ValueError("give either seeds = 200 or until = {metric = …, half_width = …, at_most = …}")
        owners: dict[str, str] = {
            name: "the top"
            for name in ("world", "policy", "volatility", "horizon", "oracle")
            if getattr(self, name) is not None
        }
        ranges = self.random.ranges if self.random is not None else {}
        for name, (low, high) in self.intervals.items():
            if name not in self.fixed or not low < high:
                raise ValueError(f"[intervals] {name}: give [low, high] for a setting in [fixed]")
        for section, names in (
            ("[grid]", self.grid),
            ("[zip]", self.zip),
            ("[random]", ranges),
            ("[fixed]", self.fixed),
        ):
            for name in names:
                if name in owners:
                    raise ValueError(f"{name} is given in {owners[name]} and in {section}: give it once")
                owners[name] = section
        if "world" not in owners:
            raise ValueError('name a world, such as world = "records"')
        if "policy" not in owners:
            raise ValueError('name a policy, such as policy = "gated", or several in [grid]')
        if "seed" in owners:
            raise ValueError("seed: every condition gets the seeds 0, 1, …: give seeds = 200 instead")
        lengths = {name: len(values) for name, values in self.zip.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"[zip] lists must have one length, these have {lengths}")
        for name, value in self.fixed.items():
            _check_plain(f"fixed.{name}", value)
        for section, lists in (("grid", self.grid), ("zip", self.zip)):
            for name, values in lists.items():
                for value in values:
                    _check_plain(f"{section}.{name}", value)
                if section == "grid" and len({repr(v) for v in values}) < len(values):
                    raise ValueError(f"grid.{name}: a value is in it twice")
        return self

    def with_seeds(self, seeds: int | None, option: str = "--seeds") -> Spec:
        """Return the same spec with another number of seeds, if given, instead of its own number or rule.

        Raises:
            SettingError: the number is too small or too large.
        """
        if seeds is None:
            return self
        if not 1 <= seeds <= MOST_SEEDS:
            raise SettingError(f"{option} {seeds}: give a whole number from 1 to {MOST_SEEDS}")
        return self.model_copy(update={"seeds": seeds, "until": None})

    @property
    def most(self) -> int:
        """Return the most episodes that a condition may reach."""
        return self.until.at_most if self.until is not None else self.seeds or 0

    def check_size(self, points: int, place: str = "spec") -> None:
        """Refuse far too many conditions or episodes, before any of them is made.

        Args:
            points: the number of points at which each combination of `[grid]` and `[zip]` is run.
            place: the spec's file, for the message.

        Raises:
            SettingError: there are too many; the message gives their number and the limit.
        """
        count = points * math.prod(map(len, self.grid.values()))
        count *= len(next(iter(self.zip.values()))) if self.zip else 1
        if count > MOST_CONDITIONS:
            raise SettingError(
                f"{place}: it comes to {_many(count)} conditions: give at most {MOST_CONDITIONS} at a time"
            )
        if count * self.most > MOST_EPISODES:
            raise SettingError(
                f"{place}: {count} conditions of {self.most} seeds come to {count * self.most} episodes: "
                f"give at most {MOST_EPISODES}"
            )

    @property
    def names(self) -> list[str]:
        """Return the settings that vary, in the order given."""
        ranges = self.random.ranges if self.random is not None else {}
        return [*self.grid, *self.zip, *ranges]


def _check_plain(name: str, value: Any) -> None:
    if not isinstance(value, str | int | float | bool):
        raise ValueError(f"{name}: {_shown(value)} is not a text, number or truth value")


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, or lists in lists
        return f"a {type(value).__name__}"
    return text if len(text) <= 200 else f"{text[:200]}…"


def _many(count: int) -> str:
    return str(count) if count < 10**15 else f"10^{len(str(count)) - 1}" if count < 10**1000 else "countless"


def read_spec(path: Path) -> tuple[Spec, str]:
    """Read a spec from a TOML file, and return it with the file's text.

    Raises:
        SettingError: the file cannot be read; the message names file, line, value and fix.
    """
    text = read_text(path, str(path), "give a spec in TOML")
    return spec_from(toml_of(text, str(path)), text, str(path)), text


def spec_from(raw: Mapping[str, Any], text: str = "", place: str = "spec") -> Spec:
    """Return the spec in a mapping of the same shape as the TOML file.

    Raises:
        SettingError: a key is unknown, or a value is not valid.
    """
    try:
        return Spec.model_validate(dict(raw))
    except ValidationError as error:
        raise SettingError(_first(error, text, place)) from None
    except RecursionError:
        raise SettingError(f"{place}: its lists are nested too deeply: nest them less") from None


def _first(error: ValidationError, text: str, place: str) -> str:
    found = error.errors()[0]
    path = [str(part) for part in found["loc"] if part != "__pydantic_extra__"]
    where = f"{place}:{line_of(text, path)}" if text else place
    if found["type"] == "extra_forbidden":
        kind: type[BaseModel] = Spec if len(path) == 1 else Until if path[0] == "until" else Range
        known = kind.model_fields
        return f"{where}: unknown key {path[-1]!r}: {nearest(path[-1], known)}"
    message = found["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:] if message.startswith(("Input", "List")) else message
    given = "" if found["type"] == "value_error" else f" = {_shown(found['input'])}"
    name = ".".join(path)
    return f"{where}: {name}{given}: {message}" if name else f"{where}: {message}"


def line_of(text: str, path: list[str]) -> int:
    """Return the line (from 1) of a key: `path` is its section, if any, and its name.

    If the key is not found, it is the line of the section's heading, or line 1.
    """
    section, heading, found = "", 1, 0
    wanted = path[0] if len(path) > 1 and path[0] in SECTIONS else ""
    key = path[1] if wanted else (path[0] if path else "")
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"\s*\[([\w.\"-]+)\]", line)
        if match:
            section = match[1].strip('"')
            if section == (wanted or key):
                heading = number
        elif section == wanted and re.match(rf"\s*\"?{re.escape(key)}\"?\s*[=.]", line):
            found = found or number
    return found or heading
