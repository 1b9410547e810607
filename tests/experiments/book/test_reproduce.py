"""The book of all questions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plandrift.experiments.analysis.claims import HOLDS, OPEN, Claim
from plandrift.experiments.book.reproduce import NAMES, Chapter, book, chosen
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import PlandriftError
from tests.browser import visit
from tests.command import apart as plandrift
from tests.command import start
from tests.experiments.sweeps.test_run import rows, wait_for_rows

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]


def test_what_contradicts_the_design_stands_at_the_top(results: Results) -> None:
    claim = Claim("Planning once is fresher", "policy=plan-once,gated", "plan_staleness", "less")
    finding = claim.judge(results)
    assert finding.contradicts
    text = book([Chapter("one", "What does it take?", "", [finding], [])], quick=True)
    assert text.index("Findings that contradict the design") < text.index('<h2 id="one">')
    assert "1 does not hold" in text


def test_questions_are_named_one_by_one_or_all() -> None:
    assert chosen(["theory", "demo", "theory"]) == ["theory", "demo"]
    assert chosen(["demo", "all"]) == list(NAMES)
    with pytest.raises(PlandriftError, match="did you mean 'handoff'"):
        chosen(["demo", "handof"])


@pytest.mark.slow
def test_the_book_in_its_quick_form(tmp_path: Path) -> None:
    """Every question, its figures and verdicts; started again it runs nothing anew."""
    words = ("reproduce", "all", "--quick", "--out", "book")
    said = plandrift(*words, "--repository", ROOT, cwd=tmp_path, limit=900).stdout
    assert said.count("holds") >= 10
    assert "does not hold" not in said
    again = plandrift("reproduce", "handoff", "--quick", "--out", "book", cwd=tmp_path).stdout
    assert re.search(r"in \d+ s", again)
    assert "0 episodes run" not in again
    assert not list((tmp_path / "book").glob("*/failures.jsonl"))


@pytest.mark.slow
def test_one_question_of_the_book(tmp_path: Path) -> None:
    said = plandrift("reproduce", "step-within-plan", "--quick", "--out", "book", cwd=tmp_path).stdout
    assert "How does staleness grow within a plan?" in said
    with visit(tmp_path / "book" / "index.html") as seen:
        assert seen.page.locator("figure svg").count() == 1
        assert seen.page.locator("h3 span").first.inner_text() in (HOLDS, OPEN)


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_and_the_rows_are_equal(tmp_path: Path) -> None:
    words = ("reproduce", "information-floor", "--quick", "--out")
    process = start(*words, "book", cwd=tmp_path)
    suite = tmp_path / "book" / "information-floor"
    wait_for_rows(suite, process)
    process.kill()
    process.communicate()
    kept = rows(suite)
    plandrift(*words, "book", cwd=tmp_path)
    plandrift(*words, "undisturbed", cwd=tmp_path)
    assert kept
    assert rows(suite) == rows(tmp_path / "undisturbed" / "information-floor")
