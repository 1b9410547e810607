"""What a sweep shows, in up to three sentences computed from its intervals."""

from __future__ import annotations

from itertools import pairwise

from plandrift.experiments.analysis.differences import differences, sentence
from plandrift.experiments.analysis.selection import averaging
from plandrift.experiments.analysis.tables import Row, compare, table
from plandrift.experiments.sweeps.plain_values import in_order
from plandrift.experiments.sweeps.results import Results

PRICES = ("replans", "reads", "refused", "duration")
"""The costs that an agent pays, in words."""

_PRICED = {
    "replans": "replans",
    "reads": "fresh reads",
    "refused": "refused calls",
    "duration": "units of time",
}


_FALSE = "false_completion"


def headline(results: Results, metric: str = "success") -> list[str]:
    """Say how far each policy gets where they differ most, at what cost, and which do no harm.

    With a single policy, say how its staleness and success change along the setting. All other settings are
    averaged over, as `selection.caption` of the averaged results says.

    Args:
        results: a sweep's results.
        metric: the metric that ranks the policies; more is better.

    Returns:
        Sentences without their full stops.
    """
    x, every = along(results), results
    several, results = len(results.manifest.policies) > 1, averaging(results)
    if not x:
        return _decided_ones(every) if several else []
    rows = [
        row
        for row in table(results, ["policy", x], [metric, "plan_staleness", "harm", _FALSE, *PRICES])
        if row["n"]
    ]
    if not rows:
        return []
    return _ladder(results, rows, x, metric) if several else _slope(results, rows, x, metric)


def _decided_ones(results: Results) -> list[str]:
    """Return the first decided differences, by world if there are several."""
    worlds = differences(results)
    decided = [
        sentence(one) + (f" (in {world.results.manifest.conditions[0].world})" if len(worlds) > 1 else "")
        for world in worlds
        for one in world.found
        if one.lower
    ]
    return decided[:3] or [
        f"no metric shows a decided difference between its {len(results.manifest.policies)} policies"
    ]


def harm_sentence(results: Results) -> str:
    """Say how much harm policies do where their success differs most: the most, the gate's, the least.

    Return an empty text if the difference in harm is not decided, or the volatility does not vary.
    """
    if along(results) != "volatility":
        return ""
    results = averaging(results)
    rows = [row for row in table(results, ["policy", "volatility"], ["success", "harm"]) if row["n"]]
    at = _furthest_apart(rows, "volatility", "success")
    harm = {row["policy"]: row for row in _ranked(rows, "volatility", at, "harm")}
    if len(harm) < 2:
        return ""
    # Ranked from the most harm down; the others are measured against plan-once.
    least, most = list(harm)[-1], "plan-once" if "plan-once" in harm else next(iter(harm))
    if not _decided(results, most, least, "harm", "volatility", at):
        return ""
    named = dict.fromkeys(name for name in (most, "gated", least) if name in harm)
    first, *others = [
        f"{harm[name]['mean']:.2g}{' harmful calls' * (name == most)} with {name}"
        if harm[name]["mean"]
        else f"none with {name}"
        for name in named
    ]
    every = f"where each fluent changes every {1 / at:.3g} units of time"
    return f"{every}, an episode has {', '.join([first, *others])}"


def along(results: Results) -> str:
    """Return the setting along which a sweep is shown: the volatility, else the first numeric one."""
    for name in sorted(results.manifest.varies, key=lambda name: name != "volatility"):
        values = in_order(one.value(name) for one in results.manifest.conditions)
        if len(values) > 1 and all(isinstance(value, float) for value in values):
            return name
    return ""


def _ladder(results: Results, rows: list[Row], x: str, metric: str) -> list[str]:
    at = _furthest_apart(rows, x, metric)
    order = _ranked(rows, x, at, metric)
    words = [_rate_words(order[0])]
    for one, two in pairwise(order):
        apart = _decided(results, one["policy"], two["policy"], metric, x, at)
        words.append(_rate_words(two) + ("" if apart else " (difference from the previous one not decided)"))
    goal = "every goal is reached by" if metric == "success" else f"the best {metric} has"
    said = [f"at {x} {at:g} {goal} {', '.join(words)}" + " of the episodes" * (metric == "success")]
    best = order[0]["policy"]
    paid = {r["metric"]: r["mean"] for r in rows if r["policy"] == best and r[x] == at}
    prices = ", ".join(f"{paid[p]:.3g} {_PRICED.get(p, p)}" for p in PRICES if paid.get(p))
    if prices:
        said.append(f"there {best} takes {prices} per episode")
    worst = _ranked(rows, x, at, _FALSE)[0]
    if worst["low"] > 0:
        said.append(
            f"there {worst['policy']} declares itself done although goals are unmet in {_share_words(worst)} "
            "of the episodes"
        )
    harmless = _harmless(rows)
    if harmless:
        harm = [row for row in rows if row["metric"] == "harm" and row["policy"] == harmless[0]]
        episodes = sum(row["episodes"] for row in harm)
        each = " each" if len(harmless) > 1 else ""
        said.append(
            f"over all values of {x}, {' and '.join(harmless)} did no harm in {episodes} episodes{each}"
        )
    return said


def _slope(results: Results, rows: list[Row], x: str, metric: str) -> list[str]:
    said = []
    for name in (metric, "plan_staleness"):
        here = [row for row in rows if row["metric"] == name]
        first, last = here[0], here[-1]
        ends = (f"{row['mean']:.3g} [{row['low']:.3g}, {row['high']:.3g}]" for row in (first, last))
        apart = compare(results, f"{x}={first[x]!r},{last[x]!r}", name)[0] if first is not last else None
        sure = apart is None or apart["verdict"] in ("more", "less")
        beyond = "" if sure else " (difference not decided)"
        said.append(f"from {x} {first[x]:g} to {last[x]:g} {name} goes from {' to '.join(ends)}{beyond}")
    return said


def _furthest_apart(rows: list[Row], x: str, metric: str) -> float:
    """Return the value of `x` at which the best and the worst policy differ most."""
    ranked = {at: _ranked(rows, x, at, metric) for at in dict.fromkeys(row[x] for row in rows)}
    return float(max(ranked, key=lambda place: ranked[place][0]["mean"] - ranked[place][-1]["mean"]))


def _ranked(rows: list[Row], x: str, at: float, metric: str) -> list[Row]:
    here = [row for row in rows if row["metric"] == metric and row[x] == at]
    return sorted(here, key=lambda row: -row["mean"])


def _rate_words(row: Row) -> str:
    return f"{row['policy']} in {_share_words(row)}"


def _share_words(row: Row) -> str:
    return f"{row['mean']:.0%} [{row['low']:.0%}, {row['high']:.0%}]"


def _decided(results: Results, one: str, two: str, metric: str, x: str, at: float) -> bool:
    found = compare(results, f"policy={one},{two}", metric, [x])
    return any(row["verdict"] == "more" for row in found if row[x] == at)


def _harmless(rows: list[Row]) -> list[str]:
    harm = [row for row in rows if row["metric"] == "harm"]
    policies = dict.fromkeys(row["policy"] for row in harm)
    none = [p for p in policies if all(row["mean"] == 0 for row in harm if row["policy"] == p)]
    return none if len(none) < len(policies) else []
