"""A closed form at one setting, with the condition to run and what to measure in its episodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plandrift.experiments.sweeps.condition import Condition
from plandrift.sim import Episode

FINDS = 0.02
"""The bias that most cases must find, as a share of the theoretical value."""


@dataclass(frozen=True)
class ClosedForm:
    """A closed form at one setting.

    Attributes:
        name: the form's name, as in docs/model/validation.md.
        at: the setting, in words.
        expected: the value that theory gives.
        condition: the condition to run.
        measure: returns one episode's unbiased estimate of `expected`.
        trace: whether `measure` reads the trace.
        batch: episodes per batch; fewer where an episode is long.
        finds: the bias that must be found, as a share of `expected`.
    """

    name: str
    at: str
    expected: float
    condition: Condition
    measure: Callable[[Episode], float]
    trace: bool = False
    batch: int = 400
    finds: float = FINDS
