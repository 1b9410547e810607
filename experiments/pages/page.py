"""One self-contained HTML page: everything is inlined and nothing is loaded from elsewhere."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from plandrift.experiments.pages.tokens import outcome_looks, policy_looks, variables
from plandrift.sim import PlandriftError, plain
from plandrift.sim.terms.whole_file import whole_file

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';
 script-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
{style}
</style>
</head>
<body>
<main>
{body}
</main>
{scripts}
</body>
</html>
"""


def page(title: str, body: str, *, style: str = "", scripts: str = "") -> str:
    """Return a whole page.

    Args:
        title: plain text.
        body: HTML.
        style: a style sheet.
        scripts: script elements.
    """
    return PAGE.format(title=html.escape(title), body=body, style=style, scripts=scripts)


def part(name: str) -> str:
    """Return a file from `plandrift.experiments.pages.assets`, such as ``player.js``."""
    return (resources.files("plandrift.experiments.pages.assets") / name).read_text(encoding="utf-8")


def sheet(*names: str) -> str:
    """Return style sheets together with the colours that they use."""
    return variables() + "".join(part(name) for name in names)


def script(*names: str, policies: Sequence[str] = ()) -> str:
    """Return scripts together with the looks of policies and outcomes as `plandriftLooks`.

    Args:
        names: the scripts' files.
        policies: policies on the page that may have no look of their own.
    """
    looks = {name: f"var(--{name})" for name in ("ink", "line", "ground", "edge", "fresh", "stale")}
    text = json.dumps(
        looks | {"policies": policy_looks(policies), "outcomes": outcome_looks()}, ensure_ascii=False
    )
    inlined = (f"<script>\n{part(name)}</script>" for name in names)
    return "\n".join([f"<script>var plandriftLooks = {text};</script>", *inlined])


def data_script(name: str, data: Any) -> str:
    """Return data for a page's scripts, escaped so that no text in it can end the script element."""
    text = json.dumps(plain(data), ensure_ascii=False, separators=(",", ":"))
    return f'<script type="application/json" id="{name}">{text.replace("<", chr(92) + "u003c")}</script>'


def check_page(path: Path, option: str = "--out") -> None:
    """Check a page's path before anything is computed for it.

    Raises:
        PlandriftError: the path does not end in .html, or its folder does not exist.
    """
    if path.suffix != ".html":
        raise PlandriftError(f"{option} {path}: end its name in .html")
    if not path.parent.is_dir():
        raise PlandriftError(f"{option} {path}: there is no folder {path.parent}: make it first")


def write_page(path: Path, text: str, option: str = "--out") -> None:
    """Write a page.

    Raises:
        PlandriftError: the file cannot be written.
    """
    try:
        with whole_file(path) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PlandriftError(f"{option} {path}: {error.strerror}: give a writable path") from None
