"""The public face: what `from plandrift import …` gives, when it is loaded, and that all examples use it."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import plandrift
from plandrift import sim
from tests.command import refused

ROOT = Path(__file__).parents[1]
FOLDERS = ("sim", "worlds", "policies", "experiments")


def said(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What a fresh interpreter in this folder makes of a line of code."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


def imported(code: str) -> list[tuple[str, str]]:
    """What a piece of Python imports by name: module and name."""
    return [
        (node.module or "", alias.name)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def shown(path: Path) -> list[str]:
    """The Python that a file shows to people: all of it if they copy it, else its examples."""
    text = path.read_text()
    if path.suffix == ".md":
        return re.findall(r"^```(?:\{run\} )?python\n(?::.*\n)*((?:.*\n)*?)```", text, re.MULTILINE)
    if "examples" in path.parts or "templates" in path.parts or path.stem.startswith("lesson_"):
        return [text]
    examples = doctest.DocTestParser().get_examples(text)
    return [example.source for example in examples]


def test_it_has_at_most_25_names_all_of_them_the_engines() -> None:
    assert len(plandrift.__all__) <= 25
    assert plandrift.__all__ == sorted(set(plandrift.__all__), key=sim.__all__.index)
    for name in plandrift.__all__:
        assert getattr(plandrift, name) is getattr(sim, name)
    assert set(plandrift.__all__) <= set(dir(plandrift))
    assert re.fullmatch(r"\d+\.\d+\.\d+", plandrift.__version__)


def test_what_it_does_not_have_is_refused_as_python_does(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="module 'plandrift' has no attribute 'Wrold'"):
        _ = plandrift.Wrold
    # Whose code that is: the user's, who asked for it.
    (tmp_path / "own.py").write_text("import plandrift\n\nclass World(plandrift.Wrold): ...\n")
    assert "own.py:3)" in refused("run", "own:World", "--policy", "gated", cwd=tmp_path)


def test_it_loads_what_is_asked_for_and_no_sooner(tmp_path: Path) -> None:
    loaded = "print(*sorted({'simpy', 'numpy', 'networkx', 'plandrift.sim'} & set(sys.modules)))"
    assert said(f"import sys, plandrift; {loaded}", tmp_path).stdout == "\n"
    assert "simpy" in said(f"import sys; from plandrift import run; {loaded}", tmp_path).stdout


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_of_a_checkout_is_refused_under_its_bare_name(folder: str) -> None:
    refused = said(f"import {folder}", ROOT)
    assert refused.returncode == 1
    last = refused.stderr.splitlines()[-1]
    assert last == f"ImportError: this folder is a part of plandrift: import plandrift.{folder}"
    assert said(f"import plandrift.{folder}", ROOT).returncode == 0


@pytest.mark.parametrize(
    "module", ["sim.terms.calls", "worlds.records", "policies.named", "experiments.cli.main"]
)
def test_so_is_what_lies_in_it(module: str) -> None:
    assert "this folder is a part of plandrift" in said(f"import {module}", ROOT).stderr.splitlines()[-1]


def test_its_own_example_runs() -> None:
    found = doctest.testmod(plandrift)
    assert found.attempted >= 4
    assert found.failed == 0


@pytest.mark.parametrize("name", plandrift.__all__)
def test_each_name_shows_itself_by_an_example(name: str) -> None:
    thing = getattr(plandrift, name)
    if (inspect.isclass(thing) or inspect.isfunction(thing)) and thing is not Any:
        assert ">>> " in (thing.__doc__ or "")
        return
    # A constant or a type has no docstring: it stands in another's, or in a file to copy.
    files = [*(ROOT / "sim").rglob("*.py"), *(ROOT / "examples").glob("*.py")]
    assert any(re.search(rf"\b{name}\b", piece) for path in files for piece in shown(path))


def test_people_are_shown_the_face_and_no_other_way_to_what_it_has() -> None:
    files = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.py")]
    files += [path for folder in ("plandrift", *FOLDERS) for path in (ROOT / folder).rglob("*.py")]
    seen = 0
    for path in files:
        for module, name in (found for piece in shown(path) for found in imported(piece)):
            if module == "plandrift":
                seen += 1
                assert name in plandrift.__all__, f"{path}: {name}"
            elif module.startswith("plandrift.sim"):
                assert name not in plandrift.__all__, f"{path}: {name} is in plandrift itself"
    assert seen >= 60
