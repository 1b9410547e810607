"""The indexes of the bits of a mask."""

from __future__ import annotations


def bits(mask: int) -> list[int]:
    """Return the indexes of the bits that are set, in order."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
