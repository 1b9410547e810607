"""What a query may cost: time on the clock, and memory."""

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
"""Gigabytes that a query and its answer may take, half of it for what DuckDB keeps."""
GRACE = 2.0
"""Seconds that DuckDB has to heed an interruption; within one function, such as `repeat`, it never does."""


@contextmanager
def limited(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Stop the queries of the ``with`` where they take too long or too much.

    A query that heeds no interruption ends with the process, by exit code 2, as nothing else ends it.

    Args:
        connection: one whose configuration is not locked yet, for `memory_limit`; nothing is spilt to disk.
        seconds: on the clock.

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
    """Let this process take so much more, as DuckDB's own limit does not count what its functions make.

    Only Linux says what a process has, and holds it to what it may have.
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
