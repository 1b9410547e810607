"""Reading PDDL with Fast Downward's parser, which reads the problems of the planning competitions.

The parser is given blocks whose words know their lines. What it cannot read is refused in one line, which
says where that is and, if it is a feature of PDDL that is not supported, which.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from textwrap import shorten
from traceback import walk_tb
from types import SimpleNamespace
from typing import Any, NoReturn

from plandrift.sim import PlandriftError, SettingError
from plandrift.sim.terms.errors import nearest
from plandrift.worlds.pddl.blocks import Block, block_of, place

REFUSED = {
    ":durative-action": "durative actions",
    ":process": "processes",
    ":event": "PDDL+ events",
    ":constraints": "trajectory constraints",
    "preference": "preferences",
    "either": "either outside (:predicates …)",
    ":metric": "a metric other than minimize (total-cost)",
    **dict.fromkeys(("assign", "increase", "decrease", "scale-up", "scale-down"), "numeric effects"),
    **dict.fromkeys((">", "<", ">=", "<="), "numeric conditions"),
}
"""Unsupported features: the word that introduces each, and its name."""
READ = (
    "STRIPS with types, negative, disjunctive and quantified conditions, conditional effects, derived "
    "predicates and action costs are read"
)
PARSER = "pddl_parser.parsing_functions"
STRATEGY = "axiomatize_disjunctions_existentials"
"""How the translator treats disjunctions: each becomes a derived fact, never several actions."""


@dataclass(frozen=True, eq=False)
class Lifted:
    """A problem as it was read.

    Attributes:
        problem: the parser's problem, whose conditions have become conjunctions by derived predicates.
        name: the name of the problem.
        actions: the names of all actions, including those of the world.
    """

    problem: Any
    name: str
    actions: tuple[str, ...]


def translator(module: str) -> Any:
    """Import a module of Fast Downward's translator.

    Raises:
        PlandriftError: the translator is not installed.
    """
    try:
        options = import_module("fast_downward.translate.options")
        if options.options is None:
            options.set_options(["--condition-normalization-strategy", STRATEGY, "domain", "problem"])
        return import_module(f"fast_downward.translate.{module}")
    except ImportError:
        raise PlandriftError(
            "world pddl: fast-downward-translate is not installed: pip install 'plandrift[planning]'"
        ) from None


def read(domain: str, problem: str, files: tuple[str, str], schemas: tuple[str, str] = ("", "")) -> Lifted:
    """Read a problem from the texts of its two files.

    Args:
        domain: the domain's text.
        problem: the problem's text.
        files: the names of the two files, for messages.
        schemas: the text of more actions, which may be empty, and the name of its file.

    Raises:
        SettingError: a file cannot be read, they do not belong together, or use an unsupported feature.
    """
    blocks = block_of(domain, files[0]), block_of(problem, files[1])
    blocks[0].extend(block_of(f"({schemas[0]}\n)", schemas[1]))
    try:
        with quiet():
            parsed = _parsed(*blocks)
            names = tuple(sorted({str(action.name) for action in parsed.actions}))
            translator("normalize").normalize(parsed)
    except PlandriftError:
        raise
    except (Exception, SystemExit) as error:
        raise _refusal(error) from None
    return Lifted(parsed, str(parsed.problem_name), names)


class _MisreadError(Exception):
    """What the parser says is wrong, and with which part."""


def _misread(message: str, item: Any = None, **_: Any) -> NoReturn:
    raise _MisreadError(message, item)


def _parsed(domain: Block, problem: Block) -> Any:
    parsing, pddl = translator(PARSER), translator("pddl")
    context = SimpleNamespace(error=_misread, layer=contextlib.nullcontext)
    for block in (domain, problem):
        # A requirement matters only where the feature is used, and is refused there.
        block[:] = [part for part in block if part[:1] != [":requirements"]]
    for block in domain:
        if block[:1] == [":types"]:
            # A supertype need not be declared by itself, but the parser knows only those that are.
            above = {two for one, two in pairwise(block) if one == "-" and isinstance(two, str)}
            block += sorted(above - {"object"} - {two for one, two in pairwise(block) if one != "-"})
    name, _, types, by_type, constants, predicates, by_name, functions, actions, axioms = (
        parsing.parse_domain_pddl(context, domain)
    )
    title, of, _, objects, init, goal, metric = parsing.parse_problem_pddl(
        context, problem, by_type, by_name, {one.name for one in constants}
    )
    if of != name:
        raise SettingError(
            f"{place(of)}: it is a problem of the domain {of}, but {place(name)} is {name}: give the domain "
            "that it was written for"
        )
    objects = constants + objects
    for declared in (objects, actions, predicates):
        first: dict[str, Any] = {}
        for one in declared:
            if first.setdefault(one.name, one) is not one:
                raise SettingError(
                    f"{place(one)}: {one.name} is declared a second time, after {place(first[one.name])}: "
                    "rename one of the two"
                )
    arity = {one.name: len(one.arguments) for one in functions}
    uses: list[tuple[Any, set[str]]] = [(one.fluent, set()) for one in init if hasattr(one, "fluent")]
    uses += [(a.cost.expression, {one.name for one in a.parameters}) for a in actions if a.cost]
    for use, variables in uses:
        if hasattr(use, "symbol"):
            terms = variables | {one.name for one in objects}
            parsing.check_predicate_and_terms_existence(context, use.symbol, use.args, arity.keys(), terms)
            if len(use.args) != arity[use.symbol]:
                _misread(f"{use.symbol} takes {arity[use.symbol]} objects, not {len(use.args)}", use.symbol)
    for block in (domain, problem):
        _check_types(block, by_type)
    init += [pddl.Atom("=", (one.name, one.name)) for one in objects]
    return pddl.Task(
        name, title, None, types, objects, predicates, functions, init, goal, actions, axioms, metric
    )


def _check_types(block: Block, known: Collection[str]) -> None:
    """Refuse unknown types, which the parser would treat as types without objects."""
    for one, two in pairwise(block):
        for kind in () if one != "-" else two[1:] if isinstance(two, Block) else [two]:
            if kind not in known:
                raise SettingError(f"{place(kind)}: unknown type {kind}: {nearest(kind, known)}")
    for part in block:
        if isinstance(part, Block) and part[:1] not in ([":types"], [":functions"], [":init"], [":metric"]):
            _check_types(part, known)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Suppress the progress that the translator prints to standard output."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _refusal(error: BaseException) -> SettingError:
    """Return in one line, with its place, what the parser says is wrong or could not handle."""
    said, part = error.args if isinstance(error, _MisreadError) else (str(error), None)
    # If the parser does not say where, it is the last word of the innermost part that it was reading.
    frames = [list(frame.f_locals.values()) for frame, _ in walk_tb(error.__traceback__)]
    at = place(part) or next(at for held in frames[::-1] for one in held[::-1] if (at := place(one)))
    word = part
    while isinstance(word, list) and word:
        word = word[0]
    if isinstance(word, str) and word in REFUSED:
        return SettingError(f"{at}: it uses {REFUSED[word]}, which plandrift does not read: {READ}")
    if not isinstance(error, _MisreadError | SystemExit):
        return SettingError(f"{at}: it cannot be read: {READ}")
    shown = "" if part is None else f": {shorten(str(translator(PARSER).lispify(part)), 60)}"
    said = " ".join(re.sub("^error: ", "", said, flags=re.IGNORECASE).split()).rstrip(".")
    return SettingError(f"{at}: {said}{shown}: correct it")
