"""The first `guard.toml`, and the entry that makes a host use the guard."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plandrift.experiments.agents.guard import hook_client
from plandrift.experiments.agents.guard.guard_policies import OFFERED, SILENT, guard_policy
from plandrift.experiments.agents.guard.hook_client import LOG
from plandrift.experiments.agents.guard.payloads.host import Host
from plandrift.policies.assembled import Assembled
from plandrift.sim import SettingError
from plandrift.sim.terms.whole_file import whole_file

_POLICY = re.compile(r"^policy\s*=.*$", re.MULTILINE)
CLIENT = Path(hook_client.__file__).resolve()
"""The hook's own file; it is started by its path."""


@dataclass(frozen=True)
class FirstFile:
    """A file that `init` makes or changes.

    Attributes:
        path: the file.
        text: its whole content.
    """

    path: Path
    text: str

    def write(self) -> None:
        """Write it; in an existing file, the guard's entry has been added to the others."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(self.path) as beside:
            beside.write_text(self.text, encoding="utf-8")


def settings_text(policy: str = "look-first", why: str = "") -> str:
    """Return a first `guard.toml`.

    Args:
        policy: the policy in force once the mode is `block`.
        why: a sentence about that choice.
    """
    shadow = ", ".join(f'"{name}"' for name in dict.fromkeys((policy, *OFFERED)))
    return f"""# The guard in front of this project's agent: see docs/howto/guard.md of plandrift.
mode = "shadow"         # says nothing and logs what each policy would have said; then "tell" or "block"
policy = "{policy}"     # in force with mode = "block"{f"; {why}" if why else ""}
shadow = [{shadow}]
# Left out above: {", ".join(SILENT)}. Without pushes they never block,
# because they compare with what the agent heard, and of files nobody sends it news.
on_block = "hand-back"  # or "refuse": say that it changed, without the lines
burst = 2               # the next identical refusal after so many asks the person; it never allows
fail = "open"           # if the guard itself fails; "closed" holds the call back, where the host can
log = "{LOG}"
"""


def advised_text(policy: str, held: str = "") -> str:
    """Return a `guard.toml` for the policy that `advise` recommends.

    A policy that compares with news blocks nothing on files, so look-first replaces it.

    Args:
        policy: the policy.
        held: an existing `guard.toml`, in which only the policy is changed.

    >>> [line[:21] for line in advised_text("gated").splitlines() if "advised was gated" in line]
    ['policy = "look-first"']
    >>> print(advised_text("if-match", 'mode = "tell"\\npolicy = "region"\\n[tools.get]\\nreads = "a"'))
    mode = "tell"
    policy = "if-match"     # in force with mode = "block"; advised by plandrift agent advise
    [tools.get]
    reads = "a"
    """
    named = guard_policy(policy)
    looks = isinstance(named, Assembled) and (named.reads == "fresh" or named.if_match != "none")
    made = settings_text(policy, "advised by plandrift agent advise")
    if not looks:
        made = settings_text(why=f"advised was {policy}, which blocks nothing on files")
    if not held:
        return made
    (line,) = (line for line in made.splitlines() if line.startswith("policy ="))
    text, found = _POLICY.subn(lambda _: line, held, count=1)
    return text if found else f"{line}\n{held}"


def first_files(host: Host, folder: Path) -> list[FirstFile]:
    """Return the files that set the guard up for a host in a project.

    An existing `guard.toml` is left as it is.

    Raises:
        SettingError: the host's file is not in the form that the host reads.
    """
    settings = folder / "guard.toml"
    made = [] if settings.exists() else [FirstFile(settings, settings_text())]
    command = [sys.executable, "-IS", str(CLIENT), host.name, str(settings.resolve())]
    entry = host.hook(command)
    path = folder / entry.path
    if isinstance(entry.content, str):
        return [*made, FirstFile(path, entry.content)]
    held = _held(path)
    return [*made, FirstFile(path, json.dumps(_merged(held, entry.content), indent=2) + "\n")]


def _held(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingError(f"{path}: {error}: mend it, or add the entry by hand") from None
    if not isinstance(held, dict):
        raise SettingError(f"{path}: it is not a JSON object: mend it, or add the entry by hand")
    return held


def _merged(held: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with an entry for the guard, which replaces an earlier one."""
    made = dict(held)
    for name, value in new.items():
        there = made.get(name)
        if isinstance(value, dict):
            made[name] = _merged(there if isinstance(there, dict) else {}, value)
        elif isinstance(value, list):
            made[name] = _others(there if isinstance(there, list) else []) + value
        else:
            made[name] = value
    return made


def _others(entries: list[Any]) -> list[Any]:
    """Return entries without the guard's own; a hook beside it, under the same matcher, stays."""
    made = []
    for entry in entries:
        beside = entry.get("hooks") if isinstance(entry, dict) else None
        if isinstance(beside, list):
            left = [hook for hook in beside if CLIENT.name not in json.dumps(hook)]
            if left or not beside:
                made.append(entry | {"hooks": left})
        elif CLIENT.name not in json.dumps(entry):
            made.append(entry)
    return made
