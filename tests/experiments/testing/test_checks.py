"""The checks that ship with plandrift can fail: each promise, broken on purpose, is found and named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.testing.check_policy import check_policy
from plandrift.experiments.testing.check_world import check_world
from plandrift.policies import POLICIES, read_back
from plandrift.sim import Policy
from plandrift.worlds import WORLDS
from tests.command import plandrift, refused
from tests.experiments.testing import broken
from tests.worlds.moving import made, rates

QUICK = ("telegraph", "records", "files", "plan-once", "gated", "if-match", "read-back")
"""The worlds and policies that the quick run looks at; the slow one looks at all."""


def each(names: Iterable[str]) -> list[Any]:
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", each(WORLDS))
def test_every_world_keeps_its_promises(name: str) -> None:
    findings = check_world(made(name, 0.0), rates(name))
    assert [finding for finding in findings if finding.fault] == []
    assert len(findings) == 12


@pytest.mark.slow
@pytest.mark.parametrize("name", each(POLICIES))
def test_every_policy_keeps_its_promises(name: str) -> None:
    findings = check_policy(POLICIES[name]())
    assert [finding for finding in findings if finding.fault] == []
    assert len(findings) == 4


def test_a_whole_world_of_ones_own_passes() -> None:
    assert not any(finding.fault for finding in check_world(broken.Doors()))


@pytest.mark.long
@pytest.mark.parametrize(
    ("scene", "promise", "fault"),
    [
        (broken.Clocked, "the same seed begins", "draw from `random` only"),
        (broken.Backwards, "in order of time", "follows one at"),
        (broken.Unnamed, "name fluents of the scene", "'window' is not a fluent"),
        (broken.Restless, "at volatility 0 nothing changes", "scale every rate"),
        (broken.Remembering, "the same question gives the same answer twice", "two plans"),
        (broken.Hasty, "reaches every goal without a misfire", "is rejected"),
        (broken.Halfway, "reaches every goal without a misfire", "lock-4 = False, the goal is True"),
        (broken.Restless, "every policy's staleness is 0", "plan_staleness is"),
        (broken.Spiteful, "others do the same", "depend on what the agent does"),
        (broken.Calming, "does not fall", "from 0.01 to 0.05 it falls"),
        (broken.Twin, "its own sibling", "lock(door=0, seen='shut') is confusable with itself"),
        (broken.SecondTwin, "its own sibling", "lock(door=0, seen='open') is confusable with itself"),
        (broken.Sourceless, "sources are fluents", "'window'"),
        (broken.Curt, "introduction accepts every call", "lock.seen is not an argument"),
        (broken.Wordy, "narrated as a sentence", "no full stop"),
        (
            broken.Outdated,
            "narrated as a sentence",
            "narrate is never called: write Description.change",
        ),
        (broken.Timeless, "an episode ends", "time does not advance"),
    ],
)
def test_each_promise_of_a_world_can_be_broken(
    scene: type[broken.Corridor], promise: str, fault: str
) -> None:
    findings = [finding for finding in check_world(broken.Doors(scene=scene)) if promise in finding.promise]
    assert len(findings) == 1
    assert fault in findings[0].fault
    assert "\n" not in findings[0].fault


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "promise", "fault"),
    [
        (broken.Peeping(), "from its view alone", "decide only from the public attributes"),
        (broken.Counting(), "the same trace twice", "keep no state"),
        (broken.Babbling(), "an allowed one", "perhaps"),
        (broken.Insatiable(), "an allowed one", "asked twice for a fresh read"),
        (broken.Unsendable(), "sent to another process", "ickle"),
    ],
)
def test_each_promise_of_a_policy_can_be_broken(policy: Policy, promise: str, fault: str) -> None:
    findings = [finding for finding in check_policy(policy) if promise in finding.promise]
    assert len(findings) == 1
    assert fault in findings[0].fault


@pytest.mark.long
def test_a_read_is_no_peep() -> None:
    assert not any(finding.fault for finding in check_policy(read_back()))


MODULE = (Path(__file__).parent / "broken.py").read_text()


@pytest.mark.long
def test_the_commands_say_what_fails(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MODULE)
    said = plandrift("check-world", "mine:Doors", cwd=tmp_path).stdout
    assert "mine:Doors: all 12 kept" in said
    (tmp_path / "mine.py").write_text(MODULE.replace("for i in range(5) if not", "for i in range(4) if not"))
    said = plandrift("check-world", "mine:Doors", cwd=tmp_path, code=1).stdout
    assert "broken  a plan executed in a frozen world reaches every goal" in said
    assert "lock-4 = False, the goal is True" in said
    said = plandrift("check-policy", "mine:Peeping", cwd=tmp_path, code=1).stdout
    assert "broken  it decides from its view alone" in said
    assert "mine:Peeping: 1 of 4 broken" in said
    assert "all 4 kept" in plandrift("check-policy", "periodic(2)", cwd=tmp_path).stdout


def test_wrong_input_is_one_line(tmp_path: Path) -> None:
    assert "did you mean 'records'" in refused("check-world", "record", cwd=tmp_path)
    assert "no module 'nope'" in refused("check-policy", "nope:Name", cwd=tmp_path)
    assert "three numbers" in refused("check-world", "records", "--volatilities", "1,2", cwd=tmp_path)
    assert "increasing" in refused("check-world", "records", "--volatilities", "1,0.5,2", cwd=tmp_path)
    assert "record" in refused("check-world", "records", "--set", "world.record=3", cwd=tmp_path)
