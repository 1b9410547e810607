r"""Rows as a LaTeX table for a paper, with the rules of the package ``booktabs``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from plandrift.experiments.statistics.text import shown

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "–": "--",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
}


def escaped(text: str) -> str:
    r"""Escape a text so that LaTeX prints it unchanged.

    >>> print(escaped("misfire_rate, 95 %"))
    misfire\_rate, 95 \%
    """
    return re.sub("|".join(map(re.escape, _ESCAPES)), lambda found: _ESCAPES[found[0]], text)


def latex_table(rows: Sequence[dict[str, Any]], caption: str = "") -> str:
    """Return a ``tabular`` of rows with the same keys, inside a ``table`` if there is a caption."""
    headings = list(rows[0]) if rows else []
    numbers = [all(_number(row[name]) for row in rows) for name in headings]
    lines = [[escaped(name) for name in headings]]
    lines += [[escaped(shown(row[name])) for name in headings] for row in rows]
    first, *others = [" & ".join(line) + r" \\" for line in lines]
    body = [
        rf"\begin{{tabular}}{{{''.join('r' if number else 'l' for number in numbers)}}}",
        *(r"\toprule", first, r"\midrule", *others, r"\bottomrule"),
        r"\end{tabular}",
    ]
    if caption:
        body = [r"\begin{table}", r"\centering", rf"\caption{{{escaped(caption)}}}", *body, r"\end{table}"]
    return "\n".join([r"% needs \usepackage{booktabs}", *body]) + "\n"


def _number(value: Any) -> bool:
    return not isinstance(value, str) or re.match(r"[–-]?[\d.]*( \[|$)", value) is not None
