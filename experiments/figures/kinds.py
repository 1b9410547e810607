"""The kinds of figure that a sweep's folder can be drawn as: each takes its numbers from tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from experiments.analysis.tables import Row, compare, table
from experiments.analysis.theory_curves import floor, misfire_curves, step_curve
from experiments.statistics.intervals import mean_interval
from experiments.sweeps.results import Results
from sim import SettingError
from sim.causes import CAUSES, MAST
from sim.errors import nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PRICES = ("replans", "thinking_time", "duration", "blocks")
"""What a policy may cost."""
STORM = ("storms", "thinking_share", "success")
PUBLISHED = {
    "FM-1.3": 0.157, "FM-1.5": 0.124, "FM-2.4": 0.0085, "FM-2.5": 0.019, "FM-2.6": 0.132, "FM-3.1": 0.062,
    "FM-3.2": 0.082, "FM-3.3": 0.091,
}  # fmt: skip
"""The shares of all failures in Cemri et al. 2025, arXiv:2503.13657, of the codes that occur here."""


def lines(
    results: Results, x: str = "volatility", y: str = "plan_staleness", by: str = "policy", facet: str = ""
) -> Figure:
    """Any metric against any setting, a line a group, a panel a value of `facet`."""
    from experiments.figures.lines import lines_figure

    need(results, *(name for name in (x, by, facet) if name))
    rows = table(results, [name for name in (by, x, facet) if name], [y])
    numeric(rows, x)
    told = (x, y, by, facet) == ("volatility", "misfire_rate", "policy", "")
    return lines_figure(
        rows, results.manifest.title, note(results), x=x, y=y, by=by, facet=facet or None,
        known={"": misfire_curves(results)} if told else None, world=results.manifest.world,
    )  # fmt: skip


def staleness_volatility(results: Results) -> Figure:
    """Plan staleness, misfire rate and replans against volatility; theory where it is known."""
    from experiments.figures.lines import staleness_and_price

    need(results, "volatility")
    metrics = ("plan_staleness", "misfire_rate", "replans")
    rows = table(results, ["policy", "volatility"], metrics)
    return staleness_and_price(
        rows, results.manifest.title, note(results), metrics,
        known={"misfire_rate": misfire_curves(results)}, floor={"misfire_rate": floor(results)},
    )  # fmt: skip


def latency(results: Results) -> Figure:
    """Plan staleness, misfire rate and replans against observation latency."""
    from experiments.figures.lines import staleness_and_price

    need(results, "channel.latency")
    metrics = ("plan_staleness", "misfire_rate", "replans")
    rows = table(results, ["policy", "channel.latency"], metrics)
    numeric(rows, "channel.latency")
    return staleness_and_price(rows, results.manifest.title, note(results), metrics, x="channel.latency")


def step(results: Results) -> Figure:
    """Plan staleness before the fire against the step's place in the plan, a panel a volatility."""
    from experiments.figures.lines import lines_figure

    rows = steps(results)
    known = {
        f"{v:g}": {"plan-once": step_curve(results, v)}
        for v in dict.fromkeys(row["volatility"] for row in rows)
        if step_curve(results, v)
    }
    return lines_figure(
        rows, results.manifest.title, note(results), x="step", y="staleness", by="policy",
        facet="volatility", known=known,
    )  # fmt: skip


def steps(results: Results) -> list[Row]:
    """Staleness before the fire by policy, volatility and place in the plan, clustered by seed.

    Raises:
        SettingError: the sweep kept no steps.
    """
    if not results.manifest.steps:
        raise SettingError("the sweep kept no steps: sweep with --steps into another folder")
    need(results, "volatility")
    with results.connect() as connection:
        found = connection.execute(
            """select policy, volatility, step, list(value) from (
               select policy, volatility, step, seed, avg(staleness order by condition) as value
               from steps where plan = 1 group by all order by seed) group by 1, 2, 3 order by 1, 2, 3"""
        ).fetchall()
    rows = []
    for policy, volatility, place, values in found:
        interval = mean_interval(values)
        rows.append(
            {
                "policy": policy, "volatility": volatility, "step": place, "metric": "staleness",
                "mean": interval.mean, "low": interval.low, "high": interval.high, "n": interval.n,
            }
        )  # fmt: skip
    return [row for row in rows if row["n"] >= 10]


def price(results: Results) -> Figure:
    """Misfires avoided against what they cost, with the Pareto front."""
    from experiments.figures.price import Offer, price_figure

    policies = results.manifest.policies
    baseline = "plan-once" if "plan-once" in policies else policies[0]
    gains = {baseline: (0.0, 0.0, 0.0)}
    for policy in policies:
        if policy != baseline:
            row = compare(results, f"policy={baseline},{policy}", "misfires")[0]
            gains[policy] = (row["difference"], row["low"], row["high"])
    offers = {}
    for metric in PRICES:
        rows = {row["policy"]: row for row in table(results, ["policy"], [metric])}
        offers[metric] = [
            Offer(p, (rows[p]["mean"], rows[p]["low"], rows[p]["high"]), gains[p]) for p in policies
        ]
    return price_figure(offers, results.manifest.title, note(results), baseline)


def best(
    results: Results, x: str = "volatility", y: str = "channel.latency", metric: str = "misfire_rate"
) -> Figure:
    """Which policy does best over two settings, and by how much."""
    from experiments.figures.maps import best_figure

    return best_figure(
        best_cells(results, x, y, metric), results.manifest.title, note(results), x=x, y=y, metric=metric
    )


def best_cells(results: Results, x: str, y: str, metric: str) -> list[Any]:
    """For each pair of values the best policy, its margin, and who is within noise of it."""
    from experiments.figures.maps import Cell

    need(results, x, y)
    policies = results.manifest.policies
    rows = table(results, ["policy", x, y], [metric])
    numeric(rows, x, y)
    means = {(row["policy"], row[x], row[y]): row["mean"] for row in rows}
    apart = {}
    for i, one in enumerate(policies):
        for two in policies[i + 1 :]:
            for row in compare(results, f"policy={one},{two}", metric, [x, y]):
                apart[one, two, row[x], row[y]] = apart[two, one, row[x], row[y]] = row["verdict"]
    more = metric in ("effectiveness", "success", "goals_met", "plan_validity")
    cells = []
    for place in dict.fromkeys((row[x], row[y]) for row in rows):
        here = [(means[p, *place], p) for p in policies if not math.isnan(means.get((p, *place), math.nan))]
        ranked = sorted(here, key=lambda pair: -pair[0] if more else pair[0])
        if not ranked:
            continue
        first = ranked[0]
        tied = tuple(p for _, p in ranked[1:] if apart.get((first[1], p, *place)) in ("equal", "not decided"))
        margin = abs(ranked[1][0] - first[0]) if len(ranked) > 1 else 0.0
        cells.append(Cell(*place, first[1], margin, tied))
    return cells


def failure_mix(results: Results) -> Figure:
    """The shares of the causes of failure, a bar a policy."""
    from experiments.figures.bars import shares_figure

    return shares_figure(shares(results, "cause"), results.manifest.title, note(results))


def mast(results: Results) -> Figure:
    """The shares of the MAST codes, a bar a policy, beside the published ones of the same codes."""
    from experiments.figures.bars import shares_figure

    total = sum(PUBLISHED.values())
    published = {"published": {code: share / total for code, share in PUBLISHED.items()}}
    return shares_figure(
        published | shares(results, "mast"), results.manifest.title,
        note(results) + "; published: Cemri et al. 2025, of these codes alone", "share of the codes",
    )  # fmt: skip


def shares(results: Results, kind: str) -> dict[str, dict[str, float]]:
    """For each policy the share of each cause or MAST code among all."""
    words = CAUSES if kind == "cause" else MAST
    columns = {word: f"{kind}_{word.lower().replace('-', '_').replace('.', '_')}" for word in words}
    with results.connect() as connection:
        found = connection.execute(
            f"select policy, {', '.join(f'sum({c})' for c in columns.values())} from episodes group by policy"
        ).fetchall()
    mixes = {}
    for policy, *counts in found:
        total = sum(counts)
        mixes[policy] = {w: count / total if total else 0.0 for w, count in zip(words, counts, strict=True)}
    return {policy: mixes[policy] for policy in results.manifest.policies if policy in mixes}


def ablation(results: Results, metric: str = "misfire_rate") -> Figure:
    """What switching each part does: paired differences with intervals, a row a part and policy."""
    from experiments.figures.bars import intervals_figure

    found = []
    parts = [name for name in results.manifest.varies if name.startswith("policy.")]
    if not parts:
        raise SettingError("no part of a policy varies in the sweep: vary one, such as policy.drift_gate")
    by = ["policy"] if len(results.manifest.policies) > 1 else []
    for part in parts:
        values = list(dict.fromkeys(row[part] for row in table(results, [part], [metric])))
        for before, after in pairwise(values):
            words = [str(v).lower() if isinstance(v, bool) else f"{v:g}" if isinstance(v, float) else v
                     for v in (before, after)]  # fmt: skip
            for row in compare(results, f"{part}={words[1]},{words[0]}", metric, by):
                policy = f"{row['policy']}: " if by else ""
                name = f"{policy}{part.removeprefix('policy.').replace('_', ' ')} {words[0]} → {words[1]}"
                found.append((name, row["difference"], row["low"], row["high"]))
    more = metric in ("success", "goals_met", "effectiveness", "plan_validity")
    return intervals_figure(
        found, results.manifest.title, note(results), metric=metric,
        less="worse" if more else "better", more="better" if more else "worse",
    )  # fmt: skip


def storm(results: Results, x: str = "policy.max_replans", y: str = "policy.min_interval") -> Figure:
    """The storm map: storms, share of the time spent thinking, and success over two bounds."""
    from experiments.figures.maps import heat_figure

    need(results, x, y)
    rows = table(results, [x, y], STORM)
    numeric(rows, x, y)
    return heat_figure(rows, results.manifest.title, note(results), x=x, y=y, metrics=STORM)


def effectiveness(results: Results) -> Figure:
    """Effectiveness against the rate of change, a panel a thinking time."""
    facet = "agent.thinking_time" if "agent.thinking_time" in results.manifest.varies else ""
    return lines(results, y="effectiveness", facet=facet)


KINDS: dict[str, Callable[..., Figure]] = {
    "lines": lines,
    "staleness-volatility": staleness_volatility,
    "latency": latency,
    "step": step,
    "price": price,
    "best": best,
    "failure-mix": failure_mix,
    "mast": mast,
    "ablation": ablation,
    "storm": storm,
    "effectiveness": effectiveness,
}
"""Every kind of figure by its name; the first line of each function's docstring says what it shows."""


def need(results: Results, *names: str) -> None:
    """Refuse a figure over settings that do not vary.

    Raises:
        SettingError: one does not.
    """
    varies = ["policy", "world", *results.manifest.varies]
    for name in names:
        if name not in varies:
            raise SettingError(f"{name} does not vary in the sweep: {nearest(name, varies)}")


def numeric(rows: Sequence[Row], *names: str) -> None:
    """Refuse an axis whose values are no numbers.

    Raises:
        SettingError: a value of the setting is none.
    """
    for name in names:
        for row in rows:
            if isinstance(row[name], bool) or not isinstance(row[name], int | float):
                raise SettingError(f"{name} = {row[name]}: an axis takes numbers: choose another setting")


def note(results: Results) -> str:
    """What was run, in small letters."""
    manifest = results.manifest
    worlds = ", ".join(dict.fromkeys(entry.world for entry in manifest.conditions))
    if manifest.seeds is not None:
        size = f"{manifest.seeds} seeds a condition"
    else:
        size = "seeds a condition by a stopping rule"
    return f"world {worlds}, {size} on common random numbers, 95 % intervals"
