"""The folder of a sweep: what it asked for, what has been run, and how to read it at any time.

spec.toml               as it was given
manifest.json           versions, every condition with all its settings, seeds, hash
episodes/part-*.parquet a row an episode: condition, the settings that vary, seed, metrics
steps/part-*.parquet    a row a step fired, where asked for
failures.jsonl          the episodes that raised, with their tracebacks
progress.json           how far it is, for `plandrift status`
.lock                   held by the sweep that writes here
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from experiments.sweeps.batch import Crash
from experiments.sweeps.condition import Condition
from experiments.sweeps.manifest import Manifest, column_of, texts
from sim import PlandriftError
from worlds.sql import quoted

if TYPE_CHECKING:
    import duckdb


class Results:
    """A sweep's folder, to read at any time, while it runs too.

    Raises:
        PlandriftError: there is no folder, or no sweep in it.
    """

    averaged: tuple[str, ...] = ()
    """The settings over which a table may average; see `experiments.analysis.selection`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "manifest.json"
        try:
            self.manifest = Manifest.model_validate_json(path.read_text())
        except FileNotFoundError:
            raise PlandriftError(
                f"{folder}: no sweep in it: give the folder that `plandrift sweep --out` wrote"
            ) from None
        except (OSError, ValidationError) as error:
            raise PlandriftError(
                f"{path}: cannot be read ({type(error).__name__}): sweep again into another folder"
            ) from None

    def narrowed(self, conditions: Sequence[Condition], averaged: Sequence[str] = ()) -> Results:
        """The same folder, of which only these conditions are looked at."""
        found = copy(self)
        found.manifest = self.manifest.model_copy(update={"conditions": list(conditions)})
        found.averaged = (*self.averaged, *averaged)
        return found

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection with the views `episodes`, `conditions`, and `steps` where there are any.

        `episodes` has a row an episode: `condition`, `world`, `policy`, the settings that vary by
        their dotted names, `seed`, the metrics. No view outlives the connection.
        """
        # `plandrift status` does without it, and it takes longer to load than that takes to run.
        import duckdb

        connection = duckdb.connect()
        conditions = self.manifest.conditions
        columns: dict[str, Any] = {
            "condition": texts(one.id for one in conditions),
            "world": texts(one.world for one in conditions),
            "policy": texts(one.policy for one in conditions),
        }
        for name in self.manifest.varies:
            columns[name] = column_of([one.value(name) for one in conditions])
        connection.register("given_conditions", columns)
        connection.execute("create table conditions as select * from given_conditions")
        connection.unregister("given_conditions")
        self._view(connection, "episodes", self.manifest.metrics)
        if self.manifest.steps:
            self._view(connection, "steps", ["* exclude (condition, seed)"])
        return connection

    def _view(self, connection: duckdb.DuckDBPyConnection, kind: str, wanted: Sequence[str]) -> None:
        names = ["world", "policy", *self.manifest.varies]
        given = ", ".join(f'c."{name}"' for name in names)
        files = self.parts(kind)
        if files:
            own = self._own_columns(connection, files[0], [*names, "condition", "seed"], wanted)
            source = f"read_parquet([{', '.join(quoted(f) for f in files)}], union_by_name = true)"
            connection.execute(
                f"create view {kind} as select p.condition, {given}, p.seed, {own} "
                f"from {source} p join conditions c on p.condition = c.condition"
            )
        elif kind == "episodes":
            nothing = ", ".join(f"null::double as {name}" for name in wanted)
            connection.execute(
                f"create view {kind} as select c.condition, {given}, null::bigint as seed, {nothing} "
                "from conditions c where false"
            )

    def _own_columns(
        self, connection: duckdb.DuckDBPyConnection, file: Path, known: Sequence[str], wanted: Sequence[str]
    ) -> str:
        rows = connection.execute(f"describe select * from {quoted(file)}").fetchall()
        if wanted and not wanted[0].startswith("*"):
            # A folder may be older than a metric.
            held = {row[0] for row in rows}
            return ", ".join(f"p.{n}" if n in held else f"'nan'::double as {n}" for n in wanted)
        return ", ".join(f'p."{row[0]}"' for row in rows if row[0] not in known)

    def parts(self, kind: str = "episodes") -> list[Path]:
        """The finished part files, in order."""
        return sorted((self.folder / kind).glob("part-*.parquet"))

    def done(self) -> dict[str, set[int]]:
        """The seeds that have been run, of each condition by its id."""
        seeds: dict[str, set[int]] = {one.id: set() for one in self.manifest.conditions}
        with self.connect() as connection:
            found = connection.execute("select condition, list(seed) from episodes group by 1").fetchall()
        for condition, those in found:
            seeds[condition] = set(those)
        return seeds

    def failures(self) -> list[Crash]:
        """The episodes that raised."""
        path = self.folder / "failures.jsonl"
        if not path.exists():
            return []
        crashes = []
        for line in path.read_text().splitlines():
            try:
                crashes.append(Crash(**json.loads(line)))
            except (ValueError, TypeError):
                continue  # the last line of a sweep that was killed while it wrote
        return crashes

    def progress(self) -> dict[str, Any]:
        """What the sweep last said of itself; empty if it said nothing."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "progress.json").read_text())
        except (OSError, ValueError):
            return {}
        return found
