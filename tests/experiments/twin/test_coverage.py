"""What the compiled engine takes: a part that is added is missed here, and left to the SimPy engine."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import pytest

from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.twin.coverage import GATE, OTHERS, PARTS, TRIGGER, lacking, table_of, unfit
from plandrift.experiments.twin.engine import reason
from plandrift.experiments.twin.metrics import EMPTY
from plandrift.policies import GATES, TRIGGERS, Assembled, Bounded, gated, region
from plandrift.sim import Agent, Channel, Handoff, Policy
from plandrift.worlds import Records


def test_each_part_is_taken_or_is_known_to_be_left_out() -> None:
    """Who adds one decides here: write it into the twin, or let it fall back (a metric: be left empty)."""
    assert {field.name for field in fields(Assembled)} - PARTS - GATE == {
        *("repair", "on_refusal", "hands_back", "keyed")
    }
    assert set(TRIGGERS) == set(TRIGGER)
    assert set(GATES) == GATE
    assert EMPTY == ()
    for part, known in OTHERS.items():
        assert {field.name for field in fields(part)} == known


def test_a_trigger_or_a_gate_that_is_added_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = (Channel(), Agent(), Handoff())
    monkeypatch.setitem(TRIGGERS, "often", TRIGGERS["observation"])
    added = gated()
    object.__setattr__(added, "trigger", "often")
    assert lacking(added, *parts) == "policy.trigger = often"
    assert lacking(region(), *parts) == "policy.compares = region"

    @dataclass(frozen=True)
    class Other(Assembled):
        pass

    assert lacking(Other(title="other"), *parts) == "policy = other"
    assert lacking(Bounded(inner=Policy()), *parts) == "policy = bounded(Policy)"


def test_the_reason_names_the_setting() -> None:
    assert reason(condition("records", "gated", {"world.records": 61})) == (
        "61 steps: the compiled engine takes 60"
    )
    assert reason(condition("telegraph", "gated", {"world.requires": 8, "world.steps": 3})) == (
        "9 needs of a step: the compiled engine takes 8"
    )
    assert reason(condition("tickets", "gated")) == "its world is not a table"
    one, other = [table_of(Records(), Agent(), 60.0, seed) for seed in (0, 1)]
    assert one is not None
    assert unfit(one, other) == ""
    assert unfit(one, replace(one, first=one.first + 1)) == "its table depends on the seed"
