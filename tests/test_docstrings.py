"""Every example in a docstring runs, and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import experiments
import policies
import sim
import worlds
from worlds import WORLDS

MODULES = sorted(
    found.name
    for package in (sim, worlds, policies, experiments)
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    if not found.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    found = [t for name in MODULES for t in finder.find(importlib.import_module(name)) if t.examples]
    assert len(found) >= 4


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_a_world_shows_what_it_is_like(name: str) -> None:
    assert ">>> " in (WORLDS[name].__doc__ or "")
