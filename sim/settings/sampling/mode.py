"""What a sampling mode is: when the channel takes news of the world."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol


class Sampled(Protocol):
    """The channel at work, as a mode sees it."""

    @property
    def poll_every(self) -> float:
        """The interval of snapshots, as it is set."""
        ...

    def repeat(self, interval: float, take: Callable[[], None]) -> None:
        """Call `take` after each interval, from now on."""
        ...

    def snapshot(self, by: str) -> None:
        """Send all that can be seen, as it is now."""
        ...


class SamplingMode:
    """When news is taken. A mode of its own says what it does at the begin, at each change, with each answer.

    Attributes:
        word: what the setting calls it, and messages that it sends say that they came by it.
        meaning: in a few words.
        pushes: whether each change of the world is sent.
        tells_by_silence: whether what is not heard of has not changed, where nothing is lost.
    """

    word: ClassVar[str]
    meaning: ClassVar[str]
    pushes: ClassVar[bool] = False
    tells_by_silence: ClassVar[bool] = False

    def begin(self, channel: Sampled) -> None:
        """The episode begins."""

    def answered(self, channel: Sampled) -> None:
        """An answer has come to a call of the agent's."""
