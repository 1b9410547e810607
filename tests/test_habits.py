"""What a project that people join has, and that it says one thing: version, licence, help, hooks."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import plandrift.sim
from tests.test_floors import HOUSES

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def cited(name: str) -> str:
    found = re.search(rf"^{name}: (\S+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_version_is_the_same_everywhere() -> None:
    assert version("plandrift") == PROJECT["version"] == cited("version") == plandrift.__version__
    assert f"## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text()


def test_the_licence_is_the_same_everywhere() -> None:
    assert PROJECT["license"] == cited("license") == "MIT"
    assert "the plandrift authors" in (ROOT / "LICENSE").read_text()


def test_the_hooks_are_local() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert set(re.findall(r"repo: (\S+)", hooks)) == {"local"}


def test_every_target_of_make_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets is not None
    for target in targets[1].split():
        assert re.search(rf"^{target}:.*## \w", makefile, re.MULTILINE), target


def test_every_version_that_make_installs_is_pinned() -> None:
    pinned = {line.partition("==")[0].lower() for line in (ROOT / "constraints.txt").read_text().split()}
    wanted = PROJECT["dependencies"] + [
        name for extra in PROJECT["optional-dependencies"].values() for name in extra
    ]
    for name in wanted:
        bare = re.split(r"[\[><=~]", name)[0].lower()
        assert bare == "plandrift" or {bare, bare.replace("-", "_")} & pinned, name


def test_no_address_of_a_registry_stands_anywhere() -> None:
    for name in ("pyproject.toml", "constraints.txt", "Makefile", ".ci/run", ".pre-commit-config.yaml"):
        assert not re.search(r"https?://|--index-url|--find-links", (ROOT / name).read_text()), name


@pytest.mark.parametrize("house", HOUSES)
def test_the_map_of_the_house_names_every_room(house: str) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    for room in HOUSES[house]:
        assert re.search(rf"^ +{room}/ ", text, re.MULTILINE), room


def test_the_order_of_reading_names_every_file_of_the_engine_under_its_room() -> None:
    rooms = dict(re.findall(r"^- `(\w+)`(.*(?:\n  .*)*)", plandrift.sim.__doc__ or "", re.MULTILINE))
    assert list(rooms) == list(HOUSES["sim"])
    for room, text in rooms.items():
        found = {path.stem for path in (ROOT / "sim" / room).iterdir() if not path.name.startswith("_")}
        assert found == set(re.findall(r"`(\w+)`", text)), room


def test_what_the_code_cites_ships() -> None:
    cited = 0
    for folder in ("plandrift", "sim", "worlds", "policies", "experiments"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            assert "design.md" not in text, path
            for page in re.findall(r"docs/[\w/-]+\.md", text):
                cited += 1
                assert (ROOT / page).exists(), f"{path}: {page}"
    assert cited >= 6
