"""How things look in figures and on pages: each colour, marker and dash is declared here, once.

Colours are those of Okabe and Ito (2008, "Color universal design"). Each line also has its own marker and
dash, so that a figure can be read in greyscale. Pages use small letters and thin lines, so each colour has
a darker variant for them, with enough contrast on white for readers with low vision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

INK, FAINT, NOTE = "#1a1a1a", "#8a8a8a", "#555555"
"""Letters and axes; what is less important; small print."""
GRID, LINE = "#e4e4e4", "#d9d9d9"
"""Grid lines: in a figure, and on a page."""


@dataclass(frozen=True)
class Look:
    """The look of a line: its colour, with marker and dash as a second cue.

    Attributes:
        colour: the colour in a figure.
        marker: the marker in matplotlib's notation.
        dash: the dash in matplotlib's notation.
        dark: the colour on a page.
        light: the colour on a dark page.
        page_dash: the dash on a page, in SVG notation.
    """

    colour: str
    marker: Any
    dash: Any
    dark: str
    light: str
    page_dash: str = ""


_SOLID, _DASHED, _DOTTED, _BOTH = "-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2))
LOOKS = (
    Look("#D55E00", "o", _SOLID, "#b84300", "#ff9a5c"),
    Look("#0072B2", "s", _DASHED, "#0b5fa5", "#6db7f2", "9 5"),
    Look("#009E73", "^", _BOTH, "#00734f", "#4fd0a5", "12 4 3 4"),
    Look("#CC79A7", "D", _DOTTED, "#7a3b8f", "#e0a6ea", "2 3"),
    Look("#B8860B", "v", _SOLID, "#7d5c00", "#e0b84a", "16 2"),
    Look("#56B4E9", "P", _DASHED, "#00708f", "#7fdcee", "14 4"),
    Look("#5D3A9B", "X", _BOTH, "#5D3A9B", "#b9a2f5", "6 3 2 3 2 3"),
    Look(INK, "*", _DOTTED, INK, "#f0f0f0", "1 4"),
    Look("#882255", "<", _DASHED, "#882255", "#f08fbf", "4 3"),
)
"""The looks with a colour of their own; `look` makes more."""

MARKERS = (
    *(one.marker for one in LOOKS),
    ">",
    "p",
    "h",
    "d",
    "8",
    "H",
    (3, 2, 0),
    (5, 1, 0),
    (6, 2, 0),
    (4, 1, 0),
)
"""A marker for each named policy; a tuple is a star in matplotlib's notation."""

NAMED = {
    name: place
    for place, name in enumerate(
        (
            *("plan-once", "replan-each", "gated", "event-driven", "warn", "read-back", "if-match"),
            *("look-first", "on-error", "bold", "normal", "cautious", "bold-broken", "bold-better"),
            *("bold-new", "periodic", "gate-only", "bounded", "region"),
        )
    )
}
"""The `look` number of each named policy, which looks the same in every figure."""


def look(number: int) -> Look:
    """Return one of arbitrarily many looks, all different: colours recur with other markers and dashes.

    >>> look(0) == LOOKS[0], look(9).colour == LOOKS[0].colour, look(9).marker == LOOKS[0].marker
    (True, True, False)
    """
    again, place = divmod(number, len(LOOKS))
    if not again:
        return LOOKS[place]
    dots = again + 2
    return replace(
        LOOKS[place],
        marker=MARKERS[number % len(MARKERS)],
        dash=(0, (7, 2, *(1.5, 2) * dots)),
        page_dash="10 3" + " 2 3" * dots,
    )


FRESH, STALE = LOOKS[1], LOOKS[0]
"""The colours of what holds, and of what no longer holds."""


def looks(names: Sequence[str]) -> dict[str, Look]:
    """Return a different look for each name: its own if it has one, else the next free one."""
    taken = {NAMED[name] for name in names if name in NAMED}
    free = (number for number in count() if number not in taken)
    return {name: look(NAMED[name] if name in NAMED else next(free)) for name in names}


@dataclass(frozen=True)
class OutcomeLook:
    """How an outcome of a call is shown.

    Attributes:
        colour: the colour in a figure.
        marker: the marker in matplotlib's notation.
        dark: the colour on a page.
        light: the colour on a dark page.
        sign: the mark on a page.
        words: its name on a page.
    """

    colour: str
    marker: str
    dark: str
    light: str
    sign: str
    words: str


OUTCOMES = {
    "effective": OutcomeLook("#009E73", "o", "#00734f", "#4fd0a5", "●", "done"),
    "repeat": OutcomeLook("#56B4E9", "s", "#1b6fa8", "#7cc4f5", "■", "already done"),
    "rejected": OutcomeLook("#E69F00", "X", "#8a5a00", "#f0b429", "✖", "rejected"),
    "void": OutcomeLook("#CC79A7", "D", "#a0457a", "#eaa0cd", "◆", "nothing happened"),
    "harmful": OutcomeLook("#D55E00", "^", "#b84300", "#ff9a5c", "▲", "harm done"),
    "refused": OutcomeLook("#555555", "P", "#4a4a4a", "#c4c4c4", "⊘", "refused by the world"),
}
"""The look of each outcome of a call."""
