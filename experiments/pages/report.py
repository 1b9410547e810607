"""A sweep as one self-contained page: the question, the settings, figures, tables, and differences."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.differences import differences
from plandrift.experiments.analysis.headline import along, headline
from plandrift.experiments.analysis.selection import averaging, caption
from plandrift.experiments.analysis.tables import Row, cut_shown, table
from plandrift.experiments.figures.kinds import KINDS
from plandrift.experiments.figures.kinds.kind import scored
from plandrift.experiments.figures.kinds.lines import lines
from plandrift.experiments.pages.elements import html_table, inline_svg
from plandrift.experiments.pages.page import page, sheet
from plandrift.experiments.statistics.measures import is_rate
from plandrift.experiments.sweeps.plain_values import in_order, value_text
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import PlandriftError, SettingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


METRICS = ("effectiveness", "first_misfire_rate", "harm", "replans", "reads", "thinking_share", "duration")
"""The metrics tabulated in a report, after those of plan staleness."""


LONG = 8
"""A table with more rows is folded."""


def report_page(results: Results) -> str:
    """Return the report of a sweep: its result in three sentences, their figure, the question, and the rest.

    Raises:
        PlandriftError: no episode has been run yet.
    """
    if not results.parts():
        raise PlandriftError(f"{results.folder}: no episode has been run yet: run the sweep first")
    manifest = results.manifest
    title = manifest.title or results.folder.name
    drawn = figures(results)
    metric = "effectiveness" if scored(results) else "success"
    shows = [f"{line[:1].upper()}{line[1:]}." for line in headline(results, metric)]
    by = ["policy", *([along(results)] if along(results) else [])]
    body = [
        f"<h1>{escape(title)}</h1>",
        "<h2>What it shows</h2>",
        _list(shows) if shows else "<p>There is only one condition: see the tables.</p>",
        _captioned(averaging(results), by),
        *(section(name, draw, results) for name, draw in drawn[:1]),
        f"<h2>The question</h2><p>{escape(question(results))}</p>" if question(results) else "",
        "<h2>What differs</h2>",
        *_differs(results),
        *(f"<details>{section(name, draw, results, folded=True)}</details>" for name, draw in drawn[1:]),
        "<h2>Tables</h2>",
        '<p class="note">With 95 % intervals; n counts seeds. A rate is one sum divided by another, so '
        "episodes that fired nothing count as well. Beside each figure is what was achieved and "
        "attempted.</p>",
        *(_table(results, metric) for metric in (*manifest.staleness, *METRICS)),
        "<h2>Settings</h2>",
        settings(results),
        "<h2>Run it again</h2>",
        rerun(results),
    ]
    return page(title, "\n".join(body), style=sheet("report.css"))


def _differs(results: Results) -> list[str]:
    if len(results.manifest.policies) < 2:
        return ["<p>There is only one policy: see the tables.</p>"]
    worlds, said = differences(results), []
    for one in worlds:
        if len(worlds) > 1:
            said.append(f"<h3>{escape(one.results.manifest.conditions[0].world)}</h3>")
        rows = one.rows()
        said.append(_folded(rows) if rows else "<p>No difference is decided.</p>")
        if one.undecided:
            said.append(f"<p>{one.undecided} of {len(one.found)} differences are not decided.</p>")
        said.append(_captioned(one.results, ["policy", "world"]))
    return said


def _folded(rows: Sequence[Row]) -> str:
    """Return a table, folded if it is long: the figures are not to be scrolled to."""
    table = html_table(rows)
    if len(rows) <= LONG:
        return table
    return f"<details><summary>{len(rows)} rows of significant differences</summary>{table}</details>"


def _captioned(results: Results, by: Sequence[str]) -> str:
    said = "; ".join(caption(results, by))
    return f'<p class="note">{escape(said[:1].upper() + said[1:])}.</p>' if said else ""


def figures(results: Results) -> list[tuple[str, Callable[[Results], Figure]]]:
    """Return the figures that suit what varies in a sweep."""
    found: list[tuple[str, Callable[[Results], Figure]]] = [
        (kind.heading, kind) for kind in KINDS.values() if kind.heading and kind.fits(results)
    ]
    return found + [
        (f"Misfires against {name}", lambda r, x=name: lines(r, x, "first_misfire_rate"))
        for name in results.manifest.varies
        if name not in ("volatility", "channel.latency") and _numbers(results, name)
    ]


def section(name: str, draw: Callable[[Results], Figure], results: Results, folded: bool = False) -> str:
    """Return one figure with its heading, which can be the summary of folded details."""
    label = re.sub(r"\W+", "-", name.lower())
    drawn = ""
    # With too many panels to look at, the figure averages over the setting, as its note says.
    for some in (results, averaging(results)):
        try:
            drawn = f"<figure>{inline_svg(draw(some), label)}</figure>"
            break
        except SettingError as error:
            drawn = f'<p class="note">Not drawn: {escape(str(error))}.</p>'
    heading = f"<h2>{escape(name)}</h2>"
    return (f"<summary>{heading}</summary>" if folded else heading) + f"\n{drawn}"


def question(results: Results) -> str:
    """Return the comment at the top of the spec."""
    try:
        text = (results.folder / "spec.toml").read_text()
    except OSError:
        return ""
    comments = re.match(r"((?:#.*\n)*)", text)
    return " ".join(line.lstrip("# ").strip() for line in comments[1].splitlines()) if comments else ""


def settings(results: Results) -> str:
    """Return tables of the settings that varied and of those that did not."""
    manifest = results.manifest
    entries = manifest.conditions
    varied = [
        {"setting": name, "values": ", ".join(map(value_text, in_order(e.value(name) for e in entries)))}
        for name in manifest.varies
    ]
    first = entries[0].settings
    fixed = [
        {"setting": name, "value": value_text(value)}
        for name, value in first.items()
        if name not in manifest.varies and all(e.settings.get(name) == value for e in entries)
    ]
    seeds = f"{manifest.seeds} seeds" if manifest.seeds is not None else "seeds by a stopping rule"
    policies = escape(", ".join(results.manifest.policies))
    head = f"<p>{len(entries)} conditions, {seeds} each; policies: {policies}.</p>"
    return (
        f"{head}{html_table(varied) if varied else ''}<details><summary>Settings that were the same in "
        f"all conditions</summary>{html_table(fixed)}</details>"
    )


def rerun(results: Results) -> str:
    """Return the command that produces the same rows again."""
    versions = ", ".join(f"{name} {number}" for name, number in results.manifest.versions.items())
    keep = " --steps" if results.manifest.steps else ""
    return (
        f"<pre>plandrift sweep {escape(str(results.folder / 'spec.toml'))} --out again{keep}\n"
        f"plandrift report again --out report.html</pre><p class='note'>Made with {escape(versions)}; "
        f"the hash of the spec is {results.manifest.spec_hash[:16]}.</p>"
        "<p>Which guard does your own system need, given what a misfire costs you? Ask "
        "<code>plandrift agent advise</code>.</p>"
    )


def _table(results: Results, metric: str) -> str:
    by = ["policy", *[name for name in results.manifest.varies if name != "policy"][:2]]
    results = averaging(results)
    rows = table(results, by, [metric])
    left_out = ["metric", "episodes", *(["without"] if is_rate(metric) else [])]
    left_out += [] if any(row["few"] for row in rows) else ["few"]
    rows = cut_shown([{k: v for k, v in row.items() if k not in left_out} for row in rows])
    words = escape(f"{metric} by {', '.join(by)}")
    note = _captioned(results, by)
    return f"<details><summary>{words}</summary>{note}{html_table(rows)}</details>"


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _numbers(results: Results, name: str) -> bool:
    values = in_order(entry.value(name) for entry in results.manifest.conditions)
    return len(values) > 2 and all(isinstance(value, float) for value in values)
