"""Staleness where effects are conditional and predicates derived: recounted by the reader of traces."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from plandrift.policies import POLICIES
from plandrift.worlds import Pddl
from plandrift.worlds.pddl.others import HOW
from tests.sim.recount.test_recount import CONCURRENT, EVERY_FAULT, Mix, differences
from tests.worlds.pddl.small import SMALL

MIXES: list[Mix] = [
    {},
    {"latency": "exponential(1)", "action_latency": 0.3, "read_latency": 0.4, **CONCURRENT},
    EVERY_FAULT | {"side_effects": 0.0},
]


def world(name: str, how: str, folder: Path) -> Pddl:
    paths = folder / f"{name}.pddl", folder / f"{name}-1.pddl"
    for path, text in zip(paths, SMALL[name], strict=True):
        path.write_text(text)
    return Pddl(volatility=0.03, domain=str(paths[0]), problem=str(paths[1]), others=how)


def found(name: str, policy: str, how: str, mix: Mix, seed: int, folder: Path) -> list[str]:
    return differences(world(name, how, folder), policy, mix, seed, folder / "trace.jsonl")


@pytest.mark.long
@pytest.mark.parametrize("how", HOW)
def test_a_selection(how: str, tmp_path: Path) -> None:
    """Each domain, with the guards in turn: over the three ways of the others each guard is met."""
    guards, first = list(POLICIES), 6 * HOW.index(how)
    wrong = []
    for place, name in enumerate(SMALL):
        policy = guards[(first + place) % len(guards)]
        wrong += found(name, policy, how, MIXES[place % len(MIXES)], place, tmp_path)
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "how"), [*product(SMALL, HOW)])
def test_every_guard(name: str, how: str, tmp_path: Path) -> None:
    wrong = [
        line
        for policy, mix in product(POLICIES, MIXES)
        for line in found(name, policy, how, mix, 1, tmp_path)
    ]
    assert not wrong, "\n".join(wrong)
