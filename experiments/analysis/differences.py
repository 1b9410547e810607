"""A sweep's findings from its numbers: for each world and metric, which policies differ significantly."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from plandrift.experiments.analysis.selection import averaging
from plandrift.experiments.analysis.tables import Row, compare
from plandrift.experiments.sweeps.results import Results

JUDGED = ("effectiveness", "plan_staleness", "first_misfire_rate", "harm", "replans")
"""The metrics in which differences between policies are reported."""

_NAMES = {
    "effectiveness": "share of the goals met",
    "plan_staleness": "plan staleness",
    "first_misfire_rate": "misfire rate of first attempts",
    "harm": "number of harmful calls",
    "replans": "number of replans",
}


class Difference(NamedTuple):
    """The difference of two policies in one metric.

    Attributes:
        metric: the metric's name.
        one: the first policy.
        two: the second.
        row: the row of `compare`, one minus two.
    """

    metric: str
    one: str
    two: str
    row: Row

    @property
    def lower(self) -> str:
        """Return the policy that is significantly lower; empty if that is not decided."""
        return {"less": self.one, "more": self.two}.get(self.row["verdict"], "")


class WorldDifferences(NamedTuple):
    """The differences in one world, taken over all other conditions of a sweep.

    Attributes:
        results: the conditions in that world; `selection.caption` says what the differences average over.
        found: the differences, one per metric and pair of policies.
    """

    results: Results
    found: Sequence[Difference]

    @property
    def undecided(self) -> int:
        """Return how many differences are not decided."""
        return sum(not one.lower and one.row["verdict"] != "equal" for one in self.found)

    def rows(self) -> list[Row]:
        """Return a row per metric and policy that names the policies it is significantly lower than."""
        lower: dict[tuple[str, str], list[Difference]] = {}
        for one in self.found:
            if one.lower:
                lower.setdefault((one.metric, one.lower), []).append(one)
        return [
            {
                "metric": words(metric),
                "policy": policy,
                "significantly lower than (by)": ", ".join(
                    f"{one.two if policy == one.one else one.one} ({abs(one.row['difference']):.2g})"
                    for one in than
                ),
            }
            for (metric, policy), than in lower.items()
        ]


def differences(results: Results) -> list[WorldDifferences]:
    """Return the differences between every two policies, by world, because worlds may disagree."""
    said = []
    conditions = results.manifest.conditions
    for world in dict.fromkeys(one.world for one in conditions):
        here = averaging(results.narrowed([one for one in conditions if one.world == world], ()))
        policies = dict.fromkeys(one.policy for one in here.manifest.conditions)
        found = [
            Difference(metric, one, two, compare(here, f"policy={one},{two}", metric)[0])
            for metric in JUDGED
            for two, one in combinations(policies, 2)
        ]
        said.append(WorldDifferences(here, found))
    return said


def words(metric: str) -> str:
    """Return a metric in words."""
    return _NAMES.get(metric, metric.replace("_", " "))


def sentence(found: Difference) -> str:
    """Return a decided difference as a sentence."""
    metric, one, two, row = found
    means = [row[key] for key in row if key.startswith(f"{metric} at ")]
    interval = f"95 % interval {row['low']:+.3g} to {row['high']:+.3g}, n = {row['n']}"
    numbers = f"{means[0]:.3g} against {means[1]:.3g} ({row['difference']:+.3g}, {interval})"
    which = "higher" if row["verdict"] == "more" else "lower"
    return f"{one} has a {which} {words(metric)} than {two}: {numbers}"
