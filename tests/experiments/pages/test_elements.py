"""Figures and tables in a page."""

from __future__ import annotations

import re

from plandrift.experiments.figures.kinds import KINDS
from plandrift.experiments.pages.elements import inline_svg
from plandrift.experiments.sweeps.results import Results


def test_svgs_in_one_page_share_no_names(results: Results) -> None:
    one, two = (inline_svg(KINDS["lines"](results), label) for label in ("one", "two"))
    names = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (one, two)]
    assert names[0]
    assert not names[0] & names[1]
    assert set(re.findall(r"url\(#([^)]+)\)", one)) <= names[0]
