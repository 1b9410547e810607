"""What a sweep found, in words."""

from __future__ import annotations

import re

import pytest

from plandrift.experiments.analysis.differences import differences
from plandrift.experiments.analysis.selection import averaging
from plandrift.experiments.analysis.tables import table
from plandrift.experiments.sweeps.results import Results


@pytest.mark.long
def test_words_are_made_from_the_numbers(results: Results) -> None:
    said = differences(results)
    lower = re.compile(r"gated has a lower plan staleness than plan-once: 0\.\d+ against 0\.\d+")
    assert any(lower.match(s) for s in said)
    assert any("is not decided" in s or "the same" in s for s in said)
    row = next(r for r in table(averaging(results), ["policy"], ["replans"]) if r["policy"] == "gated")
    higher = f"gated has a higher number of replans than plan-once: {row['mean']:.3g} against 0"
    assert any(higher in s for s in said)
