"""Worlds, policies and planners by name: built-in, or in a user's module as `package.module:Name`."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import sys
from typing import Any

from plandrift.policies import POLICIES
from plandrift.sim import OwnPlanner, Policy, SettingError, Streams, World
from plandrift.sim.terms.errors import nearest
from plandrift.sim.usercode.answers import answering
from plandrift.sim.usercode.own_code import OwnCodeError, blamed, in_words, place
from plandrift.worlds import WORLDS

RENAMED = {"experiments.faults.history": "plandrift.experiments.agents.faults.history"}
"""The former names of modules, as used in manifests and suites of earlier versions."""


def world_named(name: str) -> type[World]:
    """Return the world class with this name.

    Raises:
        SettingError: it does not exist, its module cannot be imported, or it is not a complete World.
    """
    if ":" not in name:
        if name not in WORLDS:
            raise _wrong("world", f"unknown world {name!r}", nearest(name, WORLDS))
        return WORLDS[name]
    found = _imported(name, "world")
    if not (isinstance(found, type) and issubclass(found, World)):
        raise _wrong("world", f"{name} is not a world", "make it a subclass of plandrift.World")
    _check_whole(name, found, "world")
    if not dataclasses.is_dataclass(found) or "__dataclass_params__" not in vars(found):
        raise _wrong("world", name, "decorate the class with @dataclass(frozen=True)")
    try:
        with blamed():
            answering(found()).begin(Streams(0), 1.0)
    except OwnCodeError as error:
        why = error.__cause__
        if isinstance(why, TypeError) and "abstract" in str(why):
            raise _wrong("world", f"{name}: its scene is incomplete", str(why)) from None
        if isinstance(why, TypeError) and "required positional argument" in str(why):
            raise _wrong("world", f"{name}: {why}", "give each of its settings a default") from None
        raise
    except TypeError as error:
        raise _wrong("world", f"{name}: {error}", "give each of its settings a default") from None
    return found


def names_world(name: str) -> bool:
    """Say whether this names a world rather than a policy.

    Raises:
        SettingError: it names neither, or its module cannot be imported.
    """
    if ":" in name:
        found = _imported(name, "world or policy")
        return isinstance(found, type) and issubclass(found, World)
    policy = re.split(r"[(\s]", name.strip(), maxsplit=1)[0].replace("_", "-")
    if name not in WORLDS and policy not in POLICIES:
        fix = nearest(name, [*WORLDS, *POLICIES])
        raise _wrong("world or policy", f"{name!r} is neither a world nor a policy", fix)
    return name in WORLDS


def policy_named(text: str) -> Policy:
    """Return the policy named by a text such as ``gated``, ``periodic(4)`` or ``my.module:Name``.

    Raises:
        SettingError: it does not exist, or its arguments are wrong.
    """
    if ":" in text:
        found = _imported(text, "policy")
        if isinstance(found, type):
            _check_whole(text, found, "policy")
        if not callable(found):
            raise _wrong("policy", f"{text} is not a policy", "make it a subclass of plandrift.Policy")
        try:
            with blamed():
                policy = found()
        except TypeError as error:
            raise _wrong("policy", f"{text}: {error}", "make it callable with no arguments") from None
        except SettingError as error:
            raise _wrong("policy", f"{text}: {error}", "fix its defaults") from None
        if not isinstance(policy, Policy):
            raise _wrong("policy", f"{text} is not a policy", "make it a subclass of plandrift.Policy")
        return policy
    try:
        tree = ast.parse(re.sub(r"(?<=[a-z])-(?=[a-z])", "_", text.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _wrong("policy", f"policy {text!r:.200}", "give a name, or name(argument, …)") from None
    return _built(tree, text)


def planner_named(name: str) -> OwnPlanner:
    """Return the user's planner with the name ``package.module:name``.

    Raises:
        SettingError: it does not exist, its module cannot be imported, or it cannot be called.
    """
    if ":" not in name:
        raise _wrong("planner", f"--planner {name}", "give package.module:name")
    found = _imported(name, "planner")
    if isinstance(found, type) or not callable(found):
        raise _wrong("planner", f"{name} is not a planner", "make it a function of a belief and the goals")
    planner: OwnPlanner = found
    return planner


def _built(tree: ast.expr, text: str) -> Policy:
    if isinstance(tree, ast.Name):
        return _factory(tree.id, text, [], {})
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        args = [_argument(arg, text) for arg in tree.args]
        named = {str(k.arg): _argument(k.value, text) for k in tree.keywords}
        return _factory(tree.func.id, text, args, named)
    raise _wrong("policy", f"policy {text!r}", "give a name, or name(argument, …)")


def _argument(tree: ast.expr, text: str) -> Any:
    try:
        return ast.literal_eval(tree)
    except (TypeError, RecursionError, MemoryError):
        raise _wrong("policy", f"policy {text!r:.200}", "give numbers and texts as its arguments") from None
    except ValueError:
        if isinstance(tree, ast.Name) and tree.id.replace("_", "-") not in POLICIES:
            return tree.id.replace("_", "-")
        return _built(tree, text)


def _factory(name: str, text: str, args: list[Any], named: dict[str, Any]) -> Policy:
    name = name.replace("_", "-")
    if name not in POLICIES:
        raise _wrong("policy", f"unknown policy {name!r}", nearest(name, POLICIES))
    try:
        return POLICIES[name](*args, **named)
    except (TypeError, AttributeError, OverflowError) as error:
        reason = re.sub(r"^\w+(\.\w+)*\(\) ", "", str(error)).replace("Assembled.__init__() ", "")
        raise _wrong("policy", f"policy {text!r}", reason) from None
    except SettingError as error:
        # An argument is out of range: report the policy's own message.
        raise SettingError(str(error), name="policy", problem=error.problem, fix=error.fix) from None


def _imported(name: str, kind: str) -> Any:
    module, _, attribute = name.partition(":")
    module = RENAMED.get(module, module)
    _open_here()
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        fix = "give a module that can be imported from here"
        raise _wrong(kind, f"{name}: no module {error.name!r}", fix) from None
    except (Exception, SystemExit) as error:
        at = f" ({found[1]}:{found[2]})" if (found := place(error)) else ""
        reason = "it called sys.exit" if isinstance(error, SystemExit) else in_words(error)
        raise _wrong(kind, f"{name}: importing {module} failed", f"{reason}{at}") from error
    if not hasattr(loaded, attribute):
        names = [n for n, v in vars(loaded).items() if inspect.isclass(v) or inspect.isfunction(v)]
        raise _wrong(kind, f"{name}: {module} has no {attribute!r}", nearest(attribute, names))
    return getattr(loaded, attribute)


def _open_here() -> None:
    """Make modules in the user's current folder importable, after everything that is installed."""
    if "" not in sys.path:
        sys.path.append("")


def _check_whole(name: str, found: type, kind: str) -> None:
    missing = sorted(getattr(found, "__abstractmethods__", ()))
    if missing:
        raise _wrong(kind, f"{name} lacks {', '.join(missing)}", "write the method")


def _wrong(kind: str, problem: str, fix: str) -> SettingError:
    """Return the error for a name that is not a `world`, `policy` or `planner`."""
    return SettingError(f"{problem}: {fix}", name=kind, problem=problem, fix=fix)
