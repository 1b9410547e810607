"""Opening and writing a sweep's folder: a part file is complete or absent, whatever kills the sweep."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from plandrift.experiments.sweeps.batch import Columns, Crash
from plandrift.experiments.sweeps.chunk_records import (
    ChunkRecord,
    Origin,
    add_record,
    digests_of,
    installed,
    read_records,
)
from plandrift.experiments.sweeps.manifest import Manifest, difference, extended, texts
from plandrift.experiments.sweeps.parts import kinds, next_number, part_name
from plandrift.experiments.sweeps.plain_values import column_of
from plandrift.experiments.sweeps.results import DamagedError, Results
from plandrift.experiments.sweeps.results_repair import repair_results
from plandrift.sim import PlandriftError, SettingError
from plandrift.worlds.logs.sql import quoted

BEGUN = (".lock", "manifest.json.tmp")
"""What a sweep that was stopped at its very start may have left."""


class ResultsWriter(Results):
    """A sweep's folder for writing; its creator holds the folder's lock (see `open_folder`).

    Incomplete chunks, left by a killed process or a user, are deleted, and unreadable parts are set aside,
    so that their episodes are run again.

    Attributes:
        repaired: one line per damage found.

    Raises:
        PlandriftError: the folder has rows that belong to no condition of its manifest.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        try:
            self.repaired = repair_results(folder, self.manifest)
        except OSError as error:
            raise unwritable(folder, error) from None

    def write(self, episodes: Columns, steps: Columns | None = None, origin: Origin | None = None) -> None:
        """Write a chunk: it is complete or absent, whatever kills the sweep.

        Each part is first written under another name. The chunk counts once all its parts have their names.
        `origin` is what made the rows, if not this process with the SimPy engine.

        Raises:
            PlandriftError: the chunk cannot be written; what was written before is kept.
        """
        import duckdb

        columns = {"episodes": episodes, "steps": steps or {"number": episodes["number"][:0]}}
        number = next_number(self.folder)
        name, origin = part_name(number), origin or Origin.here("simpy")
        paths = {kind: self.folder / kind / name for kind in kinds(self.manifest.steps)}
        made = []
        try:
            for kind, path in paths.items():
                path.parent.mkdir(exist_ok=True)
                made.append(path.with_suffix(".tmp"))
                self._copy(columns[kind], made[-1])
            digests = dict(zip(paths, digests_of(made), strict=True))
            rows, made_by = len(episodes["number"]), (origin.plandrift, origin.numpy, origin.engine)
            add_record(self.folder, ChunkRecord(number, rows, digests, *made_by))
            for path in paths.values():
                path.with_suffix(".tmp").rename(path)
        except (OSError, duckdb.Error) as error:
            with suppress(OSError):
                for left in [*made, *paths.values()]:
                    left.unlink(missing_ok=True)
            raise unwritable(self.folder, error) from None

    def _copy(self, columns: Columns, path: Path) -> None:
        import duckdb

        conditions = self.manifest.conditions
        number = columns["number"]
        rows: dict[str, Any] = {"condition": texts(one.id for one in conditions)[number]}
        rows["world"] = texts(one.world for one in conditions)[number]
        rows["policy"] = texts(one.policy for one in conditions)[number]
        for name in self.manifest.varies:
            rows[name] = column_of([one.value(name) for one in conditions])[number]
        rows |= {"seed": number} | {name: values for name, values in columns.items() if name != "number"}
        with duckdb.connect() as connection:
            connection.register("rows", rows)
            connection.execute(f"copy (select * from rows) to {quoted(path)} (format parquet)")
        with path.open("rb+") as file:
            os.fsync(file.fileno())

    def record(self, crashes: Iterable[Crash]) -> None:
        """Add crashes to the recorded failures."""
        lines = "".join(json.dumps(asdict(crash)) + "\n" for crash in crashes)
        if lines:
            try:
                with (self.folder / "failures.jsonl").open("a", encoding="utf-8") as file:
                    file.write(lines)
            except OSError as error:
                raise unwritable(self.folder, error) from None

    def forget_failures(self) -> None:
        """Forget the failures, so that their episodes are run again."""
        (self.folder / "failures.jsonl").unlink(missing_ok=True)

    def say(self, progress: dict[str, Any]) -> None:
        """Write the sweep's progress."""
        replace_text(self.folder / "progress.json", json.dumps(progress))


@contextmanager
def open_folder(
    folder: Path, manifest: Manifest, text: str, extend: bool, mixed_versions: bool = False
) -> Iterator[ResultsWriter]:
    """Open a sweep's folder, locked and with its manifest.

    Args:
        folder: the folder; it is created if it does not exist.
        manifest: what the sweep is for.
        text: the spec's text, kept beside the results.
        extend: allow the manifest to add conditions or seeds to the existing one.
        mixed_versions: allow rows from another version of plandrift.

    Raises:
        SettingError: the folder holds other things, or it was made for another spec or by another version.
        PlandriftError: another sweep is writing to it, or it cannot be written.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise SettingError(f"--out {folder}: that is a file: give a folder")
        folder.mkdir(parents=True, exist_ok=True)
        known = (folder / "manifest.json").exists() or (folder / "episodes").is_dir()
        if not known and any(p.name not in BEGUN for p in folder.iterdir()):
            raise SettingError(f"--out {folder}: it holds other files and no sweep: give an empty folder")
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise PlandriftError(
            f"--out {folder}: another sweep is writing to it: wait for it, or give another folder"
        ) from None
    except OSError as error:
        raise unwritable(folder, error) from None
    try:
        lost = []
        if known:
            try:
                manifest = _agreed(folder, manifest, extend)
                made_by = Results(folder).versions()
            except DamagedError:
                made_by = [record.plandrift for record in read_records(folder).values()]
                lost = [f"{folder / 'manifest.json'}: it was damaged, and was rebuilt from the spec"]
            if not mixed_versions:
                _refuse_other_versions(folder, made_by)
        replace_text(folder / "manifest.json", manifest.model_dump_json(indent=1))
        if text:
            replace_text(folder / "spec.toml", text)
        writer = ResultsWriter(folder)
        writer.repaired[:0] = lost
        yield writer
    finally:
        lock.release()


def _agreed(folder: Path, wanted: Manifest, extend: bool) -> Manifest:
    """Return the manifest to continue with.

    Raises:
        SettingError: the folder was made for another spec, and `extend` is not given.
    """
    if not (folder / "manifest.json").exists():
        raise DamagedError(f"{folder / 'manifest.json'}: it is missing")
    held = Results(folder).manifest
    if held.spec_hash == wanted.spec_hash:
        return held.beside(wanted)
    if extend:
        return extended(held, wanted).beside(held)
    try:
        extended(held, wanted)
        fix = "give --extend to add to it, or another --out"
    except SettingError:
        fix = "give another --out"
    raise SettingError(f"--out {folder}: it was made for another spec: {difference(held, wanted)}: {fix}")


def _refuse_other_versions(folder: Path, versions: Iterable[str]) -> None:
    here = installed("plandrift")
    others = sorted({*versions} - {here})
    if others:
        raise SettingError(
            f"--out {folder}: rows of plandrift {', '.join(others)} are in it, and this is {here}: give "
            "another --out, or `plandrift sweep --mixed-versions` to continue there"
        )


def replace_text(path: Path, text: str) -> None:
    """Write a file completely or not at all.

    Raises:
        PlandriftError: the file cannot be written.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise unwritable(path.parent, error) from None


def unwritable(folder: Path, error: Exception) -> PlandriftError:
    """Return the error for a folder that cannot be written to."""
    reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
    return PlandriftError(
        f"{folder}: {reason}: make room, or give another --out; what is written is kept, and the same "
        "command resumes from there"
    )
