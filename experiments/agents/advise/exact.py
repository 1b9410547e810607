"""The expected costs of three guards for an agent that hears no news: the closed form for an instant answer.

It covers the telegraph world with M independent steps of k fluents each and constant times: thinking P,
step d, action latency a ≤ d, read R. With P_k(x) as in docs/model/validation.md, a step whose fluents were
last seen at 0 is checked at an age that depends only on the number of replans so far, and a step that was
checked before has the age of its last reading. So the number of replans is a Markov chain, whose
distribution after each step is computed to full precision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plandrift.sim import PlandriftError

MOST_REPLANS = (24, 400)
"""The most replans followed in an episode: a first limit, and a larger one if that is too low."""

NEGLIGIBLE = 1e-9
"""The probability that may be neglected in a result called exact."""

Array = NDArray[np.float64]
"""One value per number of replans, or a single value."""


@dataclass(frozen=True)
class SilentSystem:
    """An agent that hears of nothing but its own calls, in numbers.

    Attributes:
        rate: λ, changes per fluent per unit of time.
        values: V, the number of values of a fluent.
        steps: M, the number of steps.
        requires: k, the fluents that a step requires.
        thinking: P, the time to make a plan.
        step: d, from fire to answer.
        lands: a, from fire to landing in the world.
        trip: R, the round trip of a fresh read.

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
                f"a call that lands {self.lands:g} after it is fired, in a step of {self.step:g}: there is "
                "no closed form for that: give an action latency of at most the step's duration, or run "
                "episodes"
            )

    def differs(self, age: Array | float) -> Array:
        """Return p (`plandrift.experiments.statistics.theory.differs`) for one age or many at once."""
        others = (self.values - 1) / self.values
        return np.asarray(others * -np.expm1(-self.rate / others * np.asarray(age, np.float64)))

    def stale(self, age: Array | float) -> Array:
        """Return P_k for an age."""
        return 1 - (1 - self.differs(age)) ** self.requires


Expected = Mapping[str, float]
"""The expected amounts per episode, by `plandrift.experiments.agents.advise.prices.COMPONENTS`."""


def unguarded(of: SilentSystem) -> Expected:
    """Plan once and execute: step i misfires with P_k(P + i·d + a), and its goal is then unmet."""
    fired = of.thinking + np.arange(of.steps, dtype=np.float64) * of.step
    wrong = float(of.stale(np.asarray(fired + of.lands, np.float64)).sum())
    return _expected(misfires=wrong, unmet=wrong, time=of.thinking + of.steps * of.step)


def looking(of: SilentSystem) -> Expected | None:
    """Read afresh before each call, and replan if the reading differs from the plan.

    A step that passes misfires with P_k(R/2 + a), whatever the number of replans. A block is false if the
    world has changed back in the second half of the read. Returns None if more than `MOST_REPLANS` replans
    are not negligible.
    """
    again = float(of.stale(of.thinking + of.trip))

    def first(age: Array) -> Array:
        return of.stale(age + of.trip / 2)

    found = _replans(of, first, again, of.trip + of.step, of.thinking + of.trip)
    if found is None:
        return None
    replans, ages = found
    passed = of.steps * float(of.stale(of.trip / 2 + of.lands))
    # One block per replan; the age varies at a step's first check, but not at later ones.
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
    """Send each call with its assumptions; if the world refuses it, read afresh and replan.

    Returns None if more than `MOST_REPLANS` replans are not negligible.
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
    """Return the expected number of replans, and for each step the ages at its first check with weights.

    Args:
        of: the system.
        first: probability that a step's first check fails, by its time.
        again: probability that a check after a replan fails.
        each: time of a step that passes.
        replan: time that a replan adds to it.
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
    """Return the probability that a step differs at this age but not half a read later."""
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
"""The closed form of each policy."""
