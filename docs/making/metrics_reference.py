"""Every metric, from where it is declared."""

from __future__ import annotations

import inspect
import re

from docs.making.markdown_table import code, markdown_table
from sim import METRICS, Metrics
from sim.causes import CAUSES, MAST
from sim.metrics import COUNTS, column


def metrics_reference() -> str:
    """The page's table: name, kind and meaning of every figure of an episode."""
    meanings = _meanings()
    for cause in CAUSES:
        meanings[f"cause_{cause}"] = f"failures with the cause {code(cause)}"
    for mast, (name, _) in MAST.items():
        meanings[column(mast)] = f"failures that read as {mast}: {name}"
    rows = [(code(m), "count" if m in COUNTS else "number", meanings[m]) for m in METRICS]
    return markdown_table(("metric", "kind", "meaning"), rows)


def _meanings() -> dict[str, str]:
    text = (inspect.getdoc(Metrics) or "").partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", text, re.MULTILINE)
    return {name: " ".join(meaning.split()).rstrip(".") for name, meaning in found}
