"""Crews against theory, precisely: a file of their own, which another worker takes."""

from __future__ import annotations

import pytest

from tests.experiments.analysis.test_validation import CASES, found, name_of, of_crews


@pytest.mark.slow
@pytest.mark.parametrize("number", [n for n in range(len(CASES)) if of_crews(n)], ids=name_of)
def test_the_bias_that_each_form_must_find_would_be_found(number: int) -> None:
    found(number)
