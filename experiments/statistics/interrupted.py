"""The time to make a plan under interruptions: Asmussen, Fiorini, Lipsky, Rolski and Sheahan (2008).

Interruptions come at a Poisson rate Λ. Making a plan takes a time P, with φ(s) = E[e^(−sP)]. Under
*restart* the same P begins again until it fits between two interruptions; under *replace* each beginning
draws a new P. T is the time from the first beginning to the plan.
"""

from __future__ import annotations

import math

from plandrift.sim import Distribution

REACH, FINENESS = 10.0, 64
"""How far a normal density is summed, in deviations, and the points per deviation (see `transform`)."""

TERMS = 24
"""Terms of an alternating series: each adds 0.75 digits, so that the last is below a double's precision."""


def transform(time: Distribution, s: float) -> float:
    """Return φ(s) = E[e^(−sP)], also for s below 0; infinite if the tail of P is too heavy."""
    first, second = time.parameters[0], time.parameters[-1]
    if time.fixed is not None:
        return math.exp(-s * time.fixed)
    if time.form == "empirical":
        return math.fsum(math.exp(-s * value) for value in time.parameters) / len(time.parameters)
    if time.form == "uniform":
        if s == 0 or first == second:
            return math.exp(-s * first)
        return (math.exp(-s * first) - math.exp(-s * second)) / (s * (second - first))
    if time.form == "lognormal":
        return _lognormal(first, second, s)
    shape = 1.0 if time.form == "exponential" else second
    return math.exp(-shape * math.log1p(s * first / shape)) if s * first > -shape else math.inf


def _lognormal(mean: float, sigma: float, s: float) -> float:
    """Return φ of a lognormal time by the trapezoidal rule over its logarithm, to double precision."""
    if s < 0:
        return math.inf
    points = math.ceil(REACH * FINENESS * max(1.0, sigma))
    step = REACH / points
    terms = (
        math.exp(-(z * z) / 2 - s * mean * math.exp(sigma * z - sigma * sigma / 2))
        for z in (i * step for i in range(-points, points + 1))
    )
    return math.fsum(terms) * step / math.sqrt(2 * math.pi)


def time_under_restart(rate: float, thinking: Distribution) -> float:
    """Return E[T] = E[(e^(ΛP) − 1)/Λ].

    It is infinite for an exponential P of mean 1/Λ or more, and for a lognormal P at any Λ.
    """
    return (transform(thinking, -rate) - 1) / rate


def time_under_replace(rate: float, thinking: Distribution) -> float:
    """Return E[T] = (1 − E[e^(−ΛP)])/(Λ E[e^(−ΛP)]); for an exponential P this is its mean, at any Λ."""
    undisturbed = transform(thinking, rate)
    return (1 - undisturbed) / (rate * undisturbed)


def discounted_under_restart(rate: float, thinking: Distribution) -> float:
    """Return E[e^(−ΛT)] = E[1 − tanh(ΛP)], which can still be compared where E[T] is infinite.

    For a fixed P the transform of T at s is (s + Λ)e^(−(s + Λ)P)/(s + Λe^(−(s + Λ)P)), which at s = Λ is
    2/(e^(2ΛP) + 1) = 2 Σ (−1)^j e^(−2(j + 1)ΛP). The series of its expectations is summed by algorithm 1 of
    Cohen, Rodriguez Villegas and Zagier (2000), which is designed for such series of moments.
    """
    bound = (3 + math.sqrt(8)) ** TERMS
    bound = (bound + 1 / bound) / 2
    weight, left, total = -1.0, -bound, 0.0
    for j in range(TERMS):
        left = weight - left
        total += left * transform(thinking, 2 * (j + 1) * rate)
        weight *= (j + TERMS) * (j - TERMS) / ((j + 0.5) * (j + 1))
    return 2 * total / bound
