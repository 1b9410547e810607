"""The policies that a guard can have, by the names that `guard.toml` gives them."""

from __future__ import annotations

from collections.abc import Callable

from plandrift.experiments.agents.audit.age_limit import AgeLimit, age_limit
from plandrift.experiments.sweeps.names import policy_named
from plandrift.policies import look_first
from plandrift.sim import Policy, SettingError

OFFERED = ("look-first", "region", "version", "age:600", "if-match", "read-back")
"""The policies that make sense for files: each looks at the file itself, or at the clock."""
SILENT = ("gated", "warn", "event-driven", "plan-once")
"""Policies that never block without pushes: they compare with the belief, and nobody sends news of files."""
_SHORT: dict[str, Callable[[], Policy]] = {"version": lambda: look_first(compares="version", title="version")}


def guard_policy(name: str) -> Policy:
    """Return the policy with this name: one of `plandrift list policies`, or a guard's own.

    `version` is look-first with versions: it blocks if somebody else wrote the file, whatever it contains
    now. `age:SECONDS` blocks a call that depends on something seen longer ago.

    Raises:
        SettingError: no policy has this name. A user's own (`module:Name`) is refused, because `guard.toml`
        may come with a repository, and nothing that a repository names is run.

    >>> guard_policy("age:60").name, guard_policy("look-first").name
    ('age:60', 'look-first')
    """
    if name in _SHORT:
        return _SHORT[name]()
    seconds = age_limit(name, f"policy {name}: give age:SECONDS, such as age:600")
    if seconds is not None:
        return AgeLimit(seconds)
    if ":" in name:
        raise SettingError(
            f"policy {name}: a guard runs no module that a file names: give one of plandrift list policies"
        )
    return policy_named(name)
