"""What an overlay's file may say, checked as it is read; loaded where an overlay is read or run."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from plandrift.sim import Distribution
from plandrift.sim.settings.distribution import LARGEST


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Override(_Strict):
    """Another rate for some ways to bind an event: patterns with ``*``, one an argument."""

    args: list[str] = Field(min_length=1)
    rate: float = Field(ge=0, le=LARGEST)


class EventRule(_Strict):
    """An action that the world carries out by itself."""

    rate: float = Field(default=1.0, ge=0, le=LARGEST)
    distribution: str = "exponential"
    seen: bool = True
    where: list[Override] = Field(default_factory=list)

    def rate_of(self, args: tuple[str, ...]) -> float:
        """The rate for these arguments: the first override that fits, else the event's."""
        for override in self.where:
            patterns = [*override.args, *["*"] * (len(args) - len(override.args))]
            if all(fnmatchcase(arg, pattern) for arg, pattern in zip(args, patterns, strict=False)):
                return override.rate
        return self.rate

    def times(self) -> Distribution:
        """The times between, in units of their mean."""
        name, _, rest = self.distribution.partition("(")
        arguments = rest.rstrip(")").strip()
        if name == "constant":
            return Distribution.parse(1)
        return Distribution.parse(f"{name}(mean=1{', ' + arguments if arguments else ''})")


class Duration(_Strict):
    """How one of the agent's actions is carried out."""

    duration: float = Field(default=1.0, ge=0, le=LARGEST)
    violated: Literal["rejected", "void", "harmful"] = "rejected"


class OverlayFile(_Strict):
    """All of it."""

    domain: str | None = None
    problem: str | None = None
    schemas: str = ""
    events: dict[str, EventRule] = Field(default_factory=dict)
    actions: dict[str, Duration] = Field(default_factory=dict)
