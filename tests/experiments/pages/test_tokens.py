"""The colours of pages: what is read can be read, on paper, on a light screen and on a dark one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plandrift.experiments.figures.looks import LOOKS, OUTCOMES
from plandrift.experiments.pages.tokens import TOKENS, variables

ASSETS = Path("experiments/pages/assets")
GROUNDS = ("ground", "panel", "soft-fresh", "soft-stale")
LETTERS = ("ink", "faint", "fresh", "stale", "past", "good", "link")


def lightness(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    low, high = sorted((lightness(one), lightness(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_that_of_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [0, 1], ids=["light", "dark"])
def test_letters_stand_out_from_every_ground(dark: int) -> None:
    seen = {name: pair[dark] for name, pair in TOKENS.items()}
    for letters in LETTERS:
        for ground in GROUNDS:
            assert contrast(seen[letters], seen[ground]) >= 4.5, (letters, ground)
    assert contrast(seen["ink"], seen["failed"]) >= 4.5
    assert contrast(seen["ink"], seen["thing"]) >= 4.5
    # A gate that is shut, and a wrong argument, are written in the ground's colour.
    for area in ("ink", "stale"):
        assert contrast(seen["ground"], seen[area]) >= 4.5


@pytest.mark.parametrize("look", [*LOOKS, *OUTCOMES.values()], ids=str)
def test_lines_and_outcomes_stand_out_on_both(look: object) -> None:
    assert contrast(look.dark, TOKENS["ground"][0]) >= 4.5  # type: ignore[attr-defined]
    assert contrast(look.light, TOKENS["ground"][1]) >= 4.5  # type: ignore[attr-defined]


def test_sheets_name_tokens_and_no_colour_of_their_own() -> None:
    known = set(re.findall(r"--([\w-]+):", variables()))
    for sheet in ASSETS.glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert set(re.findall(r"var\(--([\w-]+)\)", text)) <= known
        # A figure stands on its paper.
        assert set(re.findall(r"#[0-9a-fA-F]{3,6}\b", text)) <= {"#fff"}
