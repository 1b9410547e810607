"""The sampling mode: when the channel takes news of the world."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol


class Sampled(Protocol):
    """The channel as a sampling mode sees it."""

    @property
    def poll_every(self) -> float:
        """The interval between snapshots, as set."""
        ...

    def repeat(self, interval: float, take: Callable[[], None]) -> None:
        """Call `take` at this interval from now on."""
        ...

    def snapshot(self, by: str) -> None:
        """Send everything that can be seen, as it is now."""
        ...


class SamplingMode:
    """When news is taken. A subclass says what it does at the start, at each change and with each answer.

    Attributes:
        word: its word in the setting, which is also the `by` of its messages.
        meaning: a description in a few words.
        pushes: whether each change of the world is sent.
        tells_by_silence: whether hearing nothing means that nothing has changed, if no message is lost.
    """

    word: ClassVar[str]
    meaning: ClassVar[str]
    pushes: ClassVar[bool] = False
    tells_by_silence: ClassVar[bool] = False

    def begin(self, channel: Sampled) -> None:
        """Act on the start of the episode."""

    def answered(self, channel: Sampled) -> None:
        """Act on the arrival of an answer to one of the agent's calls."""
