"""Every example in a docstring runs, and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

import pytest

from plandrift import experiments, policies, sim, worlds
from plandrift.worlds import WORLDS

pytestmark = pytest.mark.long

MODULES = sorted(
    found.name
    for package in (sim, worlds, policies, experiments)
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    if not found.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    if name.startswith("plandrift.worlds.pddl"):
        pytest.importorskip("fast_downward")
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    found = [t for name in MODULES for t in finder.find(importlib.import_module(name)) if t.examples]
    assert len(found) >= 80


@pytest.mark.parametrize("package", [sim, worlds, policies], ids=lambda p: p.__name__)
def test_everything_public_shows_itself_by_an_example(package: ModuleType) -> None:
    for name in package.__all__:
        thing = getattr(package, name)
        if (inspect.isclass(thing) or inspect.isfunction(thing)) and thing is not Any:
            assert ">>> " in (thing.__doc__ or ""), f"{package.__name__}.{name}"


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_a_world_shows_what_it_is_like(name: str) -> None:
    assert ">>> " in (WORLDS[name].__doc__ or "")
