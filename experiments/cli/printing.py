"""Rows for people and for programs: text, CSV, JSON or Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from plandrift.experiments.cli.streams import write_exactly
from plandrift.experiments.statistics.text import missing, shown
from plandrift.experiments.statistics.visible import on_one_line, visible
from plandrift.sim import SettingError, plain
from plandrift.sim.terms.errors import nearest


class SafeConsole(Console):
    """A console that takes nothing in a text for a command: no markup, and nothing that steers a terminal."""

    def __init__(self, width: int | None = None, stderr: bool = False) -> None:
        super().__init__(width=width, stderr=stderr, markup=False, emoji=False, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The pieces of what is printed, those that are text made safe."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(visible(piece.text), piece.style)


FORMATS = ("text", "csv", "json", "markdown")


def print_rows(rows: Sequence[dict[str, Any]], form: str = "text") -> None:
    """Print rows that have the same keys.

    Raises:
        SettingError: there is no such format.
    """
    check_format(form)
    headings = list(rows[0]) if rows else []
    if form == "json":
        print(json.dumps(plain(list(rows)), indent=1))
    elif form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, headings, lineterminator="\n")
        writer.writeheader()
        writer.writerows([{k: "" if missing(v) else v for k, v in row.items()} for row in rows])
        write_exactly(text.getvalue())
    elif form == "markdown":
        print("| " + " | ".join(map(on_one_line, headings)) + " |")
        print("|" + "|".join(" --- " if _words(rows, name) else " ---: " for name in headings) + "|")
        for row in rows:
            print("| " + " | ".join(shown(row[name]).replace("|", "\\|") for name in headings) + " |")
    else:
        show = Table(box=None, header_style="bold", padding=(0, 1), show_edge=False)
        for name in headings:
            show.add_column(
                on_one_line(name), justify="left" if _words(rows, name) else "right", overflow="fold"
            )
        columns = [aligned([row[name] for row in rows]) for name in headings]
        for cells in zip(*columns, strict=True):
            show.add_row(*cells)
        wide_console().print(show)


def aligned(values: Sequence[Any]) -> list[str]:
    """A column of values for people, its numbers with as many decimals each, so that they align by digits."""
    words = [shown(value) for value in values]
    if not all(isinstance(v, float) or missing(v) for v in values) or any("e" in word for word in words):
        return words
    decimals = min(4, max((len(word.partition(".")[2]) for word in words), default=0))
    # Rounded first: a zero has no sign.
    return [
        word if missing(value) else f"{round(value, decimals) + 0.0:.{decimals}f}"
        for value, word in zip(values, words, strict=True)
    ]


def print_caption(said: Sequence[str]) -> None:
    """What a table has to say of itself, a line each beneath it."""
    if said:
        print()
    for line in said:
        print(on_one_line(f"{line[:1].upper()}{line[1:]}."))


def sort_rows(rows: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """Rows by one column, downwards where its name begins with a minus; what has no value comes last.

    Raises:
        SettingError: there is no such column.
    """
    name, down = by.removeprefix("-"), by.startswith("-")
    if rows and name not in rows[0]:
        raise SettingError(f"--sort {by}: {nearest(name, list(rows[0]))}")
    known = [row for row in rows if not missing(row[name])]
    known.sort(key=lambda row: (isinstance(row[name], str), row[name]), reverse=down)
    return known + [row for row in rows if missing(row[name])]


def check_format(form: str) -> None:
    """Refuse a format that there is not.

    Raises:
        SettingError: it is none.
    """
    if form not in FORMATS:
        raise SettingError(f"--format {form}: {nearest(form, FORMATS)}")


def wide_console() -> SafeConsole:
    """A console as wide as the terminal, or wide enough where there is none."""
    console = SafeConsole()
    return console if console.is_terminal else SafeConsole(width=400)


def _words(rows: Sequence[dict[str, Any]], name: str) -> bool:
    return any(isinstance(row[name], str) for row in rows)
