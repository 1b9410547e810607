"""Advice as rows for tables and programs."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.agents.advise.advice import Advice
from plandrift.experiments.agents.advise.answer import (
    flip,
    flips,
    horizon,
    next_best,
    priced,
    recommendation,
    settles,
    surety,
)
from plandrift.experiments.agents.advise.prices import COMPONENTS


def rows(found: Advice) -> list[dict[str, Any]]:
    """Return one row per guard, the cheapest first: its cost with interval, and what it is made up of."""
    return [
        {
            "guard": one.guard.name,
            "policy": one.guard.policy,
            "cost": one.cost.mean,
            "low": one.cost.low,
            "high": one.cost.high,
            "above": one.above.mean,
            **{
                name: float(value)
                for name, value in zip(COMPONENTS, one.means, strict=True)
                if any(other.means[COMPONENTS.index(name)] for other in found.standings)
            },
            "seeds": one.seeds or None,
            "verdict": one.verdict,
        }
        for one in found.standings
    ]


def as_object(found: Advice) -> dict[str, Any]:
    """Return the whole advice as one object."""
    return {
        "world": found.system.world,
        "guard": found.best.guard.name,
        "policy": found.best.guard.policy,
        "recommendation": recommendation(found),
        "next": next_best(found),
        "known": surety(found),
        "prices": priced(found),
        "without": list(found.without),
        "horizon": horizon(found),
        "settled": found.settled,
        "exact": found.exact,
        "episodes": found.ran,
        "indifference": found.zone,
        "guards": rows(found),
        "flips": [flip(line) for line in flips(found)],
        "worth_knowing": dict(found.worth),
        "settles": settles(found),
    }
