"""Repair of a sweep's folder before the sweep resumes: incomplete or damaged parts are run again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plandrift.experiments.sweeps.chunk_records import read_records, unverified
from plandrift.experiments.sweeps.manifest import Manifest, texts
from plandrift.experiments.sweeps.parts import (
    FOREIGN,
    KINDS,
    chunks,
    damaged,
    halves,
    kinds,
    part_name,
    strays,
)
from plandrift.sim import PlandriftError
from plandrift.worlds.logs.sql import one_file

if TYPE_CHECKING:
    import duckdb

ASIDE = "damaged"
"""The folder to which damaged parts are moved."""


def repair_results(folder: Path, manifest: Manifest) -> list[str]:
    """Leave only complete chunks in a sweep's folder, and each row only once.

    Parts whose counterpart is missing are deleted, because their rows are made again. Damaged parts are
    moved aside. The caller holds the folder's lock.

    Returns:
        One line for each damaged part, and for each file among the parts that is not a part.

    Raises:
        PlandriftError: the folder has rows of another spec.
    """
    import duckdb

    for kind in KINDS:
        for left in (folder / kind).glob("part-*.tmp"):
            left.unlink()
    said = [f"{path}: it does not belong to the sweep, and is ignored" for path in strays(folder)]
    with duckdb.connect() as connection:
        files = [
            folder / kind / part_name(number)
            for kind in kinds(manifest.steps)
            for number in chunks(folder, manifest.steps)
        ]
        for path, why in damaged(folder, files).items():
            again = "" if why == FOREIGN else ", its episodes are run again"
            said.append(f"{path}: {why}: moved to {ASIDE}/{again}")
            _set_aside(folder, path)
        said += _gone(folder, manifest.steps)
        # Parts whose digest matches are as the sweep wrote them.
        old = unverified(chunks(folder, manifest.steps), read_records(folder))
        _refuse_foreign(connection, folder, manifest)
        for number, why in _untrue(connection, folder, manifest.steps, old).items():
            for kind in kinds(manifest.steps):
                _set_aside(folder, folder / kind / part_name(number))
            path = folder / "episodes" / part_name(number)
            said.append(f"{path}: {why}: moved to {ASIDE}/, its episodes are run again")
    return said


def _gone(folder: Path, steps: bool) -> list[str]:
    """Delete the parts of incomplete chunks."""
    said = []
    for path in halves(folder, steps):
        path.unlink()
        if path.parent.name == "episodes":
            # A killed process leaves steps without episodes, which loses nothing.
            other = folder / "steps" / path.name
            if not (folder / ASIDE / f"steps-{path.name}").exists():
                said.append(f"{other}: it is gone: the episodes of {path.name} are run again")
    return said


def _set_aside(folder: Path, path: Path) -> None:
    (folder / ASIDE).mkdir(exist_ok=True)
    place = folder / ASIDE / f"{path.parent.name}-{path.name}"
    count = 1
    while place.exists():
        count += 1
        place = place.with_name(f"{path.parent.name}-{path.stem}-{count}{path.suffix}")
    path.rename(place)


def _refuse_foreign(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest) -> None:
    """Refuse rows that the manifest does not ask for, because a rebuilt manifest may not match them."""
    most = manifest.until.at_most if manifest.until is not None else manifest.seeds
    connection.register("known", {"condition": texts(one.id for one in manifest.conditions)})
    for number in chunks(folder, manifest.steps):
        path = folder / "episodes" / part_name(number)
        found = connection.execute(
            f"select condition, seed from {one_file(path)} p where seed >= {most} or not exists "
            "(select 1 from known k where k.condition = p.condition) limit 1"
        ).fetchone()
        if found is not None:
            raise PlandriftError(
                f"{path}: it has rows from another spec (condition {found[0]}, seed {found[1]}): give "
                "the spec that the folder was made for, or another --out"
            )


def _untrue(
    connection: duckdb.DuckDBPyConnection, folder: Path, steps: bool, numbers: Sequence[int]
) -> dict[int, str]:
    """Return those chunks with episodes that an earlier chunk has, or with steps of other episodes."""
    seen: dict[int, str] = {}
    connection.execute("create or replace temp table held (condition varchar, seed bigint)")
    for number in numbers:
        episodes = one_file(folder / "episodes" / part_name(number))
        if _any(connection, f"from {episodes} join held using (condition, seed)"):
            seen[number] = "an earlier part already has some of its episodes"
        elif steps and _any(
            connection,
            f"from {one_file(folder / 'steps' / part_name(number))} "
            f"anti join {episodes} using (condition, seed)",
        ):
            seen[number] = "the steps with its number belong to other episodes"
        else:
            connection.execute(f"insert into held select condition, seed from {episodes}")
    return seen


def _any(connection: duckdb.DuckDBPyConnection, source: str) -> bool:
    return connection.execute(f"select 1 {source} limit 1").fetchone() is not None
