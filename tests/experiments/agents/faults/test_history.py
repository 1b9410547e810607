"""A history written down is the episode that it was taken from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.agents.faults.history import (
    History,
    HistoryWorld,
    full_history,
    read_history,
    write_history,
)
from plandrift.experiments.agents.faults.player import played_by_policy
from plandrift.experiments.agents.faults.verdict import fault
from plandrift.experiments.sweeps.condition import condition
from plandrift.sim import SettingError
from plandrift.worlds import WORLDS as BUILT_IN
from tests.command import inside, refusal

BUSY: dict[str, Any] = {
    "volatility": 0.08,
    "horizon": 25.0,
    "channel.latency": "exponential(1)",
    "agent.action_latency": 0.2,
    "agent.lost_ack": 0.2,
    "agent.slip": 0.1,
}
WORLDS: dict[str, dict[str, Any]] = {
    "records": {},
    "tickets": {},
    "files": {},
    "routes": {},
    "telegraph": {"world.spread": 0.5},
    "tileworld": {"volatility": 2.0},
    "pddl": {"world.overlay": "ferry"},
}


@pytest.mark.parametrize("world", [name for name in WORLDS if name in BUILT_IN])
def test_what_happened_written_down_is_played_to_the_last_digit(world: str, tmp_path: Path) -> None:
    settings = BUSY | WORLDS[world]
    for policy in ("plan-once", "gated"):
        history = full_history(world, settings, 5)
        as_it_was = condition(world, policy, settings).run(5)
        assert played_by_policy(policy)(history).metrics.row() == pytest.approx(
            as_it_was.metrics.row(), rel=0, abs=0, nan_ok=True
        )
    write_history(history, tmp_path / "one.toml")
    assert read_history(tmp_path / "one.toml") == history


def test_a_file_is_a_world_for_every_command(tmp_path: Path) -> None:
    moves = ((0.5, "record-1.owner", "zoe"), (0.75, "record-2.schema", 2))
    history = History("records", {"world.records": 3}, 4, 20.0, moves, title="three records")
    write_history(history, tmp_path / "one.toml")
    world = f"{HistoryWorld.__module__}:HistoryWorld"
    said = inside(
        "run",
        world,
        "--set",
        "world.history=one.toml",
        "--seed",
        4,
        "--horizon",
        20,
        "--narrate",
        cwd=tmp_path,
    )
    assert said.code == 0, said.err
    for words in history.narrated:
        assert words in said.out.replace("Record", "record")
    assert "not a history" in refusal(
        "run", world, "--set", f"world.history={tmp_path / 'bad.toml'}", cwd=_bad(tmp_path)
    )
    assert "world.history" in refusal("run", world, "--set", "world.history=none.toml", cwd=tmp_path)


def _bad(folder: Path) -> Path:
    (folder / "bad.toml").write_text('title = "x"\n[[changes]]\ntime = "soon"\n')
    return folder


def test_a_value_that_cannot_be_written_down_is_refused() -> None:
    odd = History("telegraph", {}, 0, 10.0, ((1.0, "wire-0", object()),))
    with pytest.raises(SettingError, match="cannot be written to a file"):
        write_history(odd, Path("/dev/null"))


def test_a_right_agent_is_told_nothing_and_a_wrong_one_what_it_did() -> None:
    still = History("records", {"world.records": 2}, 3, 30.0, ())
    assert fault(still, played_by_policy("plan-once")(still)) == ""
    moved = replace(still, changes=((0.5, "record-1.owner", "somebody else"),))
    said = fault(moved, played_by_policy("plan-once")(moved))
    assert "record 1 was handed over" in said
    assert "nothing happened and was told ok" in said
    assert fault(moved, played_by_policy("if-match")(moved)) == ""
    lazy = replace(still, horizon=0.5)
    assert "was not done in time" in fault(lazy, played_by_policy("plan-once")(lazy))
    assert fault(replace(lazy, goals=False), played_by_policy("plan-once")(lazy)) == ""
