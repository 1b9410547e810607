"""Rows for people and for programs: text, CSV, JSON or Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from experiments.statistics.text import missing, shown
from sim import SettingError, plain
from sim.errors import nearest

PLAIN: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False}
"""A console that prints text as it is: what is in brackets there comes from data and is no markup."""

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
        print(text.getvalue(), end="")
    elif form == "markdown":
        print("| " + " | ".join(headings) + " |")
        print("|" + "|".join(" --- " if _words(rows, name) else " ---: " for name in headings) + "|")
        for row in rows:
            print("| " + " | ".join(shown(row[name]).replace("|", "\\|") for name in headings) + " |")
    else:
        show = Table(box=None, header_style="bold", padding=(0, 2), show_edge=False)
        for name in headings:
            show.add_column(name, justify="left" if _words(rows, name) else "right", overflow="fold")
        for row in rows:
            show.add_row(*(shown(row[name]) for name in headings))
        wide_console().print(show)


def check_format(form: str) -> None:
    """Refuse a format that there is not.

    Raises:
        SettingError: it is none.
    """
    if form not in FORMATS:
        raise SettingError(f"--format {form}: {nearest(form, FORMATS)}")


def wide_console() -> Console:
    """A console as wide as the terminal, or wide enough where there is none."""
    console = Console(**PLAIN)
    return console if console.is_terminal else Console(width=400, **PLAIN)


def _words(rows: Sequence[dict[str, Any]], name: str) -> bool:
    return any(isinstance(row[name], str) for row in rows)
