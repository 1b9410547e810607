"""What a sweep found, made from its numbers: in each world, which policies are told apart by which metric."""

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
    """Two policies in one metric.

    Attributes:
        metric: by name.
        one: the first policy.
        two: the second.
        row: of `compare`, one minus two.
    """

    metric: str
    one: str
    two: str
    row: Row

    @property
    def lower(self) -> str:
        """The policy that is surely lower; empty where that is not decided."""
        return {"less": self.one, "more": self.two}.get(self.row["verdict"], "")


class WorldDifferences(NamedTuple):
    """The differences in one world, over all other conditions of a sweep together.

    Attributes:
        results: the conditions in that world; `selection.caption` says over what the differences average.
        found: one a metric and two policies.
    """

    results: Results
    found: Sequence[Difference]

    @property
    def undecided(self) -> int:
        """How many are not decided."""
        return sum(not one.lower and one.row["verdict"] != "equal" for one in self.found)

    def rows(self) -> list[Row]:
        """For each metric and each policy that is surely lower than another: than which."""
        lower: dict[tuple[str, str], list[Difference]] = {}
        for one in self.found:
            if one.lower:
                lower.setdefault((one.metric, one.lower), []).append(one)
        return [
            {
                "metric": words(metric),
                "policy": policy,
                "surely lower than (by)": ", ".join(
                    f"{one.two if policy == one.one else one.one} ({abs(one.row['difference']):.2g})"
                    for one in than
                ),
            }
            for (metric, policy), than in lower.items()
        ]


def differences(results: Results) -> list[WorldDifferences]:
    """The differences between every two policies, world by world: what is so in one may turn in another."""
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
    """A metric in words."""
    return _NAMES.get(metric, metric.replace("_", " "))


def sentence(found: Difference) -> str:
    """One difference that is decided, in words."""
    metric, one, two, row = found
    means = [row[key] for key in row if key.startswith(f"{metric} at ")]
    interval = f"95 % interval {row['low']:+.3g} to {row['high']:+.3g}, n = {row['n']}"
    numbers = f"{means[0]:.3g} against {means[1]:.3g} ({row['difference']:+.3g}, {interval})"
    which = "higher" if row["verdict"] == "more" else "lower"
    return f"{one} has a {which} {words(metric)} than {two}: {numbers}"
