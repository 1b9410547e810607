"""What is heard while a plan is made counts against it: its fluents were written since its basis was read."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from plandrift.policies import gate_only
from plandrift.sim import FIRE, Call, Compares, Policy, Step, Verdict, View, run
from tests.sim.scripted import Wires, events

THERE_AND_BACK = ((0.5, "wire-1", "b"), (1.0, "wire-1", "a"))


@dataclass(frozen=True)
class Asking(Policy):
    """Notes before each fire what the belief shows to be violated, by value and by version."""

    seen: list[tuple[list[str], list[str]]] = field(default_factory=list)

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        self.seen.append((list(view.violated()), list(view.violated("version"))))
        return FIRE


def test_a_write_that_came_while_thinking_is_seen_by_version_where_the_value_is_as_it_was() -> None:
    policy = Asking()
    run(Wires(steps=3).but(*THERE_AND_BACK), policy, thinking_time=2.0)
    assert policy.seen == [([], []), ([], ["wire-1"]), ([], [])]


def test_a_write_that_the_basis_knew_is_none() -> None:
    policy = Asking()
    run(Wires(steps=3).but((0.5, "wire-1", "b"), (2.2, "wire-2", "b")), policy, thinking_time=2.0)
    assert policy.seen == [([], []), (["wire-1"], ["wire-1"]), (["wire-2"], ["wire-2"])]


@pytest.mark.parametrize(("compares", "blocks"), [("value", 0), ("version", 1)])
def test_a_gate_by_version_blocks_a_plan_that_was_written_to_while_it_was_made(
    compares: Compares, blocks: int
) -> None:
    policy = gate_only(compares=compares)
    episode = run(Wires(steps=3).but(*THERE_AND_BACK), policy, thinking_time=2.0, trace=True)
    assert [event.verdict for event in events(episode, "verdict")].count("block") == blocks
    assert (episode.metrics.false_blocks, episode.metrics.replans) == (blocks, blocks)
    assert episode.metrics.version_staleness > 0
