"""What a sweep found, in words made from its numbers."""

from __future__ import annotations

from itertools import combinations

from plandrift.experiments.analysis.selection import averaging
from plandrift.experiments.analysis.tables import NOT_COMPARABLE, Row, compare
from plandrift.experiments.sweeps.results import Results

JUDGED = ("effectiveness", "plan_staleness", "misfire_rate", "harm", "replans")
"""The metrics in which differences between policies are reported."""

_NAMES = {
    "effectiveness": "share of the goals met",
    "plan_staleness": "plan staleness",
    "misfire_rate": "misfire rate",
    "harm": "number of harmful calls",
    "replans": "number of replans",
}


def differences(results: Results) -> list[str]:
    """For each two policies and metric, a sentence: beyond noise or not, with both figures and the interval.

    Over all conditions of the sweep together; `selection.caption` says over what that averages.
    """
    said, results = [], averaging(results)
    policies = results.manifest.policies
    for metric in JUDGED:
        for one, two in combinations(policies, 2):
            row = compare(results, f"policy={two},{one}", metric)[0]
            said.append(sentence(row, metric, two, one))
    return said


def sentence(row: Row, metric: str, one: str, two: str) -> str:
    """One difference in words."""
    name = _NAMES.get(metric, metric.replace("_", " "))
    means = [row[key] for key in row if key.startswith(f"{metric} at ")]
    interval = f"95 % interval {row['low']:+.3g} to {row['high']:+.3g}, n = {row['n']}"
    numbers = f"{means[0]:.3g} against {means[1]:.3g} ({row['difference']:+.3g}, {interval})"
    verdict = row["verdict"]
    if verdict == "equal":
        return f"{one} and {two} have the same {name} on each of {row['n']} seeds: {means[0]:.3g}."
    if verdict == "not decided":
        return f"Whether {one} or {two} has the higher {name} is not decided: {numbers}."
    if verdict == NOT_COMPARABLE:
        cut = " and ".join(f"{row[f'cut_off at {name}']:.1%} of {name}" for name in (one, two))
        return (
            f"Whether {one} or {two} has the higher {name} cannot be said at this horizon, which cut off "
            f"{cut}: {numbers}."
        )
    return f"{one} has a {'higher' if verdict == 'more' else 'lower'} {name} than {two}: {numbers}."
