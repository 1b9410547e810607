"""More colours, as many as can be told apart, also by people with colour vision deficiencies.

Each new colour is the one farthest from all earlier ones, judged by the vision to which they look closest:
normal, protanopia, deuteranopia or tritanopia (Machado, Oliveira and Fernandes 2009). Distances are Euclidean
in Oklab (Ottosson 2020).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

Colour = tuple[float, float, float]

MOST = 8
"""How many colours are made before they recur with other markers and dashes."""

SIGHTS = (
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
)
"""What each kind of eye makes of linear red, green and blue."""
LIGHTNESS = (0.35, 0.75)
"""The Oklab lightness that a line on white may have: neither black nor too pale."""
GREY = 0.09
"""The Oklab chroma below which a colour is a grey, as used for what is less important."""


def more_colours(taken: Sequence[str], count: int) -> list[str]:
    """Return this many colours, each as far as possible from those taken and from each other.

    >>> more_colours(["#D55E00", "#0072B2"], 2)
    ['#663300', '#9999ff']
    """
    grid = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in product(range(0, 256, 51), repeat=3)]
    usable = {colour: sights(colour) for colour in grid}
    usable = {colour: seen for colour, seen in usable.items() if _is_line(*seen[0])}
    held, found = [sights(colour) for colour in taken], []
    for _ in range(count):
        best = max(usable, key=lambda colour: min(between(usable[colour], other) for other in held))
        held.append(usable[best])
        found.append(best)
    return found


def _is_line(lightness: float, a: float, b: float) -> bool:
    return LIGHTNESS[0] < lightness < LIGHTNESS[1] and math.hypot(a, b) > GREY


def sights(colour: str) -> list[Colour]:
    """Return how each kind of eye sees a colour."""
    linear = _linear(colour)
    return [
        _oklab([max(0.0, sum(a * b for a, b in zip(row, linear, strict=True))) for row in eye])
        for eye in SIGHTS
    ]


def between(one: Sequence[Colour], other: Sequence[Colour]) -> float:
    """Return the distance of two colours for the kind of vision to which they look closest."""
    return min(math.dist(a, b) for a, b in zip(one, other, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(_linear, (one, other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, ground: str) -> str:
    """Return a colour moved away from the background until small text in it is readable, at 4.5 to 1.

    >>> readable("#0072B2", "#ffffff"), readable("#330099", "#15181c")
    ('#0072b2', '#8f73c7')
    """
    end = 0 if contrast(ground, "#000000") > contrast(ground, "#ffffff") else 255
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    for step in range(21):
        mixed = "#" + "".join(f"{round(part + (end - part) * step / 20):02x}" for part in parts)
        if contrast(mixed, ground) >= 4.5:
            return mixed
    return "#000000" if end == 0 else "#ffffff"


def _linear(colour: str) -> Colour:
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return _one(r), _one(g), _one(b)


def _one(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _oklab(rgb: Sequence[float]) -> Colour:
    r, g, b = rgb
    cones = (
        (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3),
        (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3),
        (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3),
    )
    long, middle, short = cones
    return (
        0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
    )
