"""The build's own extension: writes the generated references, runs the pages' blocks, draws formulas."""

from __future__ import annotations

import json
from collections.abc import Callable

from sphinx.application import Sphinx

from docs.making import docstrings, mathml
from docs.making.command_reference import command_reference
from docs.making.embedded_page import Page, carry
from docs.making.json_schema import json_schema
from docs.making.metrics_reference import metrics_reference
from docs.making.run_block import MADE, File, Run, begin
from docs.making.settings_reference import settings_reference
from docs.making.trace_reference import trace_reference

GENERATED: dict[str, Callable[[], str]] = {
    "settings.md": settings_reference,
    "metrics.md": metrics_reference,
    "trace.md": trace_reference,
    "commands.md": command_reference,
    "run.schema.json": lambda: json.dumps(json_schema(), indent=1) + "\n",
}
"""The generated parts, by the names under which pages include them."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect everything that these pages need to Sphinx."""
    app.add_config_value("short_book", False, "env", bool)
    app.add_directive("run", Run)
    app.add_directive("file", File)
    app.add_directive("page", Page)
    app.add_html_math_renderer("mathml", (mathml.inline, None), (mathml.block, None))
    app.connect("autodoc-skip-member", docstrings.skip_places)
    app.connect("autodoc-process-signature", docstrings.shorten)
    app.connect("autodoc-process-docstring", docstrings.list_settings)
    app.connect("builder-inited", lambda _: write_generated())
    app.connect("source-read", begin)
    app.connect("build-finished", carry)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def write_generated() -> None:
    """Write the parts generated from code into the folder from which pages include them."""
    folder = MADE / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in GENERATED.items():
        (folder / name).write_text(make())
