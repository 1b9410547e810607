"""A question of the book: the suite that asks it, the figures that answer it, what is expected of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.claims import Check, Claim
from plandrift.experiments.sweeps.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[[Results], "Figure"]


@dataclass(frozen=True)
class Question:
    """One suite of `experiments/book/suites`.

    Attributes:
        suite: its file's name without the ending.
        figures: that answer it, each with a few words.
        claims: what is expected of it.
        steps: whether its steps are kept.
        quick: seeds a condition in the quick form.
    """

    suite: str
    figures: Sequence[tuple[str, Draw]]
    claims: Sequence[Claim | Check]
    steps: bool = False
    quick: int = 40
