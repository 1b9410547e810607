"""A question of the book: the suite that asks it, the figures that answer it, and the expected answers."""

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
        suite: the name of its file, without the suffix.
        figures: the figures that answer it, each with a short caption.
        claims: the expected answers.
        steps: whether the sweep keeps steps.
        quick: seeds per condition in the quick form.
    """

    suite: str
    figures: Sequence[tuple[str, Draw]]
    claims: Sequence[Claim | Check]
    steps: bool = False
    quick: int = 40
