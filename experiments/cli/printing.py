"""Rows for people and for programs: text, CSV, JSON, Markdown or LaTeX."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import Any, Literal

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from plandrift.experiments.cli.latex import latex_table
from plandrift.experiments.cli.streams import write_exactly
from plandrift.experiments.figures.looks import INK, looks
from plandrift.experiments.statistics.text import missing, shown
from plandrift.experiments.statistics.visible import on_one_line, visible
from plandrift.sim import SettingError, plain
from plandrift.sim.terms.errors import nearest
from plandrift.worlds.logs.safe_csv import safe_cell


class SafeConsole(Console):
    """A console that prints text as it is: no markup, and no control characters that reach the terminal."""

    def __init__(self, width: int | None = None, stderr: bool = False) -> None:
        super().__init__(width=width, stderr=stderr, markup=False, emoji=False, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Return the segments to print, with control characters escaped in those that are text."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(visible(piece.text), piece.style)


FORMATS = ("text", "csv", "json", "markdown", "latex")

WIDEST = 100
"""The widest table, in characters, that is still easy to read."""


def print_rows(
    rows: Sequence[dict[str, Any]], form: str = "text", keys: int | None = None, said: Sequence[str] = ()
) -> None:
    """Print rows that have the same keys.

    Args:
        rows: in print order.
        form: one of `FORMATS`.
        keys: how many columns at the left identify a row: a text table wider than `WIDEST` is broken into
            several, each of which repeats them; None leaves the table as wide as it is.
        said: sentences about the table; they become its caption in Markdown and LaTeX.

    Raises:
        SettingError: the format is unknown.
    """
    check_format(form)
    headings = list(rows[0]) if rows else []
    if form == "json":
        print(json.dumps(plain(list(rows)), indent=1))
    elif form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, headings, lineterminator="\n")
        writer.writeheader()
        writer.writerows([{k: "" if missing(v) else safe_cell(v) for k, v in row.items()} for row in rows])
        write_exactly(text.getvalue())
    elif form == "markdown":
        print("| " + " | ".join(map(on_one_line, headings)) + " |")
        print("|" + "|".join(" --- " if _words(rows, name) else " ---: " for name in headings) + "|")
        for row in rows:
            print("| " + " | ".join(shown(row[name]).replace("|", "\\|") for name in headings) + " |")
        print_caption(said)
    elif form == "latex":
        print(latex_table(rows, " ".join(_sentences(said))), end="")
    else:
        columns = {name: aligned([row[name] for row in rows]) for name in headings}
        console = wide_console()
        blocks = [headings] if keys is None else _blocks(columns, keys, min(WIDEST, console.width))
        for place, some in enumerate(blocks):
            show = Table(box=None, header_style="bold", padding=(0, 1), show_edge=False)
            for name in some:
                justify: Literal["left", "right"] = "left" if _words(rows, name) else "right"
                show.add_column(on_one_line(name), justify=justify, overflow="fold")
            painted = [_painted(name, columns[name]) for name in some]
            for cells in zip(*painted, strict=True):
                show.add_row(*cells)
            if place:
                console.print()
            console.print(show)


def _painted(name: str, cells: list[str]) -> list[Text]:
    """Return a column's cells; policies and guards have the colours that they have in figures."""
    if name not in ("policy", "guard"):
        return [Text(cell) for cell in cells]
    look = looks(list(dict.fromkeys(cells)))
    # Ink would be invisible on a dark terminal.
    return [Text(cell, "" if look[cell].colour == INK else look[cell].colour) for cell in cells]


def _blocks(columns: dict[str, list[str]], keys: int, width: int) -> list[list[str]]:
    """Split the columns into as few equally wide groups as fit, each led by the first `keys` columns."""
    wide = {name: 2 + max(map(len, [name, *cells])) for name, cells in columns.items()}
    first, others = list(columns)[:keys], list(columns)[keys:]

    def broken(most: int) -> list[list[str]]:
        blocks = [list(first)]
        for name in others:
            if len(blocks[-1]) > keys and sum(wide[n] for n in blocks[-1]) + wide[name] > most:
                blocks.append(list(first))
            blocks[-1].append(name)
        return blocks

    fewest = len(broken(width))
    return next(found for most in range(1, width + 1) if len(found := broken(most)) == fewest)


def aligned(values: Sequence[Any]) -> list[str]:
    """Format a column for people; its numbers get equally many decimals, so that their digits align."""
    words = [shown(value) for value in values]
    if not all(isinstance(v, float) or missing(v) for v in values) or any("e" in word for word in words):
        return words
    decimals = min(4, max((len(word.partition(".")[2]) for word in words), default=0))
    # Rounded before formatting, so that a zero has no sign.
    return [
        word if missing(value) else f"{round(value, decimals) + 0.0:.{decimals}f}"
        for value, word in zip(values, words, strict=True)
    ]


def print_caption(said: Sequence[str]) -> None:
    """Print the sentences about a table beneath it, one per line."""
    if said:
        print()
    for line in _sentences(said):
        print(fill(line, WIDEST, break_long_words=False, break_on_hyphens=False))


def _sentences(said: Sequence[str]) -> list[str]:
    return [on_one_line(f"{line[:1].upper()}{line[1:]}.") for line in said]


def sort_rows(rows: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """Sort rows by one column, descending if its name begins with a minus; rows without a value come last.

    Raises:
        SettingError: the column does not exist.
    """
    name, down = by.removeprefix("-"), by.startswith("-")
    if rows and name not in rows[0]:
        raise SettingError(f"--sort {by}: {nearest(name, list(rows[0]))}")
    known = [row for row in rows if not missing(row[name])]
    known.sort(key=lambda row: (isinstance(row[name], str), row[name]), reverse=down)
    return known + [row for row in rows if missing(row[name])]


def check_format(form: str) -> None:
    """Check that an output format exists.

    Raises:
        SettingError: the format is unknown.
    """
    if form not in FORMATS:
        raise SettingError(f"--format {form}: {nearest(form, FORMATS)}")


def wide_console() -> SafeConsole:
    """A console as wide as the terminal, or wide enough where there is none."""
    console = SafeConsole()
    return console if console.is_terminal else SafeConsole(width=400)


def _words(rows: Sequence[dict[str, Any]], name: str) -> bool:
    return any(isinstance(row[name], str) for row in rows)
