"""Limits on a query: time and memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from plandrift.sim import PlandriftError

if TYPE_CHECKING:
    import duckdb

MEMORY = 2
"""Gigabytes that a query and its answer may take; half of that is DuckDB's own limit."""
GRACE = 2.0
"""Seconds that DuckDB has to react to an interruption; in one function, such as `repeat`, it never does."""


@contextmanager
def limited(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Stop the queries in the ``with`` block if they take too much time or memory.

    If a query does not react to an interruption, the process exits with code 2: nothing else would end it.

    Args:
        connection: its configuration must not be locked yet, so that `memory_limit` can be set; nothing is
            spilled to disk.
        seconds: the limit, in real time.

    Raises:
        PlandriftError: they did.
    """
    import duckdb

    connection.execute(f"set memory_limit = '{MEMORY / 2}GB'")
    connection.execute("set temp_directory = ''")
    slow = f"sql: it took longer than {seconds:g} s: ask for less, or give a longer --patience"
    ended = threading.Event()
    stopped = threading.Event()

    def watch() -> None:
        if not ended.wait(seconds):
            stopped.set()
            connection.interrupt()
            if not ended.wait(GRACE):
                os.write(2, f"plandrift: {slow}\n".encode())
                os._exit(2)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        with _address_space(MEMORY):
            yield
    except duckdb.InterruptException:
        if not stopped.is_set():
            raise
        raise PlandriftError(slow) from None
    except (MemoryError, duckdb.OutOfMemoryException):
        raise PlandriftError(
            f"sql: it needs more than {MEMORY} GB of memory: ask for fewer rows or shorter values"
        ) from None
    finally:
        ended.set()
        watcher.join()


@contextmanager
def _address_space(gigabytes: int) -> Iterator[None]:
    """Limit the memory that this process may add: DuckDB's limit does not count what its functions allocate.

    It works on Linux only, which alone reports what a process uses and enforces such a limit.
    """
    held = Path("/proc/self/statm")
    if not held.exists():
        yield
        return
    import resource

    pages = int(held.read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * resource.getpagesize() + gigabytes * 10**9
    before = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([most, *before]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
