"""The MAST codes and their shares are those that the documentation gives."""

from __future__ import annotations

import re
from pathlib import Path

from plandrift.sim.measure.causes import MAST

MEASURES = Path(__file__).parents[2] / "docs" / "model" / "measures.md"


def test_each_code_has_the_name_and_the_share_that_the_documentation_gives() -> None:
    rows = re.findall(r"^\| (FM-\d\.\d) \| (.+?) \(([\d.]+) %\) \|", MEASURES.read_text(), re.MULTILINE)
    told = {code: (title.replace("–", "-"), float(share)) for code, title, share in rows}
    held = {code: (title, round(100 * share, 2)) for code, (title, share) in MAST.items() if code != "drift"}
    assert told == held
    assert MAST["drift"][1] == 0
