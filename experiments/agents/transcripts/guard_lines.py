"""The log of a guard in front of a live agent: lines of operations, with the verdict of every policy on each.

A write has a line when the guard is asked, and another when it is answered, which holds only what has become
known by then. A line that was cut short, by a full disk or a kill, is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from plandrift.experiments.agents.transcripts.operation import COLUMNS, Operation
from plandrift.sim import PlandriftError

KEYS = ("session", "call", "fluent")
"""What the lines of one row have in common."""
AS_MEANT = "as meant"
"""The window of a write whose result was there."""
_DEFAULTS = {f.name: f.default for f in fields(Operation) if f.default is not MISSING}
_NEEDED = [f.name for f in fields(Operation) if f.default is MISSING]
_KINDS: dict[str, tuple[type, ...]] = {
    "float": (float, int),
    "int": (int,),
    "bool": (bool,),
    "Mapping[str,": (dict,),
}


@dataclass(frozen=True, slots=True)
class Logged:
    """A row of the log.

    Attributes:
        operation: the operation.
        verdicts: for a write, each policy's verdict: a kind of `Verdict`, or ``refused`` for an if-match that
            does not hold.
        basis: what the write depends on: ``known``, ``new`` (it creates), or why that is not known:
            ``unseen``, ``part``, ``compacted``, ``lost`` (the answer to an own write did not come) or ``no
            look``.
        did: what the guard did: ``let``, ``refused``, ``handed back`` or ``asked`` (the person).
        mode: the guard's mode.
        window: how the write's result differs from what was meant: `AS_MEANT`, ``space`` (in white space
            only), ``text``, or empty if the guard could not look.
        seconds: how long the host waited for the verdict.
    """

    operation: Operation
    verdicts: Mapping[str, str] = field(default_factory=dict)
    basis: str = ""
    did: str = ""
    mode: str = ""
    window: str = ""
    seconds: float | None = None


_BESIDES = tuple(f.name for f in fields(Logged) if f.name != "operation")
_TYPES = {f.name: str(f.type) for f in (*fields(Operation), *fields(Logged))}


def first_line(row: Logged) -> str:
    """Return the line of a row when it is new."""
    op = row.operation
    held = {name: value for name in COLUMNS if (value := getattr(op, name)) != _DEFAULTS.get(name, MISSING)}
    return _line(held | {name: value for name in _BESIDES if (value := getattr(row, name))})


def later_line(op: Operation, before: Operation, window: str = "") -> str:
    """Return the line with what has become known about a row since its first line."""
    changed = {name: value for name in COLUMNS if (value := getattr(op, name)) != getattr(before, name)}
    besides = {"window": window} if window else {}
    return _line({name: getattr(op, name) for name in KEYS} | changed | besides)


def _line(held: Mapping[str, Any]) -> str:
    return json.dumps(held, separators=(",", ":"), ensure_ascii=False) + "\n"


def parts(path: Path) -> list[Path]:
    """Return the files of a log, the oldest first: when one is full, the log continues in a new file."""
    older = [p for p in path.parent.glob(f"{path.name}.*") if p.name[len(path.name) + 1 :].isdigit()]
    return [*sorted(older, key=lambda p: int(p.suffix[1:]), reverse=True), path]


def logged(path: Path) -> Iterator[Logged]:
    """Yield the rows of a log, in the order in which they were asked about.

    Raises:
        PlandriftError: the file does not exist or cannot be read.
    """
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for part in parts(path):
        if part.exists() and not part.is_file():
            raise PlandriftError(f"{part}: it is not a file: give the log that guard.toml names")
        try:
            with part.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    _take(line, rows)
        except OSError as error:
            raise PlandriftError(f"{part}: {error.strerror}: give the log that guard.toml names") from None
    for row in rows.values():
        if all(name in row for name in _NEEDED):
            op = Operation(**{name: row[name] for name in COLUMNS if name in row})
            yield Logged(op, **{name: row[name] for name in _BESIDES if name in row})


def _take(line: str, rows: dict[tuple[str, ...], dict[str, Any]]) -> None:
    try:
        held = json.loads(line)
    except (ValueError, RecursionError):
        return
    if isinstance(held, dict) and all(_fits(name, value) for name, value in held.items()):
        rows.setdefault(tuple(held.get(name, "") for name in KEYS), {}).update(held)


def _fits(name: str, value: object) -> bool:
    """Say whether a value is of its column's type; columns of a later version are left out anyway."""
    kind = _TYPES.get(name, "")
    if not kind or (value is None and "None" in kind):
        return True
    return isinstance(value, _KINDS.get(kind.partition(" ")[0], (str,)))
