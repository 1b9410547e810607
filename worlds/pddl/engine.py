"""External planners in place of the built-in search: any engine of unified-planning."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from importlib import import_module
from typing import Any

from plandrift.sim import Call, PlandriftError
from plandrift.worlds.pddl.engine_process import WORKER
from plandrift.worlds.pddl.reading import Lifted


def planning(module: str) -> Any:
    """Import a module of unified-planning.

    Raises:
        PlandriftError: unified-planning is not installed.
    """
    try:
        import_module("unified_planning.shortcuts").get_environment().credits_stream = None
        return import_module(f"unified_planning.{module}")
    except ImportError:
        raise PlandriftError(
            "world.planner: unified-planning is not installed: pip install 'plandrift[planning]'"
        ) from None


def problem_at(
    texts: tuple[str, str], facts: frozenset[tuple[str, tuple[str, ...]]], without: tuple[str, ...]
) -> Any:
    """Let unified-planning read the problem, starting from another state.

    Args:
        texts: the texts of domain and problem.
        facts: every fact that holds in that state, including static but not derived facts.
        without: the names of the actions that do not belong to the agent.

    Raises:
        PlandriftError: unified-planning cannot read the problem.
    """
    domain, problem = texts
    try:
        with warnings.catch_warnings():
            # The reader calls its own parser by deprecated names.
            warnings.simplefilter("ignore", DeprecationWarning)
            parsed = planning("io").PDDLReader().parse_problem_string(domain, _begun(problem, facts))
    except Exception as error:
        if isinstance(error, PlandriftError):
            raise
        reason = " ".join(str(error).split())[:160]
        raise PlandriftError(f"world.planner: unified-planning cannot read the problem: {reason}") from None
    kept = [action for action in parsed.actions if action.name.lower() not in without]
    parsed.clear_actions()
    parsed.add_actions(kept)
    return parsed


def _begun(problem: str, facts: frozenset[tuple[str, tuple[str, ...]]]) -> str:
    """Return a problem's text with other facts in its ``:init``, but the same function values."""
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
    name: str,
    lifted: Lifted,
    facts: frozenset[tuple[str, tuple[str, ...]]],
    without: tuple[str, ...],
    limit: float,
) -> tuple[Call, ...] | None:
    """Plan from a state with an engine in a separate process; None if the engine says there is no plan.

    Wall-clock time can only cause an error, never a different result: taking more than `limit` seconds is an
    error, and does not count as finding no plan.

    Raises:
        PlandriftError: there is no such engine, it is not installed, it fails, or it takes too long.
    """
    order = {"name": name, "texts": lifted.texts, "facts": sorted(facts), "without": without}
    answer = WORKER.ask(order, limit)
    if answer is None:
        raise PlandriftError(
            f"world.planner = {name}: no plan within {limit:g} s: raise world.planner_limit, or use built-in"
        )
    if "error" in answer:
        raise PlandriftError(answer["error"])
    plan = answer["plan"]
    return None if plan is None else tuple(Call(action, tuple(map(tuple, args))) for action, args in plan)


def solved(order: dict[str, Any]) -> dict[str, Any]:
    """Return the worker's answer to a request from `planned`: a plan, None for no plan, or an error."""
    name, without = order["name"], tuple(order["without"])
    domain, problem = order["texts"]
    facts = frozenset((predicate, tuple(terms)) for predicate, terms in order["facts"])
    shortcuts: Any = None
    try:
        shortcuts = planning("shortcuts")
        read = problem_at((domain, problem), facts, without)
        with shortcuts.OneshotPlanner(name=name) as engine:
            result = engine.solve(read)
    except PlandriftError as error:
        return {"error": str(error)}
    except Exception as error:
        if name not in shortcuts.get_environment().factory.engines:
            fix = f"pip install 'unified-planning[{name}]', or use built-in"
            return {"error": f"world.planner = {name}: the engine is not installed: {fix}"}
        reason = " ".join(str(error).split())[:160]
        return {"error": f"world.planner = {name}: {reason}: use built-in, or another"}
    if result.plan is None:
        if result.status.name.startswith("UNSOLVABLE"):
            return {"plan": None}
        reason = result.status.name.lower().replace("_", " ")
        return {"error": f"world.planner = {name}: it ended with {reason}: use built-in, or another"}
    return {"plan": [_call_of(step) for step in result.plan.actions]}


def _call_of(step: Any) -> tuple[str, list[tuple[str, str]]]:
    named = zip(step.action.parameters, step.actual_parameters, strict=True)
    args = [(parameter.name.lower(), str(value).lower()) for parameter, value in named]
    return step.action.name.lower(), args
