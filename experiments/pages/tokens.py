"""The colours of every page by meaning, for paper and light screens and for dark screens."""

from __future__ import annotations

from collections.abc import Sequence

from plandrift.experiments.figures.looks import (
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
    """Return each policy's colour and dash pattern, in SVG notation.

    Args:
        more: policies without a look of their own.
    """
    found = {name: [f"var(--look-{i % len(LOOKS)})", look(i).page_dash] for name, i in NAMED.items()}
    for name in more:
        if named(name) is None:
            i = len(found) - len(NAMED)
            found[name] = [f"var(--own-{i % MOST})", own_look(i).page_dash]
        else:
            found.setdefault(name, found[list(NAMED)[named(name) or 0]])
    return found


def outcome_looks() -> dict[str, list[str]]:
    """Return each outcome's colour, sign and words."""
    return {name: [f"var(--{name})", look.sign, look.words] for name, look in OUTCOMES.items()}
