"""What three guards cost in expectation where nothing is heard: the closed form behind an instant answer.

In the telegraph world with independent steps of k fluents each, M of them, every time constant: thinking
P, step d, action latency a ≤ d, read R. With P_k(x) as in docs/model/validation.md, a step whose fluents were
last seen at 0 is checked at an age that depends only on how often the agent has replanned by then, and one
that was checked before has the age of its last reading. So the number of replans is a Markov chain, whose
distribution after each step is computed to the last digit that matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plandrift.sim import PlandriftError

MOST_REPLANS = (24, 400)
"""Replans beyond which an episode is not followed: at first, and where that leaves something out."""

NEGLIGIBLE = 1e-9
"""So unlikely an episode is left out of what is called exact."""

Array = NDArray[np.float64]
"""A number for each number of replans, or one alone."""


@dataclass(frozen=True)
class SilentSystem:
    """An agent that hears of nothing but its own calls, in numbers.

    Attributes:
        rate: λ, changes of a fluent per unit of time.
        values: V.
        steps: M.
        requires: k.
        thinking: P.
        step: d, from fire to answer.
        lands: a, from fire to the world.
        trip: R, of a fresh read.

    Raises:
        PlandriftError: a is above d.
    """

    rate: float
    values: int
    steps: int
    requires: int
    thinking: float
    step: float
    lands: float
    trip: float

    def __post_init__(self) -> None:
        if self.lands > self.step:
            raise PlandriftError(
                f"a call that lands after {self.lands:g} of a step of {self.step:g}: no closed form was "
                "derived for that: give an action latency of at most the step's duration, or run episodes"
            )

    def differs(self, age: Array | float) -> Array:
        """p of an age (`plandrift.experiments.statistics.theory.differs`), for many ages at once."""
        others = (self.values - 1) / self.values
        return np.asarray(others * -np.expm1(-self.rate / others * np.asarray(age, np.float64)))

    def stale(self, age: Array | float) -> Array:
        """P_k of an age."""
        return 1 - (1 - self.differs(age)) ** self.requires


Expected = Mapping[str, float]
"""What is to be expected of an episode: by `plandrift.experiments.agents.advise.prices.COMPONENTS`."""


def unguarded(of: SilentSystem) -> Expected:
    """Plan once and carry it out: step i misfires with P_k(P + i·d + a), and its goal is then unmet."""
    fired = of.thinking + np.arange(of.steps, dtype=np.float64) * of.step
    wrong = float(of.stale(np.asarray(fired + of.lands, np.float64)).sum())
    return _expected(misfires=wrong, unmet=wrong, time=of.thinking + of.steps * of.step)


def looking(of: SilentSystem) -> Expected | None:
    """Read afresh before each call, replan where that differs from the plan.

    A step that passes misfires with P_k(R/2 + a), whatever the replans. A block is false where the world
    has come back in the second half of the read.
    None where more replans than `MOST_REPLANS` are not unlikely.
    """
    again = float(of.stale(of.thinking + of.trip))

    def first(age: Array) -> Array:
        return of.stale(age + of.trip / 2)

    found = _replans(of, first, again, of.trip + of.step, of.thinking + of.trip)
    if found is None:
        return None
    replans, ages = found
    passed = of.steps * float(of.stale(of.trip / 2 + of.lands))
    # A block for each replan; of the first ones at a step the age varies, of the later ones it does not.
    false = sum(float(weight @ _came_back(of, age + of.trip / 2)) for weight, age in ages)
    blocked_first = sum(float(weight @ first(age)) for weight, age in ages)
    later = replans - blocked_first
    false += later * float(_came_back(of, of.thinking + of.trip)) / again if again else 0.0
    return _expected(
        misfires=passed,
        unmet=passed,
        false=float(false),
        reads=of.steps + replans,
        replans=replans,
        time=of.thinking + of.steps * (of.trip + of.step) + replans * (of.thinking + of.trip),
    )


def declaring(of: SilentSystem) -> Expected | None:
    """Each call carries what it rests on; where the world refuses it, read afresh and replan.

    None where more replans than `MOST_REPLANS` are not unlikely.
    """
    again = float(of.stale(of.trip / 2 + of.thinking + of.lands))

    def first(age: Array) -> Array:
        return of.stale(age + of.lands)

    found = _replans(of, first, again, of.step, of.step + of.trip + of.thinking)
    if found is None:
        return None
    replans, _ = found
    return _expected(
        refused=replans,
        reads=replans,
        replans=replans,
        time=of.thinking + of.steps * of.step + replans * (of.step + of.trip + of.thinking),
    )


def _replans(
    of: SilentSystem, first: Callable[[Array], Array], again: float, each: float, replan: float
) -> tuple[float, list[tuple[Array, Array]]] | None:
    """How many replans are to be expected, and for each step the ages at its first check, with weights.

    Args:
        of: the system.
        first: how likely a step's first check is to fail, by its time.
        again: how likely a check after a replan is to fail.
        each: the time of a step that passes.
        replan: what a replan adds to it.
    """
    for most in MOST_REPLANS:
        count = np.arange(most)
        weight = np.zeros(most)
        weight[0] = 1.0
        run = (1 - again) * again**count
        ages = []
        for i in range(of.steps):
            time: Array = (of.thinking + i * each + count * replan).astype(np.float64)
            fails = first(time)
            ages.append((weight.copy(), time))
            failed = np.convolve(weight * fails, run)[: most - 1]
            weight = weight * (1 - fails)
            weight[1:] += failed
        if 1 - weight.sum() <= NEGLIGIBLE * of.steps:
            return float(weight @ count), ages
    return None


def _came_back(of: SilentSystem, age: Array | float) -> Array:
    """How likely a step differs at this age and not half a read later: fluent by fluent, both at once."""
    half = of.trip / 2
    same_later = 1 - of.stale(age + half)
    same_both = ((1 - of.differs(age)) * (1 - of.differs(half))) ** of.requires
    return same_later - same_both


def _expected(
    misfires: float = 0.0,
    unmet: float = 0.0,
    false: float = 0.0,
    refused: float = 0.0,
    reads: float = 0.0,
    replans: float = 0.0,
    time: float = 0.0,
) -> Expected:
    return {
        "misfires": misfires,
        "harm": 0.0,
        "unmet": unmet,
        "false blocks": false,
        "refusals": refused,
        "reads": reads,
        "replans": replans,
        "time": time,
        "cut off": 0.0,
    }


FORMS = {
    "plan-once": unguarded,
    "gate-only(reads=fresh)": looking,
    "plan-once(if_match=value)": declaring,
}
"""By the policy whose form it is."""
