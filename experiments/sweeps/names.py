"""Worlds and policies by name: built-in, or in somebody's own module as `package.module:Name`."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import sys
from typing import Any

from policies import POLICIES
from sim import Policy, Scene, SettingError, Streams, World
from sim.errors import nearest
from worlds import WORLDS


def world_named(name: str) -> type[World]:
    """The world class of this name.

    Raises:
        SettingError: there is none, its module does not import, or it is not a whole World.
    """
    if ":" not in name:
        if name not in WORLDS:
            raise SettingError(f"unknown world {name!r}: {nearest(name, WORLDS)}")
        return WORLDS[name]
    found = _imported(name)
    if not (isinstance(found, type) and issubclass(found, World)):
        raise SettingError(f"{name} is no world: make it a subclass of sim.World")
    _whole(name, found)
    if not dataclasses.is_dataclass(found) or "__dataclass_params__" not in vars(found):
        raise SettingError(f"{name}: decorate the class with @dataclass(frozen=True)")
    try:
        scene = found().begin(Streams(0), 1.0)
    except TypeError as error:
        if "abstract" not in str(error):
            raise
        raise SettingError(f"{name}: its scene is not whole: {error}") from None
    if not isinstance(scene, Scene):
        raise SettingError(f"{name}: begin returned {type(scene).__name__}: return a sim.Scene")
    return found


def policy_named(text: str) -> Policy:
    """The policy that a text such as ``gated``, ``periodic(4)`` or ``my.module:Name`` names.

    Raises:
        SettingError: there is none, or its arguments are wrong.
    """
    if ":" in text:
        found = _imported(text)
        if isinstance(found, type):
            _whole(text, found)
        try:
            policy = found()
        except TypeError as error:
            raise SettingError(f"{text}: {error}: make it callable with no arguments") from None
        if not isinstance(policy, Policy):
            raise SettingError(f"{text} is no policy: make it a subclass of sim.Policy")
        return policy
    try:
        tree = ast.parse(re.sub(r"(?<=[a-z])-(?=[a-z])", "_", text.strip()), mode="eval").body
    except SyntaxError:
        raise SettingError(f"policy {text!r}: give a name, or name(argument, …)") from None
    return _built(tree, text)


def _built(tree: ast.expr, text: str) -> Policy:
    if isinstance(tree, ast.Name):
        return _factory(tree.id, text, [], {})
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        args = [_argument(arg, text) for arg in tree.args]
        named = {str(k.arg): _argument(k.value, text) for k in tree.keywords}
        return _factory(tree.func.id, text, args, named)
    raise SettingError(f"policy {text!r}: give a name, or name(argument, …)")


def _argument(tree: ast.expr, text: str) -> Any:
    try:
        return ast.literal_eval(tree)
    except ValueError:
        if isinstance(tree, ast.Name) and tree.id.replace("_", "-") not in POLICIES:
            return tree.id.replace("_", "-")
        return _built(tree, text)


def _factory(name: str, text: str, args: list[Any], named: dict[str, Any]) -> Policy:
    name = name.replace("_", "-")
    if name not in POLICIES:
        raise SettingError(f"unknown policy {name!r}: {nearest(name, POLICIES)}")
    try:
        return POLICIES[name](*args, **named)
    except TypeError as error:
        reason = re.sub(r"^\w+(\.\w+)*\(\) ", "", str(error)).replace("Assembled.__init__() ", "")
        raise SettingError(f"policy {text!r}: {reason}") from None


def _imported(name: str) -> Any:
    module, _, attribute = name.partition(":")
    if "" not in sys.path:
        # A user's module lies where the user stands, as with `python -m`.
        sys.path.insert(0, "")
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise SettingError(
            f"{name}: no module {error.name!r}: give a module that can be imported from here"
        ) from None
    except Exception as error:
        raise SettingError(f"{name}: importing {module} failed: {type(error).__name__}: {error}") from None
    if not hasattr(loaded, attribute):
        names = [n for n, v in vars(loaded).items() if inspect.isclass(v) or inspect.isfunction(v)]
        raise SettingError(f"{name}: {module} has no {attribute!r}: {nearest(attribute, names)}")
    return getattr(loaded, attribute)


def _whole(name: str, kind: type) -> None:
    missing = sorted(getattr(kind, "__abstractmethods__", ()))
    if missing:
        raise SettingError(f"{name} misses {', '.join(missing)}: write the method")
