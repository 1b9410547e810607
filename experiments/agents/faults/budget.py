"""The budget of a search for faults: how much may still be played, and why it ended early."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from plandrift.experiments.agents.faults.history import History
from plandrift.experiments.agents.faults.player import Player
from plandrift.sim import Episode, PlandriftError

INTERRUPTED = "it was interrupted"
"""Why a search ended early if somebody stopped it."""


class BudgetSpentError(PlandriftError):
    """The budget does not allow another episode."""


@dataclass
class Budget:
    """What a search may play; without limits it only counts.

    Attributes:
        episodes: the most episodes; None for any number.
        seconds: the seconds after which no more begins; None for any time.
        watch: a clock in seconds.
        played: the episodes played.
        ended: why the search ended early; empty if it did not.
    """

    episodes: int | None = None
    seconds: float | None = None
    watch: Callable[[], float] = time.monotonic
    played: int = 0
    ended: str = ""

    def __post_init__(self) -> None:
        self._began = self.watch()

    @property
    def limited(self) -> bool:
        """Say whether anything is limited."""
        return self.episodes is not None or self.seconds is not None

    def counting(self, player: Player, tell: Callable[[int], None]) -> Player:
        """Return a player that counts and reports its episodes, and stops when the budget is spent.

        Raises:
            BudgetSpentError: raised by the player, for an episode beyond the budget.
        """

        def play(history: History) -> Episode:
            if not self.ended and self.episodes is not None and self.played >= self.episodes:
                self.ended = f"{self.episodes} episodes were played"
            if not self.ended and self.seconds is not None and self.watch() - self._began >= self.seconds:
                self.ended = f"{self.seconds:g} seconds had passed"
            if self.ended:
                raise BudgetSpentError(self.ended)
            self.played += 1
            try:
                episode = player(history)
            except KeyboardInterrupt:
                # What has been found so far is worth keeping: with a real agent it took a long time.
                self.ended = INTERRUPTED
                raise BudgetSpentError(self.ended) from None
            tell(self.played)
            return episode

        return play
