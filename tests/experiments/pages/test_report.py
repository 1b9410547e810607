"""A sweep as a page."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from plandrift.experiments.pages.report import report_page
from plandrift.experiments.sweeps.results import Results
from tests.browser import LAPTOP, PHONE, visit
from tests.command import plandrift

pytestmark = pytest.mark.long


def test_the_report_opens_with_no_request(results: Results, tmp_path: Path) -> None:
    plandrift("report", results.folder, "--out", "report.html", cwd=tmp_path)
    with visit(tmp_path / "report.html", PHONE) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        tables = seen.page.get_by_role("heading", name="Tables").bounding_box()
        assert tables is not None
        assert tables["y"] < 3000
        headings = seen.page.locator("h2").all_inner_texts()
        assert headings[0] == "What it shows"
        seen.page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
        assert seen.page.locator("h1").inner_text() == "What does it take?"
        assert seen.page.locator("figure svg").count() >= 5
        assert seen.page.locator("td").count() >= 10
        assert "plandrift sweep" in seen.page.locator("pre").inner_text()
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_report_of_a_sweep_without_a_title_or_policies_to_compare(parts: Results) -> None:
    text = report_page(parts)
    assert "Which part does it?" in text
    assert "There is only one policy" in text


@pytest.mark.slow
def test_a_folder_that_is_older_than_a_metric_is_reported(results: Results, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(results.folder, old)
    newer = ["standstill", "side_effects", "cause_side_effect", "exogenous_changes"]
    for part in (old / "episodes").glob("*.parquet"):
        left = f"select * exclude ({', '.join(newer)}) from read_parquet('{part}')"
        duckdb.execute(f"copy ({left}) to '{part}.new' (format parquet)")
        Path(f"{part}.new").replace(part)
    # Such a folder has no digests either.
    (old / "parts.jsonl").unlink()
    text = report_page(Results(old))
    assert "standstill" not in text
    assert "What does it take?" in text
