"""How the twin's functions are compiled: they call only each other, and Python calls none of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from numba import njit

_NJIT: Any = partial(njit, no_cpython_wrapper=True, no_cfunc_wrapper=True)

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a function that only compiled functions call."""
    made: F = _NJIT(error_model="numpy")(function)
    return made


def inlined(function: F) -> F:
    """Compile a function that is called in one place: its code is inlined, which compiles faster."""
    made: F = _NJIT(inline="always")(function)
    return made
