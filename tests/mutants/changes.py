"""How a file is broken: every small change of its code that a test ought to notice."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType

Function = ast.FunctionDef | ast.AsyncFunctionDef

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
NEGATED = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
"""The comparisons whose change is their negation."""
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
NAMED = {"min": "max", "max": "min", "any": "all", "all": "any"}
UNMEASURED = ("__slots__", "__all__")
"""Names whose value no behaviour follows from."""


NOTE = "_noted"
"""The built-in that each function calls first where it is noted which were called."""


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    Attributes:
        file: the file.
        number: its place among the changes of the file.
        line: where it is.
        where: the class and function around it; empty in a module's body.
        inner: the line at which the function around it begins, None outside of any.
        outer: the same of the outermost function.
        change: what was, and what is there in its place.
    """

    file: str
    number: int
    line: int
    where: str
    inner: int | None
    outer: int | None
    change: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.where}: {self.change}"


@dataclass(frozen=True)
class Edit:
    """A node in its place, and what to put there."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    put: ast.AST
    around: tuple[ast.AST, ...]

    def make(self) -> None:
        """Put it there."""
        ast.copy_location(self.put, self.node)
        if self.index is None:
            setattr(self.parent, self.field, self.put)
        else:
            getattr(self.parent, self.field)[self.index] = self.put


def mutants(file: str, source: str) -> list[Mutant]:
    """Every change of a file, in the order of its lines."""
    found = []
    for number, edit in enumerate(_edits(ast.parse(source), ())):
        named = [node for node in edit.around if isinstance(node, Function | ast.ClassDef)]
        lines = [_begins(node) for node in named if isinstance(node, Function)]
        found.append(
            Mutant(
                file,
                number,
                getattr(edit.node, "lineno", 0),
                ".".join(node.name for node in named),
                lines[-1] if lines else None,
                lines[0] if lines else None,
                f"{_shown(edit.node)} → {_shown(edit.put)}",
            )
        )
    return found


def broken(path: str, source: str, number: int) -> CodeType:
    """The code of a file with one change made."""
    tree = ast.parse(source)
    for place, edit in enumerate(_edits(tree, ())):
        if place == number:
            edit.make()
            break
    return compile(ast.fix_missing_locations(tree), path, "exec")


def noted(path: str, source: str) -> CodeType:
    """The code of a file with each function noting that it is called: its file, and the line it begins at."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, Function):
            begin = ast.parse(repr((path, _begins(node))), mode="eval").body
            note = ast.Expr(ast.Call(ast.Name(NOTE, ast.Load()), [begin], []))
            node.body.insert(ast.get_docstring(node) is not None, ast.copy_location(note, node.body[0]))
    return compile(ast.fix_missing_locations(tree), path, "exec")


def _begins(function: Function) -> int:
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


def _shown(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):
        return f"if {_shown(node.test)}"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else text[:67] + "..."


def _edits(node: ast.AST, around: tuple[ast.AST, ...]) -> Iterator[Edit]:
    for field, value in ast.iter_fields(node):
        if _out_of_bounds(node, field):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if not isinstance(child, ast.AST) or _says_nothing(child):
                continue
            # What stands at a function's head belongs to what is around it.
            within = around[:-1] if field == "args" and around and around[-1] is node else around
            for put in _in_place_of(child, within):
                yield Edit(node, field, index, child, put, within)
            opens = isinstance(child, Function | ast.ClassDef)
            yield from _edits(child, (*within, child) if opens else within)


def _out_of_bounds(node: ast.AST, field: str) -> bool:
    """Types and decorators: no behaviour of the program, or none that a test of it could miss."""
    if field in ("annotation", "returns", "decorator_list", "bases", "keywords"):
        return field != "keywords" or isinstance(node, ast.ClassDef)
    return isinstance(node, ast.If) and field == "body" and ast.unparse(node.test) == "TYPE_CHECKING"


def _says_nothing(node: ast.AST) -> bool:
    """What is not to be broken: the words of an error, a check of types, a docstring, `strict` of a zip."""
    if isinstance(node, ast.Raise | ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) in UNMEASURED
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("isinstance", "cast", "TypeVar", "print")
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.keyword) and node.arg == "strict"


def _in_place_of(node: ast.AST, around: tuple[ast.AST, ...]) -> Iterator[ast.AST]:
    """What can stand in place of a node."""
    within = any(isinstance(outer, Function) for outer in around)
    if isinstance(node, ast.Constant):
        yield from _constants(node.value)
    elif isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            ops = list(node.ops)
            ops[place] = COMPARED[type(op)]()
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in COUNTED and within:
        yield ast.BinOp(node.left, COUNTED[type(node.op)](), node.right)
    elif isinstance(node, ast.AugAssign) and type(node.op) in COUNTED:
        yield ast.AugAssign(node.target, COUNTED[type(node.op)](), node.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMED:
        yield ast.Call(ast.Name(NAMED[node.func.id], ast.Load()), node.args, node.keywords)
    elif isinstance(node, ast.Return) and node.value is not None and not _is_false(node.value):
        yield ast.Return(ast.Constant(None))
    if isinstance(node, ast.If | ast.IfExp | ast.While) and not _is_negated_elsewhere(node.test):
        yield from _with_test(node, lambda test: ast.UnaryOp(ast.Not(), test))
    if within and _can_be_dropped(node, around):
        yield ast.Pass()


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        if value != 0:
            yield ast.Constant(value - 1)


def _with_test(
    node: ast.If | ast.IfExp | ast.While, change: Callable[[ast.expr], ast.expr]
) -> Iterator[ast.AST]:
    if isinstance(node, ast.IfExp):
        yield ast.IfExp(change(node.test), node.body, node.orelse)
    elif isinstance(node, ast.If):
        yield ast.If(change(node.test), node.body, node.orelse)
    else:
        yield ast.While(change(node.test), node.body, node.orelse)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _is_negated_elsewhere(test: ast.expr) -> bool:
    """Whether another change of the same condition is its negation, or the condition is always so."""
    if isinstance(test, ast.Compare):
        return len(test.ops) == 1 and isinstance(test.ops[0], NEGATED)
    return isinstance(test, ast.Constant) or (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))


def _can_be_dropped(node: ast.AST, around: tuple[ast.AST, ...]) -> bool:
    """A statement that does something: a call, or a value put where others read it; not a first value."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    if isinstance(node, ast.Assign):
        made = isinstance(around[-1], Function) and around[-1].name == "__init__"
        return isinstance(node.targets[0], ast.Attribute | ast.Subscript) and not made
    return isinstance(node, ast.AugAssign)
