"""A crew of one is today's episode: in every world and under every policy, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from plandrift.policies import POLICIES
from plandrift.sim import Event, Policy, World, plain, run
from plandrift.sim.crew.crew import crew_stage
from plandrift.sim.engine.episode import DEFAULTS
from plandrift.sim.settings.assembly import assemble
from plandrift.sim.settings.crew import CrewSettings
from plandrift.sim.trace.crew_events import CREW_KINDS
from plandrift.sim.trace.events import Ended, Started
from plandrift.sim.trace.files import Trace
from plandrift.worlds import WORLDS
from tests.worlds.moving import made, rates

SETTINGS: dict[str, Any] = {
    "latency": 0.5,
    "thinking_time": 0.7,
    "action_latency": 0.2,
    "read_latency": 0.1,
    "slip": 0.1,
}
SHARING = [name for name in WORLDS if not WORLDS[name].alone]


def rows(trace: Sequence[Event]) -> list[object]:
    """What happened, without what only a crew has, and without the frame of the episode."""
    skipped = (Started, Ended, *CREW_KINDS.values())
    return [plain(event.row()) for event in trace if not isinstance(event, skipped)]


def in_a_room(world: World, policy: Policy, seed: int, **settings: Any) -> list[object]:
    """The same episode, run by the crew's room with one seat."""
    trace = Trace()
    parts = assemble(*DEFAULTS, settings, False)
    stage = crew_stage(world, (policy,), parts, CrewSettings(share="split"), seed, 60.0, None, trace)
    stage.play()
    return rows(trace.events)


@pytest.mark.long
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", [name for name in SHARING if name != "ledger"])
def test_the_room_with_one_seat_gives_the_trace_of_an_agent_alone(name: str, policy: str) -> None:
    world = made(name, rates(name)[1])
    for seed, settings in ((1, SETTINGS), (2, SETTINGS | {"thinking": "concurrent"})):
        alone = run(world, POLICIES[policy](), seed=seed, horizon=60.0, trace=True, **settings)
        assert len(alone.trace) > 10
        assert in_a_room(world, POLICIES[policy](), seed, **settings) == rows(alone.trace)


@pytest.mark.parametrize("name", WORLDS)
def test_one_agent_and_no_word_of_agents_are_the_same(name: str) -> None:
    world = made(name, rates(name)[1])
    plainly = run(world, POLICIES["gated"](), seed=3, horizon=40.0, trace=True)
    counted = run(world, POLICIES["gated"](), seed=3, horizon=40.0, trace=True, agents=1)
    assert [plain(e.row()) for e in plainly.trace] == [plain(e.row()) for e in counted.trace]
    assert plain(plainly.metrics.row()) == plain(counted.metrics.row())
    assert bool(counted.agents) == world.by_task
