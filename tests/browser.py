"""Headless Chromium from Debian's packages, driven by Playwright, for the tests of pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAPTOP, PHONE = (1366, 768), (390, 844)
REQUIRED = "PLANDRIFT_BROWSER"
"""Set to `required`, as continuous integration does, a missing browser is a failure and no skip."""


@dataclass
class Visit:
    """A page that is open, and what it asked for and complained of meanwhile."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def chromium() -> str:
    """The path of the browser; skips, or fails where it is required, if there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "no chromium is installed: apt-get install chromium"
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def visit(path: Path, size: tuple[int, int] = LAPTOP) -> Iterator[Visit]:
    """Open a page as a file."""
    from playwright.sync_api import sync_playwright  # what `test` does not install

    executable = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": size[0], "height": size[1]})
            seen = Visit(page)
            page.on("request", lambda request: seen.requests.append(request.url))
            page.on("console", lambda message: seen.complaints.append(message.text))
            page.on("pageerror", lambda error: seen.complaints.append(str(error)))
            page.goto(path.resolve().as_uri())
            yield seen
            assert seen.complaints == []
            assert [url for url in seen.requests if not url.startswith("data:")] == [path.resolve().as_uri()]
        finally:
            browser.close()
