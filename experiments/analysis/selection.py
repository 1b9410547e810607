"""The episodes behind a table or figure, and its caption: nothing is pooled or left out silently.

A setting that varies is grouped by, fixed (``channel.latency = 1``), or explicitly averaged over. If a
sweep has not finished, only the seeds that every compared condition has are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from plandrift.experiments.statistics.measures import taken_from
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.plain_values import PlainValue, in_order, value_text
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import SettingError
from plandrift.sim.terms.errors import nearest

if TYPE_CHECKING:
    import duckdb

ALL = "all"
"""Given in place of names: average over every setting that is not grouped by."""

FEW = 6
"""The most panels made from the settings that nobody fixed."""

LISTED = 6
"""The most values of a setting that are listed one by one."""

WORST = 3
"""The most groups with episodes cut off by the horizon that are named."""

CUT = 0.02
"""The share of episodes ended by the horizon (`cut_off`) from which on it is reported."""


def selected(results: Results, where: Sequence[str] = (), over: Sequence[str] = ()) -> Results:
    """Select the conditions that match every text of `where`, to be averaged over the settings in `over`.

    Args:
        results: a sweep's results.
        where: texts such as ``channel.latency = 1`` or ``policy = gated, warn``.
        over: names of varying settings, or ``all``.

    Raises:
        SettingError: a name or a value does not occur in the sweep.
    """
    conditions = results.manifest.conditions
    for text in where:
        name, values = chosen_values(results, text, "--where")
        conditions = [one for one in conditions if one.value(name) in values]
    if not conditions:
        raise SettingError(f"--where {', '.join(where)}: no condition matches all of these")
    known = groupable(results)
    for name in over:
        if name not in known and name != ALL:
            raise SettingError(
                f"--over {name}: it does not vary in this sweep: {nearest(name, [*known, ALL])}"
            )
    return results.narrowed(conditions, over)


def chosen_values(results: Results, text: str, option: str) -> tuple[str, list[PlainValue]]:
    """Parse ``name = value, value`` into a setting and its values.

    Raises:
        SettingError: the text has another form, or the sweep has no such setting or value.
    """
    name, equals, values = text.partition("=")
    # A policy's arguments may contain commas themselves.
    parts = [part.strip() for part in re.split(r",(?![^(]*\))", values)]
    name, known = name.strip(), groupable(results)
    if not equals or not all(parts):
        raise SettingError(f"{option} {text}: give a setting and its value, such as channel.latency=1")
    if name not in known:
        raise SettingError(f"{option} {text}: {name!r} does not vary: {nearest(name, known)}")
    held = {value_text(v): v for v in in_order(one.value(name) for one in results.manifest.conditions)}
    found = []
    for part in parts:
        same = [v for word, v in held.items() if part == word or _same(part, v)]
        if not same:
            raise SettingError(f"{option} {text}: no condition has {name} = {part}: {nearest(part, held)}")
        found.append(same[0])
    return name, found


def averaging(results: Results) -> Results:
    """Return the same results, averaged over every setting not grouped by; the caller must say so."""
    return results.narrowed(results.manifest.conditions, [ALL])


def check_metric(results: Results, metric: str) -> None:
    """Check that a sweep has a metric.

    Raises:
        SettingError: the metric does not exist, or the sweep's engine left it empty.
    """
    manifest = results.manifest
    if metric not in manifest.metrics:
        raise SettingError(f"--metric {metric}: there is no such metric: {nearest(metric, manifest.metrics)}")
    wanted = set(taken_from(metric))
    if any(wanted.intersection(manifest.left_empty.get(one.id, ())) for one in manifest.conditions):
        raise SettingError(
            f"--metric {metric}: the compiled engine, which ran the sweep, does not measure it: run the "
            "sweep with --engine simpy, into another --out"
        )


def groupable(results: Results) -> list[str]:
    """Return the names that a table can be grouped by."""
    return ["world", "policy", *results.manifest.varies]


def varying(results: Results, by: Sequence[str]) -> dict[str, list[PlainValue]]:
    """Return the settings that vary within a group of `by`, each with its values."""
    groups: dict[tuple[Any, ...], list[Condition]] = {}
    for one in results.manifest.conditions:
        groups.setdefault(tuple(one.value(name) for name in by), []).append(one)
    found = {}
    for name in groupable(results):
        if name not in by and any(len({one.value(name) for one in group}) > 1 for group in groups.values()):
            found[name] = in_order(one.value(name) for one in results.manifest.conditions)
    return found


def refuse_pooling(results: Results, by: Sequence[str]) -> None:
    """Check that no setting would be averaged over without having been named.

    Raises:
        SettingError: a setting varies within the groups; the message lists such settings and their values.
    """
    if ALL in results.averaged:
        return
    free = {name: values for name, values in varying(results, by).items() if name not in results.averaged}
    if free:
        name, values = next(iter(free.items()))
        listed = "; ".join(f"{one} ({_listed(its)})" for one, its in free.items())
        raise SettingError(
            f"{listed}: varies too, and would be averaged: add it to --by, fix it with --where "
            f'"{name} = {value_text(values[0])}", or average it with --over {",".join(free)}'
        )


class Panel(NamedTuple):
    """A part of a sweep that is drawn in a panel of its own.

    Attributes:
        results: the part's conditions.
        label: what distinguishes them, such as ``latency 1``; empty if there is only one panel.
    """

    results: Results
    label: str


def panels(results: Results, by: Sequence[str]) -> list[Panel]:
    """Split the sweep into parts in which nothing varies but `by` and the settings averaged over.

    Raises:
        SettingError: there would be more than `FEW` parts.
    """
    if ALL in results.averaged:
        return [Panel(results, "")]
    free = {name: values for name, values in varying(results, by).items() if name not in results.averaged}
    found = []
    for values in product(*free.values()):
        chosen = dict(zip(free, values, strict=True))
        conditions = [
            one
            for one in results.manifest.conditions
            if all(one.value(name) == value for name, value in chosen.items())
        ]
        if conditions:
            label = ", ".join(value_words(name, value) for name, value in chosen.items())
            found.append(Panel(results.narrowed(conditions), label))
    if len(found) > FEW:
        refuse_pooling(results, by)
    return found


@contextmanager
def compared(results: Results) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection with the views `compared` and `compared_steps` of the episodes to compare.

    For a fixed number of seeds, these are the seeds that every condition with any episode has.
    """
    with results.connect() as connection:
        only = "" if common(results, connection) is None else " where seed in (from common_seeds)"
        for kind, view in (("episodes", "compared"), ("steps", "compared_steps")):
            if kind == "episodes" or (results.manifest.steps and results.parts(kind)):
                connection.execute(f"create view {view} as select * from {kind}{only}")
        yield connection


def common(results: Results, connection: duckdb.DuckDBPyConnection) -> int | None:
    """Count the seeds that all conditions have, listed in table `common_seeds`; None if none is missing."""
    seeds = results.manifest.seeds
    if seeds is None:
        return None
    counts = connection.execute("select condition, count(*) from episodes group by condition").fetchall()
    if len(counts) == len(results.manifest.conditions) and all(count >= seeds for _, count in counts):
        return None
    connection.execute(
        "create table common_seeds as select seed from episodes group by seed "
        f"having count(*) = {len(counts)}"
    )
    found = connection.execute("select count(*) from common_seeds").fetchone()
    assert found is not None
    return int(found[0])


def seeds_words(results: Results) -> str:
    """Say how many seeds each condition has, and which: ``n = 40 seeds per condition (0 to 39)``."""
    with compared(results) as connection:
        found = connection.execute(
            "select min(n), max(n), max(last) from "
            "(select count(*) as n, max(seed) as last from compared group by condition)"
        ).fetchone()
    assert found is not None
    fewest, most, last = found
    if not most:
        return "n = 0 seeds"
    if fewest < most:
        return f"n = {fewest} to {most} seeds per condition, by a stopping rule"
    which = f" (0 to {last})" if 0 < last == most - 1 else ""
    return f"n = {most} seed{'s' * (most > 1)} per condition{which}"


def caption(results: Results, by: Sequence[str]) -> list[str]:
    """Return the caption of a table or figure by these settings, one sentence per item."""
    said = _origins(results)
    for name, values in varying(results, by).items():
        if ALL in results.averaged or name in results.averaged:
            said.append(f"averaged over {name} ({_listed(values)})")
    with results.connect() as connection:
        shared = common(results, connection)
        if shared is not None:
            had = connection.execute("select distinct condition from episodes").fetchall()
            some, manifest = len(had), results.manifest
            said.append(
                f"the sweep is not complete: the {shared} of {manifest.seeds} seeds that all conditions have"
            )
            if some < len(manifest.conditions):
                said.append(
                    f"{len(manifest.conditions) - some} conditions are left out because they have no "
                    "episode yet"
                )
        said += _standstills(connection)
    return said + caption_of_cut(results, by)


def _origins(results: Results) -> list[str]:
    """Return sentences about rows of mixed versions, or rows too old to be verified."""
    said = [
        f"rows from {name} {' and '.join(versions)} are mixed"
        for name in ("plandrift", "numpy")
        if len(versions := results.versions(name)) > 1
    ]
    old = results.unverified()
    if old:
        said.append(
            f"{old} of {len(results.parts())} parts are unverified: they were written before digests existed"
        )
    return said


def _standstills(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return a sentence on the episodes that ended because nothing could happen any more, if any did."""
    # Rows written before this metric was introduced have no value for it.
    known = "select count(*), sum(standstill) from episodes where not isnan(standstill::double)"
    found = connection.execute(known).fetchone()
    assert found is not None
    count, still = found
    return (
        [f"{int(still)} of {count} episodes came to a standstill, and are counted like any other"]
        if still
        else []
    )


def caption_of_cut(results: Results, by: Sequence[str]) -> list[str]:
    """Return a sentence on the groups in which the horizon cut off more than `CUT` of the episodes."""
    by = [name for name in by if name in groupable(results)]
    columns = "".join(f'"{name}", ' for name in by)
    known = f"select {columns}avg(cut_off) from episodes where not isnan(cut_off::double) group by all"
    with results.connect() as connection:
        groups = connection.execute(known).fetchall()
    cut = sorted((row for row in groups if row[-1] > CUT), key=lambda row: -row[-1])
    if not cut:
        return []
    worst = []
    for *values, share in cut[:WORST]:
        place = ", ".join(value_words(name, value) for name, value in zip(by, values, strict=True))
        worst.append(f"{share:.1%} of the episodes{' with ' * bool(place)}{place}")
    more = f", and more than {CUT:.0%} of {len(cut) - WORST} other groups" if len(cut) > WORST else ""
    return [
        f"the horizon cut off {', '.join(worst)}{more}, so their results depend on it: use a longer horizon"
    ]


def _listed(values: Sequence[Any]) -> str:
    if len(values) <= LISTED:
        return ", ".join(value_text(v) for v in values)
    return f"{len(values)} values from {value_text(values[0])} to {value_text(values[-1])}"


def setting_words(name: str) -> str:
    """Return a setting in words, as written on a panel."""
    if name == "channel.latency":
        return "observation latency"
    return name.rpartition(".")[2].replace("_", " ")


def value_words(name: str, value: Any) -> str:
    """Return a setting and its value in words, as written on a panel."""
    return str(value) if name in ("policy", "world") else f"{setting_words(name)} {value_text(value)}"


def _same(text: str, value: Any) -> bool:
    if isinstance(value, bool):
        return text.lower() == value_text(value)
    try:
        return not isinstance(value, str) and float(text) == float(value)
    except ValueError:
        return False
