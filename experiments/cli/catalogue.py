"""Worlds and policies as they are listed: what each is about, and its settings in columns."""

from __future__ import annotations

from rich.table import Table

from plandrift.experiments.sweeps.settings import Setting


def settings_table(rows: list[Setting]) -> Table:
    """A row a setting."""
    table = Table(box=None, padding=(0, 2), header_style="dim", show_edge=False, pad_edge=True)
    for heading in ("setting", "default", "unit", "value", "meaning"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("setting", "default"))
    for row in rows:
        default = "–" if row.default is None else str(row.default)
        if isinstance(row.default, bool):
            default = default.lower()
        elif isinstance(row.default, tuple):
            default = ",".join(row.default)
        table.add_row(row.name, default, row.unit, row.kind, row.meaning)
    return table
