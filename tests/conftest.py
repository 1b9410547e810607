"""What holds for every test.

The files with long tests come first, so that no worker ends with one while the others are done. A test
that needs what an extra brings is skipped where that is not installed, and says what to install.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest

EXTRAS = {
    "cluster": ("distributed", "dask"),
    "planning": ("fast_downward",),
    "agents": ("mcp", "anyio"),
    "gym": ("gymnasium",),
    "fast": ("numba",),
    "workshop": ("marimo", "websockets"),
    "docs": ("sphinx", "docutils"),
    "test-all": ("playwright", "axe_playwright_python", "up_fast_downward"),
}
"""By extra of `pyproject.toml` what it brings, by the name it is imported by."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    long = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: item.path not in long)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, Any, Any]:
    with _skipped_where_missing():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    with _skipped_where_missing():
        return (yield)


@contextmanager
def _skipped_where_missing() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        extra = _extra_wanted(error)
        if extra is None:
            raise
        pytest.skip(f"not installed: pip install -e '.[{extra}]'")


def _extra_wanted(error: Exception) -> str | None:
    """The extra for want of which a test failed: by the module it lacks, or by what plandrift told it."""
    said = re.findall(r"plandrift\[([\w-]+)\]'|No module named '(\w+)", str(error))
    for extra, libraries in EXTRAS.items():
        named = any(told == extra or module in libraries for told, module in said)
        if named and any(find_spec(library) is None for library in libraries):
            return extra
    return None
