"""Reading PDDL with Fast Downward's parser, which reads the problems of the planning competitions.

Features that the parser does not support (durative actions, numeric conditions, preferences and the like) are
detected beforehand and refused by name and line, and the parser's own errors are condensed to one line.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from plandrift.sim import PlandriftError, SettingError

REFUSED = {
    ":durative-action": "durative actions",
    ":process": "processes",
    ":event": "PDDL+ events",
    ":constraints": "trajectory constraints",
    "preference": "preferences",
    "assign": "numeric effects",
    "decrease": "numeric effects",
    "scale-up": "numeric effects",
    "scale-down": "numeric effects",
    ">": "numeric conditions",
    "<": "numeric conditions",
    ">=": "numeric conditions",
    "<=": "numeric conditions",
    "maximize": "a metric to maximize",
}
"""Unsupported features: the keyword that introduces each, and its name."""
READ = (
    "STRIPS with types, negative, disjunctive and quantified conditions, conditional effects, derived "
    "predicates and action costs are read"
)
STRATEGY = "axiomatize_disjunctions_existentials"
"""How the translator treats disjunctions: each becomes a derived fact, never several actions."""


@dataclass(frozen=True, eq=False)
class Lifted:
    """A problem as it was read.

    Attributes:
        problem: the parser's problem, whose conditions have become conjunctions by derived predicates.
        name: the name of the problem.
        actions: the names of all actions, including those of the world.
        texts: the texts of domain and problem.
    """

    problem: Any
    name: str
    actions: tuple[str, ...]
    texts: tuple[str, str]


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


def read(domain: str, problem: str, places: tuple[str, str]) -> Lifted:
    """Read a problem from the texts of its two files.

    Args:
        domain: the domain's text.
        problem: the problem's text.
        places: the names of the two files, for messages.

    Raises:
        SettingError: a file cannot be read, they do not belong together, or use an unsupported feature.
    """
    named = re.search(r"\(\s*domain\s+([^\s()]+)", domain), re.search(r"\(\s*:domain\s+([^\s()]+)", problem)
    if named[0] and named[1] and named[0][1].lower() != named[1][1].lower():
        raise SettingError(
            f"{places[1]}: it is a problem of the domain {named[1][1]}, but {places[0]} is {named[0][1]}: "
            "give the domain that it was written for"
        )
    for text, place in ((domain, places[0]), (problem, places[1])):
        _balanced(text, place)
        _supported(text, place)
    lisp, parsing = translator("pddl_parser.lisp_parser"), translator("pddl_parser.parsing_functions")
    try:
        with quiet():
            nested = [lisp.parse_nested_list(iter(text.splitlines())) for text in (domain, problem)]
            parsed = parsing.parse_task(*nested)
            names = tuple(sorted({str(action.name) for action in parsed.actions}))
            _typed(parsed)
            translator("normalize").normalize(parsed)
    except (Exception, SystemExit) as error:
        raise SettingError(_complaint(error, domain, problem, places)) from None
    return Lifted(parsed, str(parsed.problem_name), names, (domain, problem))


def _typed(parsed: Any) -> None:
    """Refuse unknown types, which the parser would treat as types without objects."""
    known = {str(kind.name) for kind in parsed.types}
    for one in (*parsed.objects, *(p for action in parsed.actions for p in action.parameters)):
        if str(one.type_name) not in known:
            raise KeyError(str(one.type_name))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Suppress the progress that the translator prints to standard output."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """Yield the words and brackets of a text, each with its line number."""
    for number, line in enumerate(text.splitlines(), 1):
        for token in re.findall(r"[()]|[^\s()]+", line.partition(";")[0]):
            yield number, token.lower()


def _balanced(text: str, place: str) -> None:
    """Find the line of an unbalanced bracket, for a clearer error than the parser's."""
    opened: list[int] = []
    for number, token in _tokens(text):
        if token == "(":
            opened.append(number)
        elif token == ")":
            if not opened:
                raise SettingError(f"{place}:{number}: this closing bracket has no opening one")
            opened.pop()
    if opened:
        raise SettingError(f"{place}:{opened[-1]}: this opening bracket is never closed")


def _supported(text: str, place: str) -> None:
    before, block = "", ""
    for number, token in _tokens(text):
        block = token if before == "(" and token.startswith(":") else block
        what = REFUSED.get(token) if before == "(" or token == "maximize" else None
        if token == "either" and block == ":action":
            what = "either among an action's parameters"
        if what:
            raise SettingError(f"{place}:{number}: it uses {what}, which plandrift does not read: {READ}")
        before = token


def _complaint(error: BaseException, domain: str, problem: str, places: tuple[str, str]) -> str:
    """Return the parser's error in one line, with the file and line that it most likely refers to."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("->", "Parsing", "Syntax:"))]
    layers = [line for line in lines if line.startswith(("->", "Parsing"))]
    got = next((line.removeprefix("Got: ") for line in said if line.startswith("Got: ")), "")
    reason = " ".join(line for line in said if not line.startswith("Got: ")) or type(error).__name__
    if isinstance(error, KeyError):
        reason, got = f"unknown type or object {error}", str(error).strip("'")
    if got and len(got) < 80:
        reason = f"{reason.rstrip('.')}: {got}"
    of_problem = any("problem" in layer or "initial state" in layer for layer in layers)
    order = ((problem, places[1]), (domain, places[0]))
    for text, place in order if of_problem else order[::-1]:
        number = _line_of(got or reason, text, layers)
        if number:
            return f"{place}:{number}: {reason[:200]}: look there"
    return f"{places[1] if of_problem else places[0]}: {reason[:200]}: look there"


def _line_of(got: str, text: str, layers: list[str]) -> int | None:
    """Return the line on which the words of an error occur in sequence or, failing that, its last word."""
    numbered = list(_tokens(text))
    begin = 0
    for layer in layers:
        found = re.search(r"action '?([^\s']+)'?", layer)
        if found:
            names = [i for i, (_, token) in enumerate(numbered) if token == found[1].lower()]
            begin = names[0] if names else begin
    wanted = re.findall(r"[()]|[^\s()]+", got.lower())
    words = [token for _, token in numbered]
    for start in (begin, 0):
        for i in range(start, len(words) - len(wanted) + 1):
            if wanted and words[i : i + len(wanted)] == wanted:
                return numbered[i][0]
    quoted = re.findall(r"'([^']+)'", got.lower())
    return next((n for word in quoted for n, token in numbered if token == word), None)
