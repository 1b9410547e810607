"""The settings of a guard, in `guard.toml`.

mode = "shadow"        # shadow: says nothing; tell: says it after the call; block: holds calls back
policy = "look-first"  # the one in force
shadow = ["look-first", "version", "age:600", "if-match", "read-back"]  # those that are asked and logged
on_block = "hand-back" # refuse, or hand back what is there now
burst = 2              # after so many equal refusals, the next asks the person
fail = "open"          # what happens to a call if the guard itself fails: open or closed
log = ".plandrift/guard.jsonl"

[tools.close_ticket]   # what a tool reads and writes, as for `import otel --mapping`
writes = "ticket/{input.id}"
version = "input.if_match"
fail = "closed"

[tools.get_ticket]
reads = "ticket/{input.id}"
seen = "output"
look = true            # the MCP proxy may make this call itself, to see what is there just before a write
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plandrift.experiments.agents.guard.guard_policies import OFFERED, guard_policy
from plandrift.experiments.agents.guard.hook_client import LOG
from plandrift.experiments.agents.transcripts.mapping import Mapping, mapping_of
from plandrift.sim import SettingError
from plandrift.sim.terms.errors import nearest

MODES = ("shadow", "tell", "block")
ON_BLOCK = ("refuse", "hand-back")
FAIL = ("open", "closed")
_CHOICES = {"mode": MODES, "on_block": ON_BLOCK, "fail": FAIL}
_TOOL_KEYS = ("fail", "look")


@dataclass(frozen=True)
class GuardSettings:
    """The settings of a guard; see the module.

    Attributes:
        path: the file that they are from.
        mode: whether it says nothing, tells after the call, or blocks.
        policy: the policy in force.
        shadow: the policies that are asked and logged, including the one in force.
        on_block: what the agent gets in place of a blocked call.
        burst: how many identical refusals of one call are given before the person is asked.
        fail: what happens to a call if the guard fails.
        tool_fails: the same for single tools.
        looks: the tools that the MCP proxy may call itself.
        log: the log.
        mapping: what tools read and write.
    """

    path: Path
    mode: str = "shadow"
    policy: str = "look-first"
    shadow: tuple[str, ...] = OFFERED
    on_block: str = "hand-back"
    burst: int = 2
    fail: str = "open"
    tool_fails: Table[str, str] = field(default_factory=dict)
    looks: frozenset[str] = frozenset()
    log: Path = Path(LOG)
    mapping: Mapping = field(default_factory=Mapping)

    def fails(self, tool: str) -> str:
        """Return what happens to a call of a tool if the guard fails: it is let through (open), or not."""
        return self.tool_fails.get(tool, self.fail)

    @property
    def policies(self) -> tuple[str, ...]:
        """Return the names of all policies that are asked, the one in force first."""
        return tuple(dict.fromkeys((self.policy, *self.shadow)))


def read_guard_settings(path: Path) -> GuardSettings:
    """Read a guard's settings.

    Raises:
        SettingError: the file does not exist, is not TOML, or contains an invalid setting.
    """
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"{path}: {error.strerror}: make one with plandrift guard init") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: {error}") from None
    known = ("mode", "policy", "shadow", "on_block", "burst", "fail", "log", "tools")
    for name in held:
        if name not in known:
            raise SettingError(f"{path}: {name}: {nearest(name, known)}")
    for name, choices in _CHOICES.items():
        if name in held and held[name] not in choices:
            raise SettingError(f"{path}: {name} = {held[name]!r}: {nearest(str(held[name]), choices)}")
    burst = held.get("burst", 2)
    if not isinstance(burst, int) or isinstance(burst, bool) or burst < 1:
        raise SettingError(f"{path}: burst = {burst!r}: give a whole number from 1 on")
    shadow = held.get("shadow", list(OFFERED))
    if not isinstance(shadow, list) or not all(isinstance(name, str) for name in shadow):
        raise SettingError(f'{path}: shadow: give a list of policies, such as ["look-first", "age:600"]')
    log = Path(str(held.get("log", LOG)))
    if log.is_absolute() or ".." in log.parts:
        # The file may come with a repository, which must not choose files elsewhere to write to.
        raise SettingError(f"{path}: log = {str(log)!r}: give a path below the folder of this file")
    tools = held.get("tools", {})
    mapped = _without_own(path, tools)
    own = {name: said for name, said in tools.items() if isinstance(said, dict)}
    made = GuardSettings(
        path=path.absolute(),
        mode=held.get("mode", "shadow"),
        policy=str(held.get("policy", "look-first")),
        shadow=tuple(shadow),
        on_block=held.get("on_block", "hand-back"),
        burst=burst,
        fail=held.get("fail", "open"),
        tool_fails={name: said["fail"] for name, said in own.items() if "fail" in said},
        looks=frozenset(name for name, said in own.items() if said.get("look")),
        log=path.absolute().parent / log,
        mapping=mapping_of(f"{path}", {"tools": mapped}),
    )
    for name in made.policies:
        try:
            guard_policy(name)
        except SettingError as error:
            raise SettingError(f"{path}: {error}") from None
    return made


def _without_own(path: Path, tools: object) -> dict[str, Any]:
    """Check the keys that only a guard's tables of tools have, and return the tables without them."""
    if not isinstance(tools, dict):
        raise SettingError(f"{path}: tools: give a table for each tool, such as [tools.close_ticket]")
    made: dict[str, Any] = {}
    for name, said in tools.items():
        if isinstance(said, Table):
            fail = said.get("fail", "open")
            if fail not in FAIL:
                raise SettingError(f"{path}: tools.{name}.fail = {fail!r}: {nearest(str(fail), FAIL)}")
            look = said.get("look", False)
            if not isinstance(look, bool):
                raise SettingError(f"{path}: tools.{name}.look = {look!r}: give true or false")
            if look and (said.get("writes") or not said.get("reads")):
                raise SettingError(f"{path}: tools.{name}.look: only a tool that reads and does not write")
            said = {key: value for key, value in said.items() if key not in _TOOL_KEYS}
            if not said:
                # Only how it fails is set: what it reads and writes is already known.
                continue
        made[name] = said
    return made
