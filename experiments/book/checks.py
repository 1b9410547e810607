"""Claims that need more than one difference: where an ordering reverses, what theory allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from plandrift.experiments.analysis.claims import FAILS, HOLDS, LEVEL, OPEN, ClaimVerdict
from plandrift.experiments.analysis.selection import averaging
from plandrift.experiments.analysis.step_staleness import step_staleness
from plandrift.experiments.analysis.tables import Row, compare, table
from plandrift.experiments.analysis.theory_curves import floor
from plandrift.experiments.sweeps.results import Results

Judged = Callable[[Results], tuple[ClaimVerdict, list[Row]]]

NO_MORE = 0.03
"""The share of first attempts that a fresh read may still save where theory says that it saves nothing."""


def later_is_staler(results: Results) -> tuple[ClaimVerdict, list[Row]]:
    """Compare the sixteenth step with the sixth, under plan-once."""
    rows = [row for row in step_staleness(results) if row["policy"] == "plan-once" and row["step"] in (5, 15)]
    rates = dict.fromkeys(row["volatility"] for row in rows)
    pairs = [[row for row in rows if row["volatility"] == rate] for rate in rates]
    whole = [(early, late) for early, late in (pair for pair in pairs if len(pair) == 2)]
    if not whole:
        return OPEN, rows
    if any(late["high"] < early["low"] for early, late in whole):
        return FAILS, rows
    return (HOLDS if all(late["low"] > early["high"] for early, late in whole) else OPEN), rows


def floor_holds(results: Results) -> tuple[ClaimVerdict, list[Row]]:
    """Compare misfires of policies that rely on news, first attempts only, with the floor from theory."""
    curve = floor(results)
    rows = []
    for row in table(results, ["policy", "volatility"], ["first_misfire_rate"]):
        if row["policy"] in ("replan-each", "gated"):
            nearest = min(curve, key=lambda point: abs(point[0] - row["volatility"]))
            rows.append(
                {k: row[k] for k in ("policy", "volatility", "mean", "low", "high", "n")}
                | {"floor": nearest[1]}
            )
    if any(row["high"] < row["floor"] - (row["high"] - row["low"]) for row in rows):
        return FAILS, rows
    return HOLDS, rows


def turns(
    between: str, metric: str, along: str, by: str, where: Sequence[Any], nearest: str, farthest: str
) -> Judged:
    """Return a check that an ordering reverses along a setting, and between which of its values.

    It holds if the difference is decided one way at the setting's least value and the other way at its
    greatest, in each group, at a joint level of 95 %.

    Args:
        between: ``policy=gated,plan-once``.
        metric: the metric whose difference it is.
        along: the setting; its values are numbers.
        by: the setting that distinguishes the groups.
        where: the values of `by` that the claim is about.
        nearest: the verdict expected at the least value, ``less`` or ``more``.
        farthest: the verdict expected at the greatest value.
    """

    def judged(results: Results) -> tuple[ClaimVerdict, list[Row]]:
        rows = compare(averaging(results), between, metric, [by, along], 1 - (1 - LEVEL) / (2 * len(where)))
        found: list[Row] = []
        ends: list[tuple[str, str]] = []
        for group in where:
            line = sorted((row for row in rows if row[by] == group), key=lambda row: float(row[along]))
            if not line:
                continue
            found.append({by: group} | _line(line, along))
            ends.append((line[0]["verdict"], line[-1]["verdict"]))
        if any(near == farthest or far == nearest for near, far in ends):
            return FAILS, found
        return (HOLDS if ends and set(ends) == {(nearest, farthest)} else OPEN), found

    return judged


def _line(line: Sequence[Mapping[str, Any]], along: str) -> Row:
    """Return the differences along a setting as one row, and where they cross 0."""
    word = along.rpartition(".")[2].replace("_", " ")
    shown = {f"{word} {row[along]:g}": f"{row['difference']:+.3f} {row['verdict']}" for row in line}
    return shown | {"turns at": _crossing([(row[along], row["difference"]) for row in line])}


def _crossing(line: Sequence[tuple[float, float]]) -> float | None:
    """Return where a line through points crosses 0, between two of them; None if it does not."""
    for (x, y), (later, other) in pairwise(line):
        if y and y * other <= 0:
            return x + (later - x) * y / (y - other)
    return None


def where_looking_pays(results: Results) -> tuple[ClaimVerdict, list[Row]]:
    """Compare look-first with gated, by misfires of first attempts, against the duration of a read.

    A belief misses changes during the news' latency L, a read of round trip R during R/2
    (docs/model/validation.md). The claim holds if look-first misfires less at each R below 2 L, and less by
    at most `NO_MORE` from there on.
    """
    groups = ["volatility", "channel.latency", "agent.read_latency"]
    cells = compare(results, "policy=look-first,gated", "first_misfire_rate", groups)
    level = 1 - (1 - LEVEL) / max(1, len(cells))
    cells = compare(results, "policy=look-first,gated", "first_misfire_rate", groups, level)
    near = [row for row in cells if row["agent.read_latency"] < 2 * row["channel.latency"]]
    far = [row for row in cells if row not in near]
    found: list[Row] = []
    for rate, late in dict.fromkeys((row["volatility"], row["channel.latency"]) for row in cells):
        here = [row for row in cells if (row["volatility"], row["channel.latency"]) == (rate, late)]
        here.sort(key=lambda row: float(row["agent.read_latency"]))
        found.append({"volatility": rate, "channel.latency": late} | _line(here, "agent.read_latency"))
    if any(row["verdict"] == "more" for row in near) or any(row["high"] < -NO_MORE for row in far):
        return FAILS, found
    pays = all(row["verdict"] == "less" for row in near)
    return (HOLDS if pays and all(row["low"] > -NO_MORE for row in far) else OPEN), found
