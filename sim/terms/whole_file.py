"""A file that is written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write to a temporary file beside a path, and rename it to the path if the ``with`` block succeeds.

    What is there and is no file, such as a terminal or a pipe, is written to as it is.

    Args:
        path: a file's.

    Raises:
        OSError: it cannot take its name.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = Path(folder) / "page.html"
    ...     with whole_file(page) as beside:
    ...         written = beside.write_text("whole")
    ...     page.read_text(), len(list(Path(folder).iterdir()))
    ('whole', 1)
    """
    if path.exists() and not path.is_file():
        yield path
        return
    target = path.resolve()
    # Its ending stays: some writers go by it.
    beside = target.with_name(f".half-{target.name}")
    try:
        yield beside
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
