"""A planner of somebody else's in the place of the built-in search: any engine of unified-planning."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from importlib import import_module
from typing import Any

from sim import Call, PlandriftError
from worlds.pddl.reading import Lifted

TIME_LIMIT = 60.0
"""Seconds that an engine may take for one plan."""
TIMED = ("fast-downward", "fast-downward-opt")
"""The engines that can be told so."""


def planning(module: str) -> Any:
    """A module of unified-planning.

    Raises:
        PlandriftError: it is not installed.
    """
    try:
        import_module("unified_planning.shortcuts").get_environment().credits_stream = None
        return import_module(f"unified_planning.{module}")
    except ImportError:
        raise PlandriftError(
            "world.planner: unified-planning is not installed: pip install 'plandrift[planning]'"
        ) from None


def problem_at(
    lifted: Lifted, facts: frozenset[tuple[str, tuple[str, ...]]], without: tuple[str, ...]
) -> Any:
    """The problem as unified-planning reads it, beginning in another state.

    Args:
        lifted: as read.
        facts: every fact that holds there, static ones among them, none that is derived.
        without: the names of actions that are not the agent's.

    Raises:
        PlandriftError: unified-planning does not read it.
    """
    domain, problem = lifted.texts
    try:
        with warnings.catch_warnings():
            # The reader calls its own parser by names that are going out of use.
            warnings.simplefilter("ignore", DeprecationWarning)
            parsed = planning("io").PDDLReader().parse_problem_string(domain, _begun(problem, facts))
    except Exception as error:
        if isinstance(error, PlandriftError):
            raise
        reason = " ".join(str(error).split())[:160]
        raise PlandriftError(f"world.planner: unified-planning does not read it: {reason}") from None
    kept = [action for action in parsed.actions if action.name.lower() not in without]
    parsed.clear_actions()
    parsed.add_actions(kept)
    return parsed


def _begun(problem: str, facts: frozenset[tuple[str, tuple[str, ...]]]) -> str:
    """A problem's text with other facts in its ``:init``; its functions' values stay."""
    bare = re.sub(r";[^\n]*", "", problem).lower()
    start = re.search(r"\(\s*:init", bare)
    if start is None:
        return bare
    depth, end = 0, start.start()
    for end in range(start.start(), len(bare)):
        depth += {"(": 1, ")": -1}.get(bare[end], 0)
        if not depth:
            break
    values = re.findall(r"\(\s*=\s*(?:\([^()]*\)|[^\s()]+)\s*[^\s()]+\s*\)", bare[start.end() : end])
    said = [f"({' '.join((name, *terms))})" for name, terms in sorted(facts)]
    return f"{bare[: start.start()]}(:init {' '.join([*said, *values])}){bare[end + 1 :]}"


@lru_cache(maxsize=20_000)
def planned(
    name: str, lifted: Lifted, facts: frozenset[tuple[str, tuple[str, ...]]], without: tuple[str, ...]
) -> tuple[Call, ...] | None:
    """What an engine plans from a state; None where it finds nothing.

    Raises:
        PlandriftError: there is no such engine, it is not installed, or it fails.
    """
    shortcuts: Any = planning("shortcuts")
    problem = problem_at(lifted, facts, without)
    try:
        with shortcuts.OneshotPlanner(name=name) as engine:
            solved = engine.solve(problem, timeout=TIME_LIMIT if name in TIMED else None).plan
    except Exception as error:
        if name not in shortcuts.get_environment().factory.engines:
            raise PlandriftError(
                f"world.planner = {name}: the engine is not installed: "
                f"pip install 'unified-planning[{name}]', or use built-in"
            ) from None
        reason = " ".join(str(error).split())[:160]
        raise PlandriftError(f"world.planner = {name}: {reason}: use built-in, or another") from None
    if solved is None:
        return None
    return tuple(_call_of(step) for step in solved.actions)


def _call_of(step: Any) -> Call:
    named = zip(step.action.parameters, step.actual_parameters, strict=True)
    return Call(
        step.action.name.lower(),
        tuple((parameter.name.lower(), str(value).lower()) for parameter, value in named),
    )
