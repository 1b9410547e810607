"""What the compiled code needs below the level of numba: records as plain memory, and numbers of 128 bits.

A record is an address, and a field of it an offset. numba's own types for records and for the arrays in them
check each index and carry shapes: thirty instructions for an access that is one here.
"""

from __future__ import annotations

import operator
from typing import Any
from zlib import crc32

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.extending import (
    intrinsic,
    lower_builtin,
    lower_getattr_generic,
    lower_setattr_generic,
    models,
    register_model,
)
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_getattr,
    infer_global,
    signature,
)
from numba.np.numpy_support import as_struct_dtype, from_dtype


class Memory(types.Type):
    """A record at an address, or an array in it: its numpy type, which has the shape if it is an array."""

    def __init__(self, dtype: np.dtype[Any], name: str) -> None:
        self.dtype = dtype
        super().__init__(name=f"Memory({name})")

    def part(self, dtype: np.dtype[Any]) -> types.Type:
        """Return the type of a field or element: a number, or memory."""
        if dtype.shape or dtype.fields:
            return Memory(dtype, f"{dtype.base}{dtype.shape}")
        return from_dtype(dtype)


@register_model(Memory)
class _MemoryModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, cgutils.voidptr_t)


@infer_getattr
class _Fields(AttributeTemplate):
    key = Memory

    def generic_resolve(self, kind: Any, name: str) -> Any:  # type: ignore[override]
        return kind.part(kind.dtype.fields[name][0]) if name in (kind.dtype.names or ()) else None


def _at(context: Any, builder: Any, base: Any, offset: Any, kind: Any) -> Any:
    """Return the address of a number, or of a part that is memory itself."""
    place = builder.gep(base, [offset])
    return (
        place
        if isinstance(kind, Memory)
        else builder.bitcast(place, context.get_value_type(kind).as_pointer())
    )


def _loaded(builder: Any, place: Any, kind: Any) -> Any:
    return place if isinstance(kind, Memory) else builder.load(place)


def _field(context: Any, builder: Any, kind: Any, base: Any, name: str) -> tuple[Any, Any]:
    dtype, offset = kind.dtype.fields[name][:2]
    part = kind.part(dtype)
    return _at(context, builder, base, context.get_constant(types.intp, offset), part), part


@lower_getattr_generic(Memory)
def _get_field(context: Any, builder: Any, kind: Any, base: Any, name: str) -> Any:
    return _loaded(builder, *_field(context, builder, kind, base, name))


@lower_setattr_generic(Memory)
def _set_field(context: Any, builder: Any, signature: Any, args: Any, name: str) -> None:
    place, part = _field(context, builder, signature.args[0], args[0], name)
    builder.store(context.cast(builder, args[1], signature.args[1], part), place)


def _element(array: Any) -> Any:
    return array.part(array.dtype.base)


def _indexed(array: Any, index: Any) -> Any:
    places = len(index) if isinstance(index, types.BaseTuple) else 1
    if not isinstance(array, Memory) or places != len(array.dtype.shape):
        return None
    return types.UniTuple(types.intp, places) if isinstance(index, types.BaseTuple) else types.intp


@infer_global(operator.getitem)
class _Get(AbstractTemplate):
    def generic(self, args: Any, _kws: Any) -> Any:
        found = _indexed(*args)
        return signature(_element(args[0]), args[0], found) if found else None


@infer_global(operator.setitem)
class _Set(AbstractTemplate):
    def generic(self, args: Any, _kws: Any) -> Any:
        found = _indexed(*args[:2])
        return signature(types.none, args[0], found, _element(args[0])) if found else None


def _place(context: Any, builder: Any, kinds: Any, args: Any) -> tuple[Any, Any]:
    array, element = kinds[0].dtype, _element(kinds[0])
    places = cgutils.unpack_tuple(builder, args[1]) if isinstance(kinds[1], types.BaseTuple) else [args[1]]
    offset = places[0]
    for size, place in zip(array.shape[1:], places[1:], strict=True):
        offset = builder.add(builder.mul(offset, context.get_constant(types.intp, size)), place)
    offset = builder.mul(offset, context.get_constant(types.intp, array.base.itemsize))
    return _at(context, builder, args[0], offset, element), element


@lower_builtin(operator.getitem, Memory, types.Any)
def _get_element(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return _loaded(builder, *_place(context, builder, signature.args, args))


@lower_builtin(operator.setitem, Memory, types.Any, types.Any)
def _set_element(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    builder.store(args[2], _place(context, builder, signature.args, args)[0])
    return context.get_dummy_value()


def _record_of(_context: Any, array: Any, index: Any) -> Any:
    """Return a record of an array."""
    kind = Memory(as_struct_dtype(array.dtype), f"record {crc32(str(array.dtype).encode())}")

    def made(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        data = context.make_array(array)(context, builder, args[0]).data
        offset = builder.mul(args[1], context.get_constant(types.intp, kind.dtype.itemsize))
        return builder.gep(builder.bitcast(data, cgutils.voidptr_t), [offset])

    return kind(array, index), made


def _scaled(
    _context: Any, high: Any, low: Any, by_high: Any, by_low: Any, more_high: Any, more_low: Any
) -> Any:
    """Return x * by + more for numbers of 128 bits, each given as its upper and its lower half."""

    def made(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        wide, half = ir.IntType(128), ir.IntType(64)
        up = ir.Constant(wide, 64)
        parts = [builder.zext(arg, wide) for arg in args]
        x, by, more = [builder.or_(builder.shl(parts[i], up), parts[i + 1]) for i in (0, 2, 4)]
        found = builder.add(builder.mul(x, by), more)
        pair = ir.Constant(ir.LiteralStructType([half, half]), ir.Undefined)
        pair = builder.insert_value(pair, builder.trunc(builder.lshr(found, up), half), 0)
        return builder.insert_value(pair, builder.trunc(found, half), 1)

    return types.UniTuple(types.uint64, 2)(high, low, by_high, by_low, more_high, more_low), made


def _bits(_context: Any, mask: Any) -> Any:
    """Return the number of set bits."""
    return types.int64(mask), lambda _context, builder, _signature, args: builder.ctpop(args[0])


def _lowest(_context: Any, mask: Any) -> Any:
    """Return the position of the lowest set bit of a mask that is not 0."""
    never_0 = ir.Constant(ir.IntType(1), 1)
    return types.int64(mask), lambda _context, builder, _signature, args: builder.cttz(args[0], never_0)


record_of: Any = intrinsic(_record_of)
scaled: Any = intrinsic(_scaled)
bits: Any = intrinsic(_bits)
lowest: Any = intrinsic(_lowest)
