"""What colleagues do to a tree of files: save, rename, delete and create them, and rename the module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from zlib import crc32

from plandrift.sim import EVENT, Change, Value

MODULE = "module.path"
"""The fluent that holds the path of the module that the agent renames."""
FOLDERS = ("app", "app/core", "app/legacy")

SAVES = 3.0
"""How many times a file is saved for each time that it is renamed or deleted."""
DELETED = 0.25
"""The share of deletions among renames and deletions."""
TOUCHED, CHANGED_BACK = 0.3, 0.2
"""The shares of saves that change nothing, and of saves that restore the previous content."""
WHOLE = 0.1
"""The share of saves that touch every region of the file, such as by a formatter or a rewrite."""
MODULE_MOVES = 0.25
"""How often others rename the module, as a multiple of the volatility."""


class Colleagues:
    """Colleagues working on a tree of files.

    Args:
        regions: for each file, the fluents of its content: one for the whole file, or one per region.
        importers: the files that import the module, under its old or its new name.
    """

    def __init__(self, regions: Mapping[str, list[str]], importers: frozenset[str]) -> None:
        self._regions, self._importers = regions, importers

    def weights(self, fluents: int) -> dict[str, float]:
        """Return the rate of each kind of event, chosen so that the fluents' mean rate is the volatility.

        A file with n fluents exists for a share h = (1 + s)/(1 + s + d) of the time, with s saves and d
        deletions per event of its path, since any event brings a deleted file back. Creation and deletion
        write all n fluents, a save writes one region, or all r of them with probability w, and a rename
        writes one: in total h(s(1 + w(r − 1)) + 1 + (2n − 1)d) writes per event of the path.

        Args:
            fluents: the total number of fluents.
        """
        there = (1 + SAVES) / (1 + SAVES + DELETED)
        weights = {MODULE: MODULE_MOVES}
        for name, regions in self._regions.items():
            own = len(regions) + (2 if name in self._importers else 1)
            saved = SAVES * (1 + WHOLE * (len(regions) - 1))
            moves = own / (there * (saved + 1 + (2 * own - 1) * DELETED))
            weights[f"{name}.path"], weights[f"{name}.content"] = moves, moves * SAVES
        scale = fluents / (fluents - 1 + MODULE_MOVES)
        return {fluent: weight * scale for fluent, weight in weights.items()}

    def changes(self, coming: Iterable[tuple[float, str, float]], path: dict[str, Value]) -> Iterator[Change]:
        """Yield the changes that the events make.

        Args:
            coming: the events as `arrivals` yields them: time, subject, and a mark in [0, 1).
            path: the first path of each file, None if it does not exist yet.
        """
        regions = [region for of_file in self._regions.values() for region in of_file]
        edit, before, newest = (dict.fromkeys(regions, 0) for _ in range(3))
        for time, fluent, mark in coming:
            name, _, kind = fluent.partition(".")
            if fluent == MODULE:
                yield time, EVENT, ("move", mark)
            elif path[name] is None:
                path[name] = paths_of(name)[0]
                for region in self._regions[name]:
                    edit[region] = before[region] = newest[region] = newest[region] + 1
                yield time, EVENT, ("write", self._file(name, path[name], edit))
            elif kind == "path" and mark < DELETED:
                path[name] = None
                yield time, EVENT, ("write", self._file(name, None, None))
            elif kind == "path":
                places = [place for place in paths_of(name) if place != path[name]]
                path[name] = places[int((mark - DELETED) / (1 - DELETED) * len(places))]
                yield time, f"{name}.path", path[name]
            else:
                saved = self._saved(name, mark)
                for region in saved:
                    if mark >= TOUCHED + CHANGED_BACK:
                        newest[region] += 1
                        edit[region], before[region] = newest[region], edit[region]
                    elif mark >= TOUCHED:
                        edit[region], before[region] = before[region], edit[region]
                yield time, EVENT, ("save", (name, tuple([(region, edit[region]) for region in saved])))

    def _saved(self, name: str, mark: float) -> list[str]:
        """Return the regions that a save touches; the mark is uniform within each kind of save."""
        regions = self._regions[name]
        ends = (0.0, TOUCHED, TOUCHED + CHANGED_BACK, 1.0)
        kind = sum(mark >= end for end in ends[1:])
        within = (mark - ends[kind]) / (ends[kind + 1] - ends[kind])
        if within < WHOLE or len(regions) == 1:
            return regions
        return [regions[min(int((within - WHOLE) / (1 - WHOLE) * len(regions)), len(regions) - 1)]]

    def _file(self, name: str, path: Value, edit: Mapping[str, int] | None) -> tuple[tuple[str, Value], ...]:
        """Return all writes when a file is created or, if `edit` is None, deleted."""
        written: list[tuple[str, Value]] = [(f"{name}.path", path)]
        written += [(r, None if edit is None else content_of(r, edit[r])) for r in self._regions[name]]
        if name in self._importers:
            written.append((f"{name}.outdated", path is not None))
        return tuple(written)


def paths_of(name: str) -> list[str]:
    """Return the paths that a file may have, its first path first."""
    return [f"{folder}/{name}.py" for folder in FOLDERS]


def content_of(region: str, edit: int) -> str:
    """Return the hash of a region, or of a whole file, as others left it after an edit."""
    return hash_of(f"{region.removesuffix('.content')} {edit}")


def hash_of(text: str) -> str:
    """Return a short hash."""
    return f"{crc32(text.encode()):08x}"
