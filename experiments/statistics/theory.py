"""The closed forms of docs/model/validation.md: what is known exactly about the telegraph world.

Throughout, λ is the rate at which a fluent jumps (the volatility), V the number of its values, k the number
of fluents that a step requires, and x the time since the value was true.
"""

from __future__ import annotations

import math


def differs(x: float, rate: float, values: int = 2) -> float:
    """p(x): the probability that one fluent differs from its value x ago."""
    c = rate * values / (values - 1)
    return (1 - 1 / values) * -math.expm1(-c * x)


def any_differs(x: float, rate: float, values: int = 2, requires: int = 1) -> float:
    """P_k(x): the probability that at least one of k fluents differs from its value x ago."""
    return 1 - (1 - differs(x, rate, values)) ** requires


def any_written(x: float, rate: float, requires: int = 1) -> float:
    """Return the probability that at least one of k fluents was written within x."""
    return -math.expm1(-requires * rate * x)


def any_written_unevenly(x: float, rate: float, shape: float, requires: int = 1) -> float:
    """Return the probability that at least one of k fluents with uneven rates was written within x.

    The rates are gamma distributed with the given mean and shape a. A single fluent then stays unwritten
    with the Laplace transform of the gamma distribution, (1 + λx/a)^(−a), which is (1 + x/b)^(−a) with b =
    a/λ.

    Args:
        x: the time.
        rate: λ, the mean over fluents.
        shape: a; the smaller, the more uneven. For infinite a it equals `any_written`.
        requires: k.
    """
    return -math.expm1(-requires * shape * math.log1p(rate * x / shape))


def survives(last_uses: list[tuple[float, float]]) -> float:
    """Return the probability that no dependency is written before its last use.

    Args:
        last_uses: for each fluent, its rate and the time from the basis to its last use.
    """
    return math.exp(-sum(rate * time for rate, time in last_uses))


def throttled(rate: float, interval: float) -> float:
    """Return the rate of replans under Poisson triggers with a minimum interval between replans."""
    return rate / (1 + rate * interval)


def debounced(rate: float, quiet: float) -> float:
    """Return the rate of replans under Poisson triggers, each waiting for a quiet period."""
    return rate * math.exp(-rate * quiet)


def poll_wrong(rate: float, values: int, every: float, latency: float) -> float:
    """Return the probability that one fluent of the belief is wrong under polling, long after the start."""
    c = rate * values / (values - 1)
    return (1 - 1 / values) * (1 - math.exp(-c * latency) * -math.expm1(-c * every) / (c * every))


def mean_staleness_pushed(
    end: float, latency: float, rate: float, values: int = 2, requires: int = 1
) -> float:
    """Return the mean of P_k(min(t, L)) for t from 0 to `end`: replan-each, push, no thinking time.

    It is exact for k = 1, where the integral of p has a closed form; k > 1 uses the binomial sum.
    """
    c = rate * values / (values - 1)
    a = 1 / values
    rise = min(end, latency)
    # 1 − (a + (1 − a)e^(−cx))^k, integrated term by term from 0 to the end of the rise.
    area = rise
    for j in range(requires + 1):
        weight = math.comb(requires, j) * a ** (requires - j) * (1 - a) ** j
        area -= weight * (rise if j == 0 else -math.expm1(-j * c * rise) / (j * c))
    area += (end - rise) * any_differs(latency, rate, values, requires)
    return area / end


def gate_that_replans(
    rate: float, requires: int, steps: int, thinking: float, step: float, trip: float
) -> tuple[float, float]:
    """Return replans and time of a gate that reads fresh, compares versions and replans when it blocks.

    All steps require the same fluents, and nothing is observed except by the gate's own reads. With K = kλ,
    thinking P, step d, round trip R and M steps, q0 = 1 − e^(−K(P + R/2)) and q = 1 − e^(−K(R + d)):
    E[replans] = (q0 + (M − 1)q) e^(K(P + R)) and E[time] = P + M(R + d) + E[replans](P + R).
    A plan is blocked if somebody wrote between the read it is based on and the gate's read; each plan made
    after a block is blocked again with probability 1 − e^(−K(P + R)).

    Args:
        rate: λ, changes per fluent per unit of time.
        requires: k, the number of fluents that every step requires.
        steps: M.
        thinking: P.
        step: d, from fire to answer.
        trip: R, the round trip of a fresh read.
    """
    all_of_them = requires * rate
    first = -math.expm1(-all_of_them * (thinking + trip / 2))
    later = -math.expm1(-all_of_them * (trip + step))
    replans = (first + (steps - 1) * later) * math.exp(all_of_them * (thinking + trip))
    return replans, thinking + steps * (trip + step) + replans * (thinking + trip)
