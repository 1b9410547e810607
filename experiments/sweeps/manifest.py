"""What a sweep's folder was made for: its conditions, its seeds, and what made it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.plain_values import value_text
from plandrift.experiments.sweeps.spec import REGRET, Spec, Until
from plandrift.sim import SettingError
from plandrift.sim.measure.metrics import METRICS

PACKAGES = ("plandrift", "simpy", "numpy", "networkx", "scipy", "duckdb")


class Manifest(BaseModel):
    """What a sweep's folder was made for."""

    model_config = ConfigDict(frozen=True)

    title: str
    versions: dict[str, str]
    spec_hash: str
    varies: list[str]
    """The settings in which conditions differ, with those that the spec lists first."""
    seeds: int | None
    until: Until | None
    regret: bool
    steps: bool
    conditions: list[Condition] = Field(min_length=1)
    engines: dict[str, str] = Field(default_factory=dict)
    """The engine of each condition, by id: ``compiled``, or ``simpy: `` and why; rows are equal."""
    left_empty: dict[str, list[str]] = Field(default_factory=dict)
    """The metrics that each condition's engine does not measure, by the condition's id."""

    @model_validator(mode="after")
    def _all_that_varies(self) -> Manifest:
        # A folder may be older than this rule.
        self.varies[:] = varying(self.varies, self.conditions)
        return self

    @property
    def metrics(self) -> list[str]:
        """Return the names of the metrics in the folder."""
        return [*METRICS, *([REGRET] if self.regret else [])]

    @property
    def policies(self) -> list[str]:
        """Return the policies, in the order of the spec."""
        return list(dict.fromkeys(one.policy for one in self.conditions))

    @property
    def world(self) -> str:
        """Return the world if there is only one, else an empty text."""
        worlds = {one.world for one in self.conditions}
        return worlds.pop() if len(worlds) == 1 else ""

    @property
    def staleness(self) -> tuple[str, ...]:
        """Return the metrics of plan staleness, for users who name none.

        In PDDL, a step that is stale only by its links often does not fail, because another action makes
        what it needs; direct staleness is therefore shown as well.
        """
        pddl = any(one.world == "pddl" for one in self.conditions)
        return ("plan_staleness", "direct_staleness") if pddl else ("plan_staleness",)

    @property
    def most(self) -> int:
        """Return the most episodes that the sweep may reach."""
        each = self.until.at_most if self.until is not None else self.seeds or 0
        return each * len(self.conditions)

    def beside(self, other: Manifest) -> Manifest:
        """Return this manifest for a folder that also has the other's rows: it lacks what either lacks."""
        left = {
            one: sorted({*self.left_empty.get(one, ()), *other.left_empty.get(one, ())})
            for one in self.left_empty | other.left_empty
        }
        return self.model_copy(update={"left_empty": left})


def manifest_of(spec: Spec, conditions: Sequence[Condition], steps: bool) -> Manifest:
    """Return the manifest of a new sweep."""
    made = manifest_of_conditions(spec.title, conditions, spec.seeds)
    named = [name for name in spec.names if name not in ("world", "policy")]
    varies = varying(named, conditions)
    asked = {"varies": varies, "until": spec.until, "regret": spec.regret, "steps": steps}
    return _sealed(made.model_copy(update=asked))


def manifest_of_conditions(title: str, conditions: Sequence[Condition], seeds: int | None) -> Manifest:
    """Return the manifest of a folder for this many seeds of some conditions."""
    versions = {name: version(name) for name in PACKAGES} | {"python": platform.python_version()}
    worlds = {str((one.world, one.of_world)): one for one in conditions}
    for one in worlds.values():
        versions |= one.programs()
    made = Manifest(
        title=title,
        versions=versions,
        spec_hash="",
        varies=[],
        seeds=seeds,
        until=None,
        regret=False,
        steps=False,
        conditions=list(conditions),
    )
    return _sealed(made)


def varying(named: Sequence[str], conditions: Sequence[Condition]) -> list[str]:
    """Return the settings named, and every other one in which conditions differ.

    Differences that follow from the name of a world or policy, or from the oracle setting, do not count.
    """
    found: dict[str, None] = dict.fromkeys(named)
    for name in sorted({"oracle"}.union(*(one.given for one in conditions))):
        if len({value_text(one.value(name)) for one in conditions}) > 1:
            found[name] = None
    alike: dict[tuple[Any, ...], Condition] = {}
    for one in conditions:
        first = alike.setdefault((one.world, one.policy, one.oracle), one)
        for name, value in one.settings.items():
            if value != first.settings.get(name):
                found[name] = None
    return list(found)


def _sealed(manifest: Manifest) -> Manifest:
    """Return the manifest with the hash of what it asks for, independent of the order of its conditions."""
    words = {
        "conditions": sorted(e.id for e in manifest.conditions),
        "seeds": manifest.seeds,
        "until": None if manifest.until is None else manifest.until.model_dump(),
        "regret": manifest.regret,
        "steps": manifest.steps,
    }
    digest = hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()
    return manifest.model_copy(update={"spec_hash": digest})


def difference(old: Manifest, new: Manifest) -> str:
    """Describe what the new manifest asks for that the old one does not, and vice versa."""
    before, after = {e.id: e for e in old.conditions}, {e.id: e for e in new.conditions}
    says = []
    for word, these, those in (("adds", after, before), ("leaves out", before, after)):
        only = [e for i, e in these.items() if i not in those]
        if only:
            first = only[0]
            given = ", ".join(f"{k} = {v}" for k, v in first.given.items())
            more = f" and {len(only) - 1} more" if len(only) > 1 else ""
            says.append(f"it {word} {first.world} × {first.policy} ({given}){more}")
    for name in ("seeds", "until", "regret", "steps"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            says.append(f"{name} was {_words(was)} and is {_words(now)}")
    return "; ".join(says)


def _words(value: Any) -> str:
    if isinstance(value, Until):
        return f"{value.metric} ± {value.half_width:g} within {value.at_most}"
    return "not given" if value is None else str(value)


def extended(old: Manifest, new: Manifest) -> Manifest:
    """Merge both: the old conditions, then the new ones, with the new number of seeds.

    Raises:
        SettingError: it is not an extension: it has other metrics or steps, or fewer seeds.
    """
    for name in ("regret", "steps"):
        if getattr(old, name) != getattr(new, name):
            raise SettingError(f"--extend adds conditions or seeds; {name} differs: give another --out")
    if old.seeds is not None and new.seeds is not None and new.seeds < old.seeds:
        raise SettingError(f"--extend adds seeds: there are {old.seeds} already, and {new.seeds} is fewer")
    known = set(old.conditions)
    conditions = old.conditions + [one for one in new.conditions if one not in known]
    varies = varying([*old.varies, *new.varies], conditions)
    # These versions are for rows older than `chunk_records`.
    kept = {"conditions": conditions, "varies": varies, "versions": new.versions | old.versions}
    return _sealed(new.model_copy(update=kept))


def texts(values: Iterable[str]) -> Any:
    """Return a column of texts."""
    return np.array(list(values), object)
