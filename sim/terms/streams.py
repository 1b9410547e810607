"""Named random streams, derived from the episode's seed by purpose and never by order of use."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np


class Streams:
    """The random streams of one episode.

    A stream depends only on the seed and its purpose. For one seed every policy therefore meets the same
    exogenous events, and a part that draws more numbers disturbs no other (common random numbers).

    >>> Streams(7)["exogenous"].random() == Streams(7)["exogenous"].random()
    True
    """

    __slots__ = ("_open", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._open: dict[str, np.random.Generator] = {}

    def __getitem__(self, purpose: str) -> np.random.Generator:
        """Return the stream for this purpose; it is opened at the first request and continues from there."""
        stream = self._open.get(purpose)
        if stream is None:
            # Imported with the first stream: it takes longer to load than the whole engine.
            import numpy as np

            key = np.random.SeedSequence(self.seed, spawn_key=(crc32(purpose.encode()),))
            stream = self._open[purpose] = np.random.Generator(np.random.PCG64(key))
        return stream
