"""The limit of --patience, for what is drawn."""

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
    """Stop the drawing of the ``with`` when it takes longer than the limit, whose seconds are given.

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
