"""How the compiled engine's functions are compiled."""

from __future__ import annotations

import gc
from typing import Any

import pytest

pytest.importorskip("numba")

from numba import njit

from plandrift.experiments.twin.compiled import compiled, in_one_piece

pytestmark = pytest.mark.long


def test_a_function_is_compiled_once_whatever_the_constants() -> None:
    def doubled(number: int) -> int:
        return 2 * number

    double: Any = compiled(doubled)

    def summed() -> int:
        return int(double(3) + double(4))

    outer: Any = njit
    assert outer(summed)() == 14
    assert len(double.signatures) == 1


def test_garbage_is_collected_again_after_compiling() -> None:
    with in_one_piece("nothing"):
        assert not gc.isenabled()
    assert gc.isenabled()
