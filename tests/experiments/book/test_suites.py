"""The suites that come with plandrift: each is a question, and each runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from plandrift.experiments.book import suites
from plandrift.experiments.sweeps.combinations import conditions_of
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
