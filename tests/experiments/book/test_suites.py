"""The suites that come with plandrift: each is a question, and each runs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from plandrift.experiments.analysis.claims import Claim
from plandrift.experiments.book import suites
from plandrift.experiments.book.questions import QUESTIONS, Question
from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.plain_values import column_of, value_text
from plandrift.experiments.sweeps.spec import read_spec
from plandrift.worlds import WORLDS

SUITES = [
    path
    for path in sorted(Path(suites.__path__[0]).glob("*.toml"))
    if read_spec(path)[0].world in (None, *WORLDS)
]


@pytest.mark.long
@pytest.mark.parametrize("path", SUITES, ids=lambda p: p.stem)
def test_a_suite_begins_with_its_question_and_reads(path: Path) -> None:
    comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
    assert path.read_text().startswith("# ")
    assert "?" in " ".join(comments)
    spec, _ = read_spec(path)
    assert spec.title is not None
    assert spec.title.endswith("?")
    assert conditions_of(spec)


@pytest.mark.long
@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda question: question.suite)
def test_each_claim_is_about_something_in_its_suite(asked: Question) -> None:
    """A claim whose words match no condition would be "not decided" at any number of seeds."""
    (path,) = (path for path in SUITES if path.stem == asked.suite)
    conditions = conditions_of(read_spec(path)[0])
    for claim in asked.claims:
        if isinstance(claim, Claim):
            setting, _, sides = claim.between.partition("=")
            here = np.ones(len(conditions), bool)
            for name, wanted in claim.where.items():
                column = column_of([one.value(name) for one in conditions]).tolist()
                here &= [value in wanted if isinstance(wanted, list) else value == wanted for value in column]
            left = {
                value_text(one.value(setting)) for one, kept in zip(conditions, here, strict=True) if kept
            }
            assert set(re.split(r",(?![^(]*\))", sides)) <= left, claim.says
