"""The turns of a session: what an agent did and what its thinking cost, which is enough to replay it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from plandrift.sim.session.pace import TURNS
from plandrift.sim.terms.calls import Call, frozen
from plandrift.sim.terms.errors import PlandriftError
from plandrift.sim.terms.whole_file import whole_file
from plandrift.sim.trace.events import plain


class Turn(NamedTuple):
    """One turn of an agent.

    Attributes:
        kind: one of `plandrift.sim.session.pace.TURNS`.
        given: the arguments that it gave, in JSON form.
        cost: the cost of its thinking, in units of the world's time.

    >>> Turn("wait", {"time": 2.0}, cost=0.5).kind
    'wait'
    """

    kind: str
    given: Mapping[str, Any]
    cost: float


def call_row(call: Call) -> dict[str, Any]:
    """Return a call in the form that a turn holds, with its arguments in order."""
    return {"action": call.action, "args": [[name, plain(value)] for name, value in call.args]}


def call_of(row: Mapping[str, Any]) -> Call:
    """Return the call that a turn holds."""
    return Call(row["action"], tuple([(name, frozen(value)) for name, value in row["args"]]))


def write_turns(turns: Iterable[Turn], path: Path, made: Mapping[str, Any]) -> None:
    """Write a session's record as JSON lines; the first line says how the session was set up.

    Raises:
        PlandriftError: the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_turns([Turn("done", {}, 0.0)], Path(folder) / "record.jsonl", {"seed": 7})
    ...     read_turns(Path(folder) / "record.jsonl")
    ({'seed': 7}, (Turn(kind='done', given={}, cost=0.0),))
    """
    lines = [{"session": dict(made)}, *({"turn": t.kind, "given": t.given, "cost": t.cost} for t in turns)]
    try:
        with whole_file(path) as beside:
            beside.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise PlandriftError(f"{path}: {error.strerror}: give a path that can be written") from None


def read_turns(path: Path) -> tuple[dict[str, Any], tuple[Turn, ...]]:
    """Read the setup and the turns of a session from a file that `write_turns` wrote.

    Raises:
        PlandriftError: the file cannot be read, or is not such a file.

    >>> read_turns(Path("none.jsonl"))
    Traceback (most recent call last):
    plandrift.sim.terms.errors.PlandriftError: none.jsonl: No such file or directory: give a session's record
    """
    try:
        head, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        made: dict[str, Any] = head["session"]
        turns = tuple(Turn(line["turn"], line["given"], float(line["cost"])) for line in lines)
    except OSError as error:
        raise PlandriftError(f"{path}: {error.strerror}: give a session's record") from None
    except (ValueError, KeyError, TypeError):
        raise PlandriftError(f"{path} is not a session record: give one that plandrift wrote") from None
    for turn in turns:
        if turn.kind not in TURNS:
            raise PlandriftError(f"{path}: {turn.kind!r} is not a turn: give a record that plandrift wrote")
    return made, turns
