"""The colours of every page by meaning, for paper and light screens and for dark screens."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from plandrift.experiments.figures.looks import (
    COORDINATIONS,
    FRESH,
    INK,
    LINE,
    LOOKS,
    NAMED,
    NOTE,
    OUTCOMES,
    STALE,
    look,
    named,
    own_look,
)
from plandrift.experiments.figures.more_colours import MOST

TOKENS = {
    "ground": ("#ffffff", "#15181c"),
    "panel": ("#f3f3f3", "#22272d"),
    "ink": (INK, "#ececec"),
    "faint": (NOTE, "#b4b4b4"),
    "line": (LINE, "#3d444c"),
    "fresh": (FRESH.dark, FRESH.light),
    "stale": (STALE.dark, STALE.light),
    "soft-fresh": ("#eef5fb", "#16283a"),
    "soft-stale": ("#fdeee4", "#38220f"),
    "failed": ("#fbdccb", "#55290f"),
    "past": ("#595959", "#a9a9a9"),
    "dimmed": ("#757575", "#8d939a"),
    "edge": ("#9a9a9a", "#767d85"),
    "wall": ("#b5b5b5", "#565e67"),
    "just-now": ("#e8b400", "#e8b400"),
    "thing": ("#f6e7b0", "#4a3d10"),
    "thing-edge": ("#7a5c00", "#e0b84a"),
    "good": ("#00633f", "#4fd0a5"),
    "link": ("#0b4f8a", "#7cc0ff"),
}
"""Each colour's name, with its value on a light and on a dark background."""


def variables() -> str:
    """Return a style sheet that defines each token and each policy's and outcome's colour as a variable.

    A page is dark if the reader's system is set to dark; printed pages are light.

    >>> "--ground: #15181c" in variables()
    True
    """
    both = TOKENS | {f"look-{i}": (look.dark, look.light) for i, look in enumerate(LOOKS)}
    both |= {f"own-{i}": (own.dark, own.light) for i, own in enumerate(map(own_look, range(MOST)))}
    both |= {name: (look.dark, look.light) for name, look in OUTCOMES.items()}
    light, dark = (" ".join(f"--{name}: {pair[i]};" for name, pair in both.items()) for i in (0, 1))
    return (
        f":root {{ color-scheme: light; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark; {dark} }} }}\n"
    )


def policy_looks(more: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return the colour and dash pattern of each policy and coordination, in SVG notation.

    Args:
        more: policies without a look of their own.
    """
    found = {name: [f"var(--look-{i % len(LOOKS)})", look(i).page_dash] for name, i in NAMED.items()}
    found |= {name: _own(i) for name, i in COORDINATIONS.items()}
    free = (i for i in count() if i not in COORDINATIONS.values())
    for name in more:
        number = named(name)
        if name not in found:
            found[name] = _own(next(free)) if number is None else found[list(NAMED)[number]]
    return found


def _own(number: int) -> list[str]:
    return [f"var(--own-{number % MOST})", own_look(number).page_dash]


def outcome_looks() -> dict[str, list[str]]:
    """Return each outcome's colour, sign and words."""
    return {name: [f"var(--{name})", look.sign, look.words] for name, look in OUTCOMES.items()}
