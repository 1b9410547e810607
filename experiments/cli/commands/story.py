"""`plandrift story`: an explanation to be played."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.pages.page import check_page, write_page
from plandrift.experiments.pages.story import story_page


def story(
    out: Annotated[Path, typer.Option(help="file to write the page to")] = Path("story.html"),
) -> None:
    """Write a page to play with: how a right plan does harm.

    Seven scenes for people who have never heard of the subject; each term comes only after the experience. It
    is a single file that anyone can open with a double click, on a phone as well.

    Example:
      plandrift story --out story.html
    """
    check_page(out)
    text = story_page()
    write_page(out, text)
    print(f"page: {out} ({len(text.encode()) / 1e3:.0f} kB)")
