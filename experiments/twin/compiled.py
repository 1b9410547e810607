"""How the twin's functions are compiled: in one piece, and Python calls only the outermost."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from numba import njit
from numba.core.codegen import JITCodeLibrary
from numba.core.registry import cpu_target
from numba.core.types.misc import unliteral

_NJIT: Any = njit
_PLAIN: Any = unliteral
F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a function that only compiled functions call."""
    made: Any = _NJIT(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")(function)
    template = made.get_call_template

    def of_types(args: Any, kws: Any) -> Any:
        # numba would compile it again for each constant that it is called with.
        return template([_PLAIN(arg) for arg in args], {name: _PLAIN(kws[name]) for name in kws})

    made.get_call_template = of_types
    return cast(F, made)


class _Part(JITCodeLibrary):
    """The code of a function before it is linked into its callers', to be optimised and translated there."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """Return no address: it is never called from Python."""
        return 0


@contextmanager
def in_one_piece(name: str) -> Iterator[None]:
    """Translate what is compiled meanwhile once, with the function of this name, which calls all others.

    numba would optimise and translate each function with all that it calls, and those again by themselves.
    """
    codegen = cpu_target.target_context.codegen()
    usual, set_env = codegen._library_class, codegen.set_env

    def library(owner: Any, of: str) -> Any:
        return (usual if of == name else _Part)(owner, of)

    library._unserialize = usual._unserialize  # type: ignore[attr-defined]

    def set_where_it_is(of: str, env: Any) -> None:
        if codegen._engine.get_global_value_address(of):
            set_env(of, env)

    codegen._library_class, codegen.set_env = library, set_where_it_is
    # Most of what is made now is kept until the end: collecting garbage would go through it again and again.
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
        codegen._library_class, codegen.set_env = usual, set_env
