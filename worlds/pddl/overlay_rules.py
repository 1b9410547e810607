"""The schema of an overlay file, checked when it is read; loaded only if an overlay is used."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from plandrift.sim import Distribution
from plandrift.sim.settings.distribution import LARGEST


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Override(_Strict):
    """A different rate for some bindings of an event, given as patterns with ``*``, one per argument."""

    args: list[str] = Field(min_length=1)
    rate: float = Field(ge=0, le=LARGEST)


class EventRule(_Strict):
    """An action that the world carries out by itself."""

    rate: float = Field(default=1.0, ge=0, le=LARGEST)
    distribution: str = "exponential"
    seen: bool = True
    where: list[Override] = Field(default_factory=list)

    def rate_of(self, args: tuple[str, ...]) -> float:
        """Return the rate for these arguments: that of the first matching override, else the event's."""
        for override in self.where:
            patterns = [*override.args, *["*"] * (len(args) - len(override.args))]
            if all(fnmatchcase(arg, pattern) for arg, pattern in zip(args, patterns, strict=False)):
                return override.rate
        return self.rate

    def times(self) -> Distribution:
        """Return the distribution of the times between events, in units of their mean."""
        name, _, rest = self.distribution.partition("(")
        arguments = rest.rstrip(")").strip()
        if name == "constant":
            return Distribution.parse(1)
        return Distribution.parse(f"{name}(mean=1{', ' + arguments if arguments else ''})")


class Duration(_Strict):
    """The duration of one of the agent's actions, and how the world answers if it is violated."""

    duration: float = Field(default=1.0, ge=0, le=LARGEST)
    violated: Literal["rejected", "void", "harmful"] = "rejected"


class OverlayFile(_Strict):
    """A whole overlay file."""

    domain: str | None = None
    problem: str | None = None
    schemas: str = ""
    events: dict[str, EventRule] = Field(default_factory=dict)
    actions: dict[str, Duration] = Field(default_factory=dict)
