"""Theory against simulation: the closed forms of docs/model/validation.md, measured in episodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

from plandrift.experiments.analysis.closed_form import FINDS, ClosedForm
from plandrift.experiments.analysis.closed_forms import cases

Z_LIMIT = 3.7
"""The largest |z| that passes: with fifty cases, chance fails one run in a hundred."""

PRECISION = 0.0042
"""The target standard error as a share of the theoretical value: a bias of 2 % is then 4.8 of them.

It is larger, in proportion, for a case that must find a larger bias.
"""


@dataclass(frozen=True)
class Agreement:
    """The measured result of one case, beside theory.

    Attributes:
        case: the closed form at its setting.
        n: number of episodes.
        mean: mean of their estimates.
        error: standard error of the mean.
    """

    case: ClosedForm
    n: int
    mean: float
    error: float

    @property
    def z(self) -> float:
        """Return how many standard errors the simulation is off; 0 if both are exact."""
        gap = self.mean - self.case.expected
        if self.error == 0:
            return 0.0 if abs(gap) < 1e-9 else math.copysign(math.inf, gap)
        return gap / self.error

    @property
    def precise(self) -> bool:
        """Say whether the result is precise enough to reveal the bias that the case must reveal."""
        return self.error <= abs(self.case.expected) * self.case.finds / (Z_LIMIT + 1) or self.error == 0

    @property
    def holds(self) -> bool:
        """Say whether theory and simulation agree."""
        return abs(self.z) <= Z_LIMIT and self.precise


@dataclass
class Sums:
    """Running sums of a case's estimates; NaN estimates (nothing to measure) are left out."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    origin: float = field(default=0.0)

    def add(self, values: Iterable[float]) -> None:
        """Add more estimates."""
        for value in values:
            if not math.isnan(value):
                # Sums of deviations from the expected value keep their precision when all values are alike.
                off = value - self.origin
                self.n += 1
                self.total += off
                self.squares += off * off

    @property
    def error(self) -> float:
        """Return the standard error of the mean."""
        if self.n < 2:
            return math.inf
        variance = max(self.squares - self.total**2 / self.n, 0.0) / (self.n - 1)
        return math.sqrt(variance / self.n)

    @property
    def mean(self) -> float:
        """Return the mean."""
        return self.origin + self.total / self.n if self.n else math.nan


def estimates(number: int, first: int, count: int) -> list[float]:
    """Return the estimates of a case, given by its place in `cases`, for seeds from `first` on."""
    case = cases()[number]
    return [case.measure(case.condition.run(seed, trace=case.trace)) for seed in range(first, first + count)]


def validate(
    precision: float = PRECISION,
    most: int = 60_000,
    workers: int = 2,
    done: Callable[[Agreement], None] | None = None,
    only: str = "",
) -> list[Agreement]:
    """Run every case until its standard error is small enough to find the bias that it must find.

    Args:
        precision: target standard error where that is a bias of 2 %, as a share of the theoretical value.
        most: the most episodes per case.
        workers: number of processes.
        done: called with each result as it arrives.
        only: run only the cases whose name contains this text.
    """
    results = []
    chosen = [i for i, case in enumerate(cases()) if only in case.name]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for number in chosen:
            result = run_case(number, precision, most, partial(_spread, pool, workers))
            results.append(result)
            if done is not None:
                done(result)
    return results


def run_case(
    number: int,
    precision: float,
    most: int,
    batches: Callable[[int, int, int], Iterable[list[float]]],
) -> Agreement:
    """Run the case at this place in `cases`, in rounds of batches, until it is precise enough.

    A case runs whole batches, so that its results do not depend on timing.
    """
    case = cases()[number]
    target = precision * abs(case.expected) * case.finds / FINDS
    sums = Sums(origin=case.expected)
    seeds, rounds = 0, 2
    while True:
        for values in batches(number, seeds, rounds):
            sums.add(values)
        seeds += rounds * case.batch
        if sums.error <= target or seeds >= most:
            return Agreement(case, sums.n, sums.mean, sums.error)
        wanted = sums.n * (sums.error / target) ** 2
        rounds = max(1, math.ceil((min(wanted, most) - seeds) / case.batch))


def _spread(
    pool: ProcessPoolExecutor, workers: int, number: int, first: int, rounds: int
) -> Iterable[list[float]]:
    batch = cases()[number].batch
    starts = [first + i * batch for i in range(rounds)]
    share = max(1, math.ceil(rounds / (4 * workers)))
    return pool.map(partial(estimates, number, count=batch), starts, chunksize=share)


def in_turn(number: int, first: int, rounds: int) -> Iterable[list[float]]:
    """Compute batches one after the other in this process."""
    batch = cases()[number].batch
    return (estimates(number, first + i * batch, batch) for i in range(rounds))
