"""Files that are written completely or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write to a temporary file beside a path, and rename it to the path if the ``with`` block succeeds.

    A path to something other than a file, such as a terminal or a pipe, is written to directly.

    Args:
        path: the path of the file.

    Raises:
        OSError: the temporary file cannot be renamed to it.

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
    # The suffix stays, because some writers choose the format by it.
    beside = target.with_name(f".half-{target.name}")
    try:
        yield beside
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
