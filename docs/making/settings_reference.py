"""Every setting, from the dataclasses that hold them."""

from __future__ import annotations

import inspect

from docs.making.markdown_table import code, markdown_table
from plandrift.experiments.sweeps.names import policy_named
from plandrift.experiments.sweeps.settings import Setting, fields_of, settings_of
from plandrift.policies import POLICIES
from plandrift.worlds import WORLDS


def settings_reference() -> str:
    """The page's tables: settings of every episode, of each world, of a policy's parts, and the policies."""
    shared = settings_of(None, None)
    parts = []
    groups = {"": "Every episode", "channel": "The channel", "agent": "The agent", "handoff": "The hand-off"}
    for group, title in groups.items():
        rows = [s for s in shared if s.name.partition(".")[0] == group or (not group and "." not in s.name)]
        parts.append(f"## {title}\n\n{_table(rows)}")
    parts.append("## The worlds\n")
    for name, world in WORLDS.items():
        parts.append(
            f"### {name}\n\n{_about(world)}\n\n{_volatility(world)}\n\n{_table(fields_of(world, 'world'))}"
        )
    parts.append(f"## The parts of a policy\n\n{_table(fields_of(policy_named('plan-once'), 'policy'))}")
    named = []
    for name, make in POLICIES.items():
        chosen = ", ".join(code(f"{k}={str(v).lower()}") for k, v in policy_named(name).parts().items())
        named.append((code(name), _about(make).split("\n\n")[0], chosen or "none"))
    parts.append("## The named policies\n\n" + markdown_table(("policy", "what it does", "parts"), named))
    return "\n\n".join(parts)


def _about(thing: object) -> str:
    """The docstring without its examples."""
    paragraphs = (inspect.getdoc(thing) or "").split("\n\n")
    return "\n\n".join(p for p in paragraphs if ">>>" not in p)


def _volatility(world: type) -> str:
    field = world.__dataclass_fields__["volatility"]  # type: ignore[attr-defined]
    meta = field.metadata["plandrift"]
    return f"Its default `volatility` is {field.default:g} {meta['unit']}: {meta['meaning']}."


def _table(rows: list[Setting]) -> str:
    return markdown_table(
        ("setting", "default", "unit", "value", "meaning"),
        [(code(r.name), _default(r.default), r.unit, r.kind, r.meaning) for r in rows],
    )


def _default(value: object) -> str:
    if value is None:
        return "–"
    return code(",".join(value) if isinstance(value, tuple) else value)
