"""What a kind of figure is, and what its drawing asks of a sweep first."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.selection import caption, seeds_words, setting_words
from plandrift.experiments.sweeps.plain_values import value_text
from plandrift.experiments.sweeps.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


PART = "part"
"""The column of a panel's label, where panels are made of what varies besides."""


@dataclass(frozen=True)
class FigureKind:
    """A kind of figure that a sweep's folder can be drawn as; call it with the results.

    Attributes:
        name: on the command line.
        draw: takes the results, and options that have defaults.
        heading: over it in a report; empty if no report has it.
        fits: whether a report of these results has it.
    """

    name: str
    draw: Callable[..., Figure]
    heading: str
    fits: Callable[[Results], bool]

    def __call__(self, results: Results, *args: str, **options: str) -> Figure:
        """Draw it."""
        return self.draw(results, *args, **options)

    @property
    def about(self) -> str:
        """What it shows, in a line."""
        return (inspect.getdoc(self.draw) or "").partition("\n")[0]

    @property
    def options(self) -> list[str]:
        """What can be chosen of it."""
        return list(inspect.signature(self.draw).parameters)[1:]


def figure_kind(
    name: str, heading: str = "", fits: Callable[[Results], bool] = lambda _: True
) -> Callable[[Callable[..., Figure]], FigureKind]:
    """Make a kind of figure of a function that draws one; see `FigureKind`."""
    return lambda draw: FigureKind(name, draw, heading, fits)


def scored(results: Results) -> bool:
    """Whether effectiveness is what the sweep is about."""
    return any(one.world == "tileworld" for one in results.manifest.conditions)


def several_policies(results: Results) -> bool:
    """Whether there are policies to compare."""
    return len(results.manifest.policies) > 1


def note(results: Results, by: Sequence[str] = (), more: str = "") -> str:
    """What was run, in small letters: the world, how often, what is fixed, what is averaged or left out.

    Args:
        results: a sweep's folder.
        by: what it is drawn by.
        more: what is to be said besides; may be empty.
    """
    manifest = results.manifest
    worlds = ", ".join(dict.fromkeys(one.world for one in manifest.conditions))
    size = seeds_words(results)
    said = [f"world {worlds}, {size} on common random numbers, 95 % intervals", *caption(results, by)]
    fixed = fixed_settings(results)
    return "; ".join([*said, *([f"fixed: {fixed}"] if fixed else []), *([more] if more else [])])


def fixed_settings(results: Results) -> str:
    """The settings that were given and are the same in all conditions."""
    first, *rest = [one.given for one in results.manifest.conditions]
    alike = {n: v for n, v in first.items() if all(n in one and one[n] == v for one in rest)}
    return ", ".join(f"{setting_words(name)} {value_text(value)}" for name, value in alike.items())
