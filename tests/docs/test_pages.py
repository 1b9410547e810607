"""The documentation: its blocks run, its commands exist, and the built site is whole and needs no network."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from docs.making.json_schema import json_schema
from docs.making.session import ROOT, blocks, commands
from plandrift.experiments.cli.main import AGENT, COMMANDS, DATA, LIST
from tests.command import apart as plandrift

pytestmark = pytest.mark.long

FOLDER = ROOT / "docs"
PAGES = sorted(str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*.md") if "made" not in p.parts)
TEXTS = {page: (FOLDER / page).read_text() for page in PAGES}
QUICK = {
    "model/plan.md",
    "model/world.md",
    "reference/json.md",
    "reference/trace.md",
}
"""Pages whose blocks take a second or so each; the build, which is slow, runs those of all the others."""


@pytest.mark.parametrize("page", sorted(QUICK))
def test_the_blocks_of_a_page_run(page: str, tmp_path: Path) -> None:
    played = [block.play(tmp_path) for block in blocks(TEXTS[page])]
    assert len(played) >= 1


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_and_does_not_run_is_there(page: str) -> None:
    makefile, extras = (ROOT / "Makefile").read_text(), tomllib.loads((ROOT / "pyproject.toml").read_text())
    fences = re.findall(r"^```console\n(.*?)^```", TEXTS[page], re.MULTILINE | re.DOTALL)
    named = [line.split(" #")[0] for fence in fences for line in commands(fence)]
    named += re.findall(r"`(plandrift [a-z][^`]*|make [a-z][\w-]*)`", TEXTS[page])
    for command in named:
        words = shlex.split(command)
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), command
        elif words[0] == "plandrift":
            group = {"agent": AGENT, "data": DATA, "list": LIST}.get(words[1])
            assert words[1] in COMMANDS, command
            assert group is None or len(words) == 2 or words[2] in group.places, command
        elif words[0] == "pip":
            extra = re.findall(r"\[(\w+)\]", command)
            assert all(e in extras["project"]["optional-dependencies"] for e in extra), command
        else:
            assert words[0] in ("dask", "source", "pytest"), command


def test_no_page_shows_python_that_does_not_run() -> None:
    for page, text in TEXTS.items():
        assert "```python" not in text, f"{page}: use {{run}} python"


def test_what_json_prints_is_as_the_schema_says(tmp_path: Path) -> None:
    said = plandrift("run", "records", "--policy", "plan-once", "--seed", "11", "--json", cwd=tmp_path)
    whole = json.loads(said.stdout)
    assert set(whole) == set(json_schema()["properties"])
    _holds(whole, json_schema(), "")


def _holds(value: object, schema: dict[str, object], place: str) -> None:
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "number": (int, float),
        "integer": int,
        "boolean": bool,
        "null": type(None),
    }
    if "enum" in schema:
        assert value in schema["enum"], place  # type: ignore[operator]
    options = schema.get("anyOf", [schema])
    assert isinstance(options, list)
    allowed = [
        t for o in options for t in ([o["type"]] if isinstance(o.get("type"), str) else o.get("type", []))
    ]
    assert not allowed or any(isinstance(value, kinds[t]) for t in allowed), f"{place}: {value!r}"  # type: ignore[arg-type]
    if isinstance(value, dict) and "properties" in schema:
        assert set(value) == set(schema["properties"]), place  # type: ignore[call-overload]
        for name, part in schema["properties"].items():  # type: ignore[attr-defined]
            _holds(value[name], part, f"{place}.{name}")
    if isinstance(value, list) and "items" in schema:
        for item in value:
            _holds(item, schema["items"], place + "[]")  # type: ignore[arg-type]


class Links(HTMLParser):
    """What a page of HTML links to, loads, and can be linked at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.add(found.get("id", ""))
        if tag == "a":
            self.links.append(found.get("href", ""))
        elif tag == "link":
            self.loads.append(found.get("href", ""))
        else:
            self.loads += [found[name] for name in ("src", "srcset", "poster", "data-src") if name in found]


@pytest.mark.slow
def test_the_site_is_whole_and_needs_no_network(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "--fresh-env",
            "--fail-on-warning",
            "--keep-going",
            "--quiet",
            "--define",
            "short_book=1",
            "docs",
            tmp_path,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    _every_link_leads_somewhere_and_nothing_comes_from_outside(tmp_path)
    _every_picture_says_what_it_shows(tmp_path)


def _every_link_leads_somewhere_and_nothing_comes_from_outside(site: Path) -> None:
    pages = {path: Links(path.read_text()) for path in site.rglob("*.html") if "_pages" not in path.parts}
    assert len(pages) > len(PAGES)
    for path, page in pages.items():
        for target in page.loads:
            assert not re.match(r"(https?:)?//", target), f"{path} loads {target}"
        for target in page.links + page.loads:
            if re.match(r"\w+:|#?$", target):
                continue
            place, _, anchor = unquote(target).partition("#")
            found = (path.parent / place.partition("?")[0]).resolve() if place else path
            assert found.exists(), f"{path}: {target}"
            if anchor and found in pages:
                assert anchor in pages[found].ids, f"{path}: {target}"
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", style.read_text()), style


def _every_picture_says_what_it_shows(site: Path) -> None:
    images = [
        tag
        for path in site.rglob("*.html")
        if "_pages" not in path.parts
        for tag in re.findall(r"<img [^>]*>", path.read_text())
    ]
    assert len(images) >= 12
    assert all(re.search(r'alt="[^"]{20,}"', tag) for tag in images), images
