"""The closed forms of docs/model/validation.md: what is known exactly of the telegraph world.

Throughout, λ is the rate at which a fluent jumps (the volatility), V how many values it has, k how
many fluents a step requires, x a time since the value was true.
"""

from __future__ import annotations

import math


def differs(x: float, rate: float, values: int = 2) -> float:
    """p(x): how likely one fluent is to differ from what it was x ago."""
    c = rate * values / (values - 1)
    return (1 - 1 / values) * -math.expm1(-c * x)


def any_differs(x: float, rate: float, values: int = 2, requires: int = 1) -> float:
    """P_k(x): how likely at least one of k fluents is to differ from what it was x ago."""
    return 1 - (1 - differs(x, rate, values)) ** requires


def any_written(x: float, rate: float, requires: int = 1) -> float:
    """How likely at least one of k fluents is to have been written within x."""
    return -math.expm1(-requires * rate * x)


def any_written_unevenly(x: float, rate: float, shape: float, requires: int = 1) -> float:
    """How likely at least one of k fluents is to have been written within x, their rates being spread.

    The rates are gamma with the mean given and a shape a: one fluent survives with the Laplace transform
    of the gamma distribution, (1 + λx/a)^(−a), which is (1 + x/b)^(−a) with b = a/λ.

    Args:
        x: the time.
        rate: λ, the mean over fluents.
        shape: a; the smaller, the more uneven. Without end it is `any_written`.
        requires: k.
    """
    return -math.expm1(-requires * shape * math.log1p(rate * x / shape))


def survives(last_uses: list[tuple[float, float]]) -> float:
    """How likely no dependency was written before its last use.

    Args:
        last_uses: for each fluent its rate, and the time from the basis to its last use.
    """
    return math.exp(-sum(rate * time for rate, time in last_uses))


def throttled(rate: float, interval: float) -> float:
    """Rate of replans under Poisson triggers with a minimum interval between them."""
    return rate / (1 + rate * interval)


def debounced(rate: float, quiet: float) -> float:
    """Rate of replans under Poisson triggers, each waiting until it has been quiet."""
    return rate * math.exp(-rate * quiet)


def poll_wrong(rate: float, values: int, every: float, latency: float) -> float:
    """How likely one fluent of the belief is wrong, polling, long after the start."""
    c = rate * values / (values - 1)
    return (1 - 1 / values) * (1 - math.exp(-c * latency) * -math.expm1(-c * every) / (c * every))


def mean_staleness_pushed(
    end: float, latency: float, rate: float, values: int = 2, requires: int = 1
) -> float:
    """The mean of P_k(min(t, L)) over t from 0 to `end`: replan-each, push, no thinking time.

    Exact for k = 1, where the integral of p has a closed form; for k > 1 by the binomial sum.
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
    """The replans and the time of a gate that reads fresh, compares versions and replans when it blocks.

    All steps require the same fluents, and nothing is observed but by the gate's own reads. With K = kλ,
    thinking P, step d, round trip R and M steps, q0 = 1 − e^(−K(P + R/2)) and q = 1 − e^(−K(R + d)):
    E[replans] = (q0 + (M − 1)q) e^(K(P + R)) and E[time] = P + M(R + d) + E[replans](P + R).
    A plan is blocked when somebody wrote between the read that it rests on and the gate's; each plan
    made after a block is blocked again with 1 − e^(−K(P + R)).

    Args:
        rate: λ, changes of a fluent per unit of time.
        requires: k, the fluents that every step requires.
        steps: M.
        thinking: P.
        step: d, from fire to answer.
        trip: R, of a fresh read.
    """
    all_of_them = requires * rate
    first = -math.expm1(-all_of_them * (thinking + trip / 2))
    later = -math.expm1(-all_of_them * (trip + step))
    replans = (first + (steps - 1) * later) * math.exp(all_of_them * (thinking + trip))
    return replans, thinking + steps * (trip + step) + replans * (thinking + trip)
