"""The changes that a trace shows, as a change log for `survival` and the world `recorded`.

Each turn of an agent is a change set, with its session as the author. A change that a trace only reveals
later, by a read or by the content before a write, has no named author and is dated to the time by which it
had happened. The log gives the fluent's hash after each change.
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from plandrift.experiments.agents.audit.ledger import AuditLedger
from plandrift.sim import PlandriftError
from plandrift.worlds.logs.change_log import COLUMNS
from plandrift.worlds.logs.safe_csv import safe_rows
from plandrift.worlds.logs.sql import quoted

_FORMATS = {".parquet": "format parquet", ".csv": "format csv, header", ".jsonl": "format json"}


def write_change_log(ledger: AuditLedger, out: Path) -> int:
    """Write the changes of a trace, and return their number.

    Args:
        ledger: the trace.
        out: a file name that ends in .parquet, .csv or .jsonl.

    Raises:
        PlandriftError: the file cannot be written, or the trace shows no change.
    """
    import duckdb

    if out.suffix not in _FORMATS:
        raise PlandriftError(f"--log {out}: end its name in {', '.join(_FORMATS)}")
    if not out.parent.is_dir():
        raise PlandriftError(f"--log {out}: there is no folder {out.parent}: make it first")
    rows = changes_of(ledger)
    if not rows:
        raise PlandriftError(f"--log {out}: the trace shows no change: there is nothing to write")
    with tempfile.TemporaryDirectory(prefix="plandrift-") as folder:
        held = Path(folder) / "rows.csv"
        with held.open("w", newline="", encoding="utf-8", errors="replace") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
        try:
            with duckdb.connect(config={"threads": 1}) as connection:
                found = f"from read_csv({quoted(held)}, header = true, all_varchar = true, parallel = false)"
                if out.suffix == ".csv":
                    found = safe_rows(connection, found)
                connection.execute(f"copy ({found}) to {quoted(out)} ({_FORMATS[out.suffix]})")
        except (duckdb.Error, OSError) as error:
            raise PlandriftError(f"--log {out}: {str(error).splitlines()[0]}") from None
    return len(rows)


def changes_of(ledger: AuditLedger) -> list[tuple[float, str, str, str, str]]:
    """Return time, fluent, hash, change set and author of each change, in order of time."""
    rows: list[tuple[float, str, str, str, str]] = []
    for write in ledger.writes:
        op = write.operation
        if op.ok:
            at = op.answered if op.answered is not None else op.called
            hand = f"{op.session} {op.agent}".strip()
            rows.append((at, op.fluent, op.after or f"after {op.call}", f"{hand} {op.turn}", hand))
    for number, (at, fluent, hash, _) in enumerate(ledger.changes):
        rows.append((at, fluent, hash, f"seen {number}", "nobody named"))
    return sorted(rows)
