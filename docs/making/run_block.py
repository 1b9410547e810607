"""The directives `run` and `file`: a block of a page, and what it prints when the page is built."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from docs.making.session import ROOT, Block, BlockError

MADE = Path(__file__).parents[1] / "made"
"""The folder for everything that the build makes for the pages."""

BOOK, SHORT = (
    re.compile(r"plandrift reproduce (.|\n)*? --out"),
    "plandrift reproduce step-within-plan --quick --out",
)
"""With `short_book`, as the tests set it, one question stands for the whole book, which takes minutes."""

LINES = 14
"""How many lines of output are shown if a block does not say."""


class Run(SphinxDirective):
    """A console block or a script, with its output beneath."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "quiet": directives.flag,  # show the block, not its output
        "hidden": directives.flag,  # show neither: the block only makes what the page's pictures need
        "lines": directives.positive_int,
    }

    def run(self) -> list[nodes.Node]:
        """Run the block where the page's earlier ones ran."""
        folder = folder_of(self.env.docname)
        text = "\n".join(self.content) + "\n"
        if self.config.short_book:
            text = BOOK.sub(SHORT, text)
        block = Block(self.arguments[0], text, saved=False)
        try:
            played = block.play(folder)
        except BlockError as error:
            raise self.error(str(error)) from None
        if "hidden" in self.options:
            return []
        made: list[nodes.Node] = []
        for shown, said in played:
            text = f"$ {shown}" if block.kind == "console" else shown
            if made and "quiet" in self.options:
                made[-1] = _literal(f"{made[-1].astext()}\n{text}", block.kind)
            else:
                made.append(_literal(text, block.kind))
            if said and "quiet" not in self.options:
                lines = said.splitlines()
                most = self.options.get("lines", LINES)
                kept = "\n".join([*lines[:most], *(["…"] if len(lines) > most else [])])
                made.append(nodes.container("", _literal(kept, "text"), classes=["output"]))
        return made


class File(SphinxDirective):
    """A file that the reader saves under the name shown above it."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"from": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Save it for the page's later blocks."""
        name, text = self.arguments[0], "\n".join(self.content) + "\n"
        if "from" in self.options:
            source = ROOT / self.options["from"]
            self.env.note_dependency(str(source))
            text = source.read_text()
        Block(name, text, saved=True).play(folder_of(self.env.docname))
        language = {".py": "python", ".toml": "toml"}.get(Path(name).suffix, "text")
        caption = nodes.caption("", "", nodes.literal(name, name))
        block = _literal(text.rstrip("\n"), language)
        return [nodes.container("", caption, block, literal_block=True, classes=["literal-block-wrapper"])]


def folder_of(page: str) -> Path:
    """The folder in which the blocks of a page run."""
    folder = MADE / page
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def begin(_: Sphinx, page: str, __: list[str]) -> None:
    """Remove what an earlier build left in the folder where a page's blocks run."""
    shutil.rmtree(MADE / page, ignore_errors=True)


def _literal(text: str, language: str) -> nodes.literal_block:
    block = nodes.literal_block(text, text)
    block["language"] = language
    return block
