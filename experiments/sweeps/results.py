"""The folder of a sweep: what was asked for, what has been run, and how to read it at any time.

spec.toml               the spec, as given
manifest.json           versions, every condition with all its settings, seeds, hash
episodes/part-*.parquet one row per episode: condition, the settings that vary, seed, metrics
steps/part-*.parquet    one row per fired step, if requested
parts.jsonl             one line per chunk: digests of its parts, and the versions and engine that made it
failures.jsonl          the episodes that raised an exception, with their tracebacks
progress.json           the sweep's progress, for `plandrift data status`
damaged/                unreadable parts, moved here by the sweep that ran their episodes again
.lock                   held by the sweep that writes here
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from plandrift.experiments.statistics.intervals import mean_interval, share_interval
from plandrift.experiments.statistics.text import interval_text, shown
from plandrift.experiments.sweeps.batch import Crash
from plandrift.experiments.sweeps.chunk_records import ChunkRecord, read_records, unverified
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.manifest import Manifest, texts
from plandrift.experiments.sweeps.parts import changed, chunks, damaged, kinds, part_name
from plandrift.experiments.sweeps.plain_values import column_of
from plandrift.experiments.sweeps.seeds import Seeds
from plandrift.sim import PlandriftError
from plandrift.worlds.logs.sql import one_file

if TYPE_CHECKING:
    import duckdb


SHOWN = 40
"""The most conditions that a notebook shows."""


class DamagedError(PlandriftError):
    """A sweep's file cannot be read; the message says which, what is lost, and how to repair it."""


class Results:
    """A sweep's folder, which can be read at any time, even while the sweep runs.

    Raises:
        PlandriftError: the folder does not exist, or it holds no sweep.
        DamagedError: its manifest cannot be read.
    """

    averaged: tuple[str, ...] = ()
    """The settings over which a table may average; see `plandrift.experiments.analysis.selection`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._verified: set[tuple[Path, int, int]] = set()
        path = folder / "manifest.json"
        try:
            self.manifest = Manifest.model_validate_json(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            raise PlandriftError(
                f"{folder}: no sweep in it: give the folder that `plandrift sweep --out` wrote"
            ) from None
        except OSError as error:
            raise PlandriftError(f"{path}: {error.strerror}: give a folder that can be read") from None
        except ValidationError:
            raise DamagedError(
                f"{path}: it is damaged, so the conditions of its rows are lost: `plandrift sweep` with "
                f"the spec and --out {folder} makes it again"
            ) from None

    def narrowed(self, conditions: Sequence[Condition], averaged: Sequence[str] = ()) -> Results:
        """Return the same folder restricted to these conditions."""
        found = copy(self)
        found.manifest = self.manifest.model_copy(update={"conditions": list(conditions)})
        found.averaged = (*self.averaged, *averaged)
        return found

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection with the views `episodes`, `conditions` and, if there are any, `steps`.

        `episodes` has one row per episode: `condition`, `world`, `policy`, the settings that vary by their
        dotted names, `seed`, and the metrics. The views live no longer than the connection.

        Raises:
            DamagedError: a part cannot be read, or is not as the sweep wrote it.
        """
        # Imported here: `plandrift data status` does not need it, and runs in less time than it takes to
        # load.
        import duckdb

        with duckdb.connect() as connection:
            try:
                self._open(connection)
                yield connection
            except duckdb.Error:
                # A part may be truncated anywhere, which shows only when its rows are read.
                self.refuse_damage()
                raise

    def _open(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._verify()
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

    def refuse_damage(self) -> None:
        """Read every part to its last byte.

        Raises:
            DamagedError: a part cannot be read, or is not as the sweep wrote it.
        """
        import duckdb

        files = [path for kind in kinds(self.manifest.steps) for path in self.parts(kind)]
        with duckdb.connect() as connection:
            broken = damaged(self.folder, files)
            if not broken:
                return
            lost = {path.name for path in broken}
            whole = [path for path in self.parts() if path.name not in lost]
            left = (
                connection.execute(f"select count(*) from {self._source(whole)}").fetchone()
                if whole
                else (0,)
            )
        first, why = next(iter(broken.items()))
        more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        assert left is not None
        raise DamagedError(
            f"{first}{more}: {why}: {self._lost(lost)}of at most {self.manifest.most} episodes {left[0]} are "
            "left; the same `plandrift sweep` runs the others again"
        )

    def _lost(self, names: set[str]) -> str:
        """Say how many episodes the parts with these names held, if that was recorded."""
        rows = [record.rows for number, record in self.records().items() if part_name(number) in names]
        return f"{sum(rows)} episodes are lost, " if len(rows) == len(names) else ""

    def _verify(self) -> None:
        """Check each part against its digest, once for as long as it does not change.

        Raises:
            DamagedError: a part is not as the sweep wrote it.
        """
        seen = {}
        for path in (path for kind in kinds(self.manifest.steps) for path in self.parts(kind)):
            state = path.stat()
            seen[path, state.st_size, state.st_mtime_ns] = path
        new = [path for state, path in seen.items() if state not in self._verified]
        if changed(self.folder, new):
            self.refuse_damage()
        self._verified.update(seen)

    def records(self) -> dict[int, ChunkRecord]:
        """Return the records of the complete chunks, by number."""
        records = read_records(self.folder)
        return {n: records[n] for n in chunks(self.folder, self.manifest.steps) if n in records}

    def unverified(self) -> int:
        """Return how many chunks are older than digests: nobody can tell whether they have changed."""
        return len(unverified(chunks(self.folder, self.manifest.steps), read_records(self.folder)))

    def versions(self, package: str = "plandrift") -> list[str]:
        """Return the versions that made the rows: more than one if versions were mixed."""
        made = {getattr(record, package) for record in self.records().values()}
        if self.unverified():
            made.add(self.manifest.versions.get(package, "?"))
        return sorted(made)

    def _view(self, connection: duckdb.DuckDBPyConnection, kind: str, wanted: Sequence[str]) -> None:
        names = ["world", "policy", *self.manifest.varies]
        given = ", ".join(f"c.{column(name)}" for name in names)
        files = self.parts(kind)
        if files:
            source = self._source(files)
            own = self._own_columns(connection, source, [*names, "condition", "seed"], wanted)
            connection.execute(
                f"create view {kind} as select p.condition, {given}, p.seed{own} "
                f"from {source} p join conditions c on p.condition = c.condition"
            )
        elif kind == "episodes":
            nothing = ", ".join(f"null::double as {name}" for name in wanted)
            connection.execute(
                f"create view {kind} as select c.condition, {given}, null::bigint as seed, {nothing} "
                "from conditions c where false"
            )

    @staticmethod
    def _source(files: Sequence[Path]) -> str:
        return f"read_parquet([{', '.join(one_file(path) for path in files)}], union_by_name = true)"

    def _own_columns(
        self, connection: duckdb.DuckDBPyConnection, source: str, known: Sequence[str], wanted: Sequence[str]
    ) -> str:
        held = [row[0] for row in connection.execute(f"describe select * from {source}").fetchall()]
        if wanted and not wanted[0].startswith("*"):
            # A folder may be older than a metric.
            return "".join(f", p.{n}" if n in held else f", 'nan'::double as {n}" for n in wanted)
        return "".join(f", p.{column(name)}" for name in held if name not in known)

    def parts(self, kind: str = "episodes") -> list[Path]:
        """Return the part files of the complete chunks, in order."""
        return [self.folder / kind / part_name(number) for number in chunks(self.folder, self.manifest.steps)]

    def done(self) -> dict[str, Seeds]:
        """Return the seeds that have been run, by condition id."""
        seeds = {one.id: Seeds() for one in self.manifest.conditions}
        with self.connect() as connection:
            for path in self.parts():
                rows = f"from read_parquet({one_file(path)})"
                runs = connection.execute(
                    f"select condition, min(seed), max(seed) + 1, count(*) {rows} group by all"
                ).fetchall()
                if any(stop - first != count for _, first, stop, count in runs):
                    runs = connection.execute(
                        "select condition, min(seed), max(seed) + 1 from (select condition, seed, seed - "
                        f"row_number() over (partition by condition order by seed) as run {rows}) "
                        "group by condition, run"
                    ).fetchall()
                for condition, first, stop, *_ in runs:
                    if condition in seeds:
                        seeds[condition].add(first, stop)
        return seeds

    def df(self, query: str = "select * from episodes order by condition, seed") -> Any:
        """Return the rows of a query as a data frame: pandas if it is installed, else polars.

        Args:
            query: SQL over `episodes` (the default: one row per episode), `conditions` and `steps`.

        Raises:
            PlandriftError: neither pandas nor polars is installed.
            DamagedError: a part cannot be read.
        """
        with self.connect() as connection:
            if find_spec("pandas"):
                return connection.sql(query).df()
            if find_spec("polars") and find_spec("pyarrow"):
                return connection.sql(query).pl()
        raise PlandriftError("df: neither pandas nor polars with pyarrow is installed: pip install pandas")

    def _repr_html_(self) -> str:
        """Return what a notebook shows: one row per condition, with 95 % intervals."""
        names = ["world"] * (len({one.world for one in self.manifest.conditions}) > 1)
        names += ["policy", *self.manifest.varies]
        given = ", ".join(column(name) for name in names)
        with self.connect() as connection:
            found = connection.execute(
                f"select {given}, count(*), list(plan_staleness order by seed), sum(success), "
                "sum(first_misfires) / nullif(sum(first_attempts), 0) from episodes "
                f"group by condition, {given} order by {given}"
            ).fetchall()
        rows = []
        for *values, n, staleness, succeeded, misfires in found[:SHOWN]:
            stale = mean_interval(staleness, bounds=(0.0, 1.0))
            success = share_interval(round(succeeded), n)
            cells = [*map(shown, values), str(n), interval_text(stale, 3), interval_text(success, 2)]
            rows.append([*cells, shown(misfires)])
        headings = [*names, "n", "plan_staleness", "success", "first_misfire_rate"]
        lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        more = f"<p>… and {len(found) - SHOWN} more conditions.</p>" if len(found) > SHOWN else ""
        return (
            f"<p><b>{escape(self.manifest.title or str(self.folder))}</b>: {len(found)} conditions, "
            "95 % intervals</p>"
            f"<table><tr>{''.join(f'<th>{escape(name)}</th>' for name in headings)}</tr>{lines}</table>{more}"
        )

    def failures(self) -> list[Crash]:
        """Return the episodes that raised an exception."""
        path = self.folder / "failures.jsonl"
        if not path.exists():
            return []
        crashes = []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                crash = Crash(**json.loads(line))
            except (ValueError, TypeError, RecursionError):
                continue  # the last line of a sweep that was killed while writing it
            if isinstance(crash.condition, str) and isinstance(crash.seed, int):
                crashes.append(crash)
        return crashes

    def progress(self) -> dict[str, Any]:
        """Return the progress that the sweep last recorded, as numbers; empty if missing or damaged."""
        try:
            found = json.loads((self.folder / "progress.json").read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        known = ("done", "total", "failed", "rate", "left")
        if not isinstance(found, dict) or not all(isinstance(found.get(n), int | float) for n in known):
            return {}
        return found


def column(name: str) -> str:
    """Return a column's name as written in SQL.

    >>> column('channel.latency')
    '"channel.latency"'
    """
    return '"' + name.replace('"', '""') + '"'
