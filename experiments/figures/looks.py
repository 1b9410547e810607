"""How things look in figures and on pages: each colour, marker and dash is declared here, once.

Colours are those of Okabe and Ito (2008, "Color universal design"), and for what has no colour of its own
those of `plandrift.experiments.figures.more_colours`. Each line also has its own marker and dash, so that a
figure can be read in greyscale. Pages use small letters and thin lines, so each colour has a darker variant
for them, with enough contrast on white for readers with low vision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from plandrift.experiments.figures.more_colours import MOST, more_colours, readable

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
    (7, 1, 0),
)
"""A marker for each named policy; a tuple is a star in matplotlib's notation."""

NAMED = {
    name: place
    for place, name in enumerate(
        (
            *("plan-once", "replan-each", "gated", "event-driven", "warn", "read-back", "if-match"),
            *("look-first", "on-error", "bold", "normal", "cautious", "bold-broken", "bold-better"),
            *("bold-new", "periodic", "gate-only", "bounded", "region", "retry-on-conflict"),
        )
    )
}
"""The `look` number of each named policy, which looks the same in every figure."""

ALIASES = {
    "no guard": "plan-once",
    "gate on the belief": "gate-only",
    "looks at its belief": "gate-only",
    "looks at the world": "look-first",
    "the world checks": "if-match",
    "a check": "if-match",
    "locks": "plan-lock",
}
"""What some policies and coordinations are called in lessons and in advice; they look the same there."""


def look(number: int) -> Look:
    """Return one of arbitrarily many looks, all different: colours recur with other markers and dashes.

    >>> look(0) == LOOKS[0], look(9).colour == LOOKS[0].colour, look(9).marker == LOOKS[0].marker
    (True, True, False)
    """
    again, place = divmod(number, len(LOOKS))
    return LOOKS[place] if not again else _dotted(LOOKS[place], number, again)


def _dotted(one: Look, number: int, again: int) -> Look:
    """Return a look with another marker and dash, for a colour that recurs."""
    dots = again + 2
    return replace(
        one,
        marker=MARKERS[number % len(MARKERS)],
        dash=(0, (7, 2, *(1.5, 2) * dots)),
        page_dash="10 3" + " 2 3" * dots,
    )


COORDINATIONS = {
    name: number
    for number, name in enumerate(
        ("notify", "merge-queue", "serial", "plan-lock", "step-lock", "start-lock"), start=2
    )
}
"""The `own_look` number of each way to coordinate a crew."""

FRESH, STALE = LOOKS[1], LOOKS[0]
"""The colours of what holds, and of what no longer holds."""


@lru_cache(maxsize=1)
def _more() -> list[tuple[str, str, str]]:
    found = more_colours([one.colour for one in LOOKS], MOST)
    return [(colour, readable(colour, "#ffffff"), readable(colour, "#15181c")) for colour in found]


def own_look(number: int) -> Look:
    """Return one of arbitrarily many looks for what has no name in `NAMED`; no named policy has its colour.

    >>> own_look(0).colour in {one.colour for one in LOOKS}
    False
    """
    again, place = divmod(number, MOST)
    colour, dark, light = _more()[place]
    one = replace(LOOKS[place], marker=MARKERS[len(LOOKS) + place], colour=colour, dark=dark, light=light)
    return one if not again else _dotted(one, number, again)


def named(name: str) -> int | None:
    """Return the `look` number of a policy, whatever its arguments; None if it has none."""
    bare = name.partition("(")[0]
    return NAMED.get(ALIASES.get(bare, bare))


def _coordinated(name: str) -> bool:
    return ALIASES.get(name, name) in COORDINATIONS


def looks(names: Sequence[str]) -> dict[str, Look]:
    """Return a different look for each name.

    A named policy has its own. Others get `own_look`; where nothing is a policy, as when lines are latencies,
    they get the well-known colours first.
    """
    policies = any(named(name) is not None or ":" in name or _coordinated(name) for name in names)
    found: dict[str, Look] = {}
    taken: set[int] = set()
    ours = {COORDINATIONS[ALIASES.get(name, name)] for name in names if _coordinated(name)}
    free = 0
    for name in names:
        number = named(name)
        if number is not None and number not in taken:
            taken.add(number)
            found[name] = look(number)
        elif _coordinated(name):
            found[name] = own_look(COORDINATIONS[ALIASES.get(name, name)])
        else:
            while policies and free in ours:
                free += 1
            found[name] = own_look(free) if policies or free >= len(LOOKS) else look(free)
            free += 1
    return found


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
    "recognized": OutcomeLook("#0072B2", "v", "#0a5a8f", "#6fb2e6", "↺", "recognized by its key"),
    "rejected": OutcomeLook("#E69F00", "X", "#8a5a00", "#f0b429", "✖", "rejected"),
    "void": OutcomeLook("#CC79A7", "D", "#a0457a", "#eaa0cd", "◆", "nothing happened"),
    "harmful": OutcomeLook("#D55E00", "^", "#b84300", "#ff9a5c", "▲", "harm done"),
    "refused": OutcomeLook("#555555", "P", "#4a4a4a", "#c4c4c4", "⊘", "refused by the world"),
}
"""The look of each outcome of a call."""
