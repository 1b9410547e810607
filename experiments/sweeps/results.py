"""The folder of a sweep: what it asked for, what has been run, and how to read it at any time.

spec.toml               as it was given
manifest.json           versions, every condition with all its settings, seeds, hash
episodes/part-*.parquet a row an episode: condition, the settings that vary, seed, metrics
steps/part-*.parquet    a row a step fired, where asked for
parts.jsonl             a line a chunk: digests of its parts, and which versions and engine made it
failures.jsonl          the episodes that raised, with their tracebacks
progress.json           how far it is, for `plandrift data status`
damaged/                parts that could not be read, set aside by the sweep that ran their episodes again
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
"""So many conditions a notebook shows."""


class DamagedError(PlandriftError):
    """A file of a sweep's folder cannot be read; the line says which, what is lost, and what mends it."""


class Results:
    """A sweep's folder, to read at any time, while it runs too.

    Raises:
        PlandriftError: there is no folder, or no sweep in it.
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
                f"{path}: it is damaged: what its rows are of is lost: `plandrift sweep` with the spec and "
                f"--out {folder} makes it again"
            ) from None

    def narrowed(self, conditions: Sequence[Condition], averaged: Sequence[str] = ()) -> Results:
        """The same folder, of which only these conditions are looked at."""
        found = copy(self)
        found.manifest = self.manifest.model_copy(update={"conditions": list(conditions)})
        found.averaged = (*self.averaged, *averaged)
        return found

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with the views `episodes`, `conditions`, and `steps` where there are any.

        `episodes` has a row an episode: `condition`, `world`, `policy`, the settings that vary by
        their dotted names, `seed`, the metrics. No view outlives the connection.

        Raises:
            DamagedError: a part is not what the sweep wrote, or cannot be read.
        """
        # `plandrift data status` does without it, and it takes longer to load than that takes to run.
        import duckdb

        with duckdb.connect() as connection:
            try:
                self._open(connection)
                yield connection
            except duckdb.Error:
                # A part may break off anywhere, and that shows when its rows are asked for.
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
            DamagedError: one is not what the sweep wrote, or cannot be read.
        """
        import duckdb

        files = [path for kind in kinds(self.manifest.steps) for path in self.parts(kind)]
        with duckdb.connect() as connection:
            broken = damaged(connection, self.folder, files)
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
        """How many episodes the parts of these names had, where that was noted."""
        rows = [record.rows for number, record in self.records().items() if part_name(number) in names]
        return f"{sum(rows)} episodes are lost, " if len(rows) == len(names) else ""

    def _verify(self) -> None:
        """Hold each part to its digest, once as long as it does not change.

        Raises:
            DamagedError: one is not what the sweep wrote.
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
        """What was noted of the chunks that are whole, by their numbers."""
        records = read_records(self.folder)
        return {n: records[n] for n in chunks(self.folder, self.manifest.steps) if n in records}

    def unverified(self) -> int:
        """How many chunks are older than digests, so that nobody can tell whether they have changed."""
        return len(unverified(chunks(self.folder, self.manifest.steps), read_records(self.folder)))

    def versions(self, package: str = "plandrift") -> list[str]:
        """The versions that made the rows: more than one where versions were mixed."""
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
        """The part files of the chunks that are whole, in order."""
        return [self.folder / kind / part_name(number) for number in chunks(self.folder, self.manifest.steps)]

    def done(self) -> dict[str, Seeds]:
        """The seeds that have been run, of each condition by its id."""
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
        """The rows of a query as a data frame: of pandas where that is installed, else of polars.

        Args:
            query: SQL over `episodes` (a row an episode, if nothing is given), `conditions` and `steps`.

        Raises:
            PlandriftError: neither is installed.
            DamagedError: a part cannot be read.
        """
        with self.connect() as connection:
            if find_spec("pandas"):
                return connection.sql(query).df()
            if find_spec("polars") and find_spec("pyarrow"):
                return connection.sql(query).pl()
        raise PlandriftError("df: there is no pandas, and no polars with pyarrow: pip install pandas")

    def _repr_html_(self) -> str:
        """What a notebook shows: a row a condition, with 95 % intervals."""
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
        """The episodes that raised."""
        path = self.folder / "failures.jsonl"
        if not path.exists():
            return []
        crashes = []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                crash = Crash(**json.loads(line))
            except (ValueError, TypeError, RecursionError):
                continue  # the last line of a sweep that was killed while it wrote
            if isinstance(crash.condition, str) and isinstance(crash.seed, int):
                crashes.append(crash)
        return crashes

    def progress(self) -> dict[str, Any]:
        """What the sweep last said of itself, as numbers; empty if it said nothing, or nothing whole."""
        try:
            found = json.loads((self.folder / "progress.json").read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        known = ("done", "total", "failed", "rate", "left")
        if not isinstance(found, dict) or not all(isinstance(found.get(n), int | float) for n in known):
            return {}
        return found


def column(name: str) -> str:
    """A column's name as SQL writes it.

    >>> column('channel.latency')
    '"channel.latency"'
    """
    return '"' + name.replace('"', '""') + '"'
