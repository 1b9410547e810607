"""The directive `page`: a page that a command wrote, such as a replay, within a page of the documentation."""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from docs.making.run_block import MADE

FOLDER = "_pages"
"""Where the built documentation keeps such pages."""


class Page(SphinxDirective):
    """Embed the page of this name, which a block wrote; the content says what it shows."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make a frame that loads when scrolled into view, and a link for small screens."""
        page, name = self.env.docname, self.arguments[0]
        if not (MADE / page / name).exists():
            raise self.error(f"{name}: no block of the page wrote it")
        wanted = self.env.metadata[page].setdefault("pages", "")
        self.env.metadata[page]["pages"] = f"{wanted} {name}".strip()
        place = f"{'../' * page.count('/')}{FOLDER}/{page}/{name}"
        says = escape(" ".join(self.content))
        frame = f'<iframe class="played" src="{place}" title="{says}" loading="lazy"></iframe>'
        link = f'<p class="alone"><a href="{place}">{says}: on a page of its own</a></p>'
        return [nodes.raw("", frame + link, format="html")]


def carry(app: Sphinx, error: Exception | None) -> None:
    """Copy the pages to where the frames expect them."""
    if error is not None or app.builder.format != "html":
        return
    for page, metadata in app.env.metadata.items():
        for name in metadata.get("pages", "").split():
            target = Path(app.outdir) / FOLDER / page / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(MADE / page / name, target)
