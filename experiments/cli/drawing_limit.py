"""The limit that --patience sets on drawing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from plandrift.experiments.sweeps.wall_clock_limit import (
    WallClockLimitError,
    wall_clock_limit,
    wall_clock_limit_seconds,
)
from plandrift.sim import PlandriftError


@contextmanager
def drawing_limit(option: str) -> Iterator[float]:
    """Stop the drawing in the ``with`` block when it takes longer than this limit, given in seconds.

    Raises:
        PlandriftError: it took longer.
    """
    seconds = wall_clock_limit_seconds()
    try:
        with wall_clock_limit():
            yield seconds
    except WallClockLimitError:
        raise PlandriftError(
            f"{option}: drawing took longer than {seconds:g} s: give a shorter --horizon, or "
            "a longer --patience"
        ) from None
