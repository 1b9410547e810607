"""Named random streams, split from the episode's seed by purpose and never by order of use."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np


class Streams:
    """The random streams of one episode.

    A stream depends on the seed and its purpose alone. So every policy meets the same exogenous
    events on one seed, and a part that draws more disturbs no other (common random numbers).

    >>> Streams(7)["exogenous"].random() == Streams(7)["exogenous"].random()
    True
    """

    __slots__ = ("_open", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._open: dict[str, np.random.Generator] = {}

    def __getitem__(self, purpose: str) -> np.random.Generator:
        """The stream of this purpose, opened when first asked for and going on from there after."""
        stream = self._open.get(purpose)
        if stream is None:
            # Loaded with the first stream: it takes longer to load than all of the engine.
            import numpy as np

            key = np.random.SeedSequence(self.seed, spawn_key=(crc32(purpose.encode()),))
            stream = self._open[purpose] = np.random.Generator(np.random.PCG64(key))
        return stream
