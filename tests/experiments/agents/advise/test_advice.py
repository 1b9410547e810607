"""Advice against brute force, and the command as its users run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plandrift.experiments.agents.advise.advice import Advice, advise
from plandrift.experiments.agents.advise.answer import (
    flips,
    horizon,
    left_out,
    notes,
    priced,
    recommendation,
    settles,
    surety,
)
from plandrift.experiments.agents.advise.guards import NONE, contenders
from plandrift.experiments.agents.advise.prices import Prices
from plandrift.experiments.agents.advise.rows import as_object
from plandrift.experiments.agents.advise.system import Span, UserSystem
from plandrift.experiments.agents.advise.trials import Trials
from plandrift.sim import SettingError, plain
from tests.command import inside, refusal

QUICK = {"--changes": "3 per hour per file", "--think": "5s", "--tool": "2s", "--steps": 12}


def drawn(number: int) -> tuple[UserSystem, Prices]:
    """A random system, and prices for it."""
    random = np.random.default_rng(number)

    def log(low: float, high: float) -> float:
        return float(low * (high / low) ** random.random())

    settings: dict[str, Any] = {
        "volatility": log(0.005, 0.2),
        "world.steps": 5,
        "world.values": 4,
        "world.requires": int(random.integers(1, 4)),
        "agent.thinking_time": log(0.2, 4),
        "agent.read_latency": log(0.05, 2),
        "agent.action_latency": log(0.05, 1),
        "channel.latency": log(0.1, 8),
        "horizon": 300.0,
    }
    prices = Prices(misfire=log(2, 50), false_block=log(0.1, 5), replan=log(0.1, 5), read=log(0.01, 1))
    return UserSystem("telegraph", settings), prices


@pytest.mark.slow
def test_it_agrees_with_brute_force_on_ten_random_systems_and_runs_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Where the choice flips is not asked here.
    monkeypatch.setattr("plandrift.experiments.agents.advise.advice.VARIED", ())
    wrong, ran, full = [], 0, 0
    for number in range(10):
        system, prices = drawn(number)
        found = advise(system, prices, budget=2000)
        guards = contenders(system.settings)
        # Other seeds than the choice was made by.
        rows = Trials().run(system, guards, 10_000, 80)
        costs = {name: some @ prices.vector for name, some in rows.items()}
        best = min(costs, key=lambda name: float(costs[name].mean()))
        apart = costs[found.best.guard.name] - costs[best]
        if apart.mean() - 2 * apart.std(ddof=1) / np.sqrt(apart.size) > found.zone:
            wrong.append((number, found.best.guard.name, best))
        ran += found.chosen_after
        full += found.chosen_after + found.saved
    assert len(wrong) <= 1, wrong
    assert ran < 0.9 * full, (ran, full)


@pytest.fixture(scope="module")
def simulated() -> Advice:
    settings = {"volatility": 0.05, "world.steps": 3, "channel.latency": 1.0, "agent.read_latency": 0.2}
    spans = {"agent.thinking_time": Span(0.5, 2.0)}
    return advise(UserSystem("telegraph", settings, spans), Prices(), budget=1800)


@pytest.mark.long
def test_by_episodes_it_says_how_sure_it_is(simulated: Advice) -> None:
    assert not simulated.exact
    assert simulated.best.verdict == "best"
    assert simulated.best.cost.mean == min(
        one.cost.mean for one in simulated.standings if one.seeds > 64
    ) or (simulated.best.seeds == 64)
    assert simulated.best.guard.name in recommendation(simulated)
    assert simulated.chosen_after <= simulated.ran <= 1800
    assert "episodes" in surety(simulated)
    assert set(simulated.worth) == {"agent.thinking_time"}


@pytest.mark.long
def test_the_same_question_has_the_same_answer(simulated: Advice) -> None:
    again = advise(simulated.system, simulated.prices, budget=1800)
    assert json.dumps(plain(as_object(again))) == json.dumps(plain(as_object(simulated)))


def test_where_nothing_is_heard_closed_forms_answer_and_say_so() -> None:
    settings = {"volatility": "3 per hour", "world.values": 1000, "channel.loss": 1.0, "horizon": 1e5}
    settings |= {"agent.thinking_time": "5s", "agent.step_duration": "2s", "agent.action_latency": "1s"}
    found = advise(UserSystem("telegraph", settings), Prices())
    assert found.exact
    assert found.ran == 0
    assert "closed forms" in surety(found)
    assert found.best.guard.name == "if-match alone"
    assert flips(found), "somewhere it flips"
    assert "give a range" in settles(found)
    # Dear refusals and free looks, and the guard that looks is the one.
    dear = advise(UserSystem("telegraph", settings), Prices(refusal=1000.0))
    assert dear.best.guard.name == "look before each call"
    # Where a wrong call costs nothing, nothing pays.
    assert advise(UserSystem("telegraph", settings), Prices(misfire=0.0)).best.guard.name == NONE


def test_where_calls_land_late_no_closed_form_answers_and_that_is_said(tmp_path: Path) -> None:
    """A step lasts as long as its call takes to land: 0.8 misfires an episode; the forms would say 0.4."""
    words = ["--changes", "0.01", "--steps", 6, "--set", "agent.step_duration=1", "--episodes", 1000]
    late = ["--set", "agent.action_latency=4"]
    said = inside("advise", *words, *late, cwd=tmp_path).out
    assert "call lands after its step's duration, for which there is no closed form" in said
    unguarded = next(line for line in said.splitlines() if line.startswith(" no guard "))
    assert 0.5 < float(unguarded.split()[6]) < 1.1
    in_time = inside("advise", *words, "--set", "agent.action_latency=1", cwd=tmp_path).out
    assert "losed forms gave these costs" in in_time
    assert "no closed form" not in in_time


MOVING = {"volatility": "1 per minute", "agent.thinking_time": "2s", "agent.step_duration": "1s"}
"""Records under which it takes a guard far longer than the plan alone to get to the end."""


@pytest.mark.slow
def test_the_horizon_is_chosen_by_the_plan_and_said() -> None:
    found = advise(UserSystem("records", {**MOVING, "channel.latency": "1s"}), Prices(), budget=1000)
    assert found.undisturbed is not None
    assert found.horizon is not None
    assert found.horizon >= 10 * found.undisturbed
    share = sum(one.cut_off * one.seeds for one in found.standings) / sum(o.seeds for o in found.standings)
    assert share < 0.02
    assert "an undisturbed episode takes" in horizon(found)
    assert horizon(found) in notes(found)
    # One that is given is taken as it is, and whom it cuts off is said.
    short = advise(
        UserSystem("records", {**MOVING, "channel.latency": "1s", "horizon": "25s"}), Prices(), budget=1000
    )
    assert (short.horizon, short.undisturbed) == (25.0, None)
    guarded = next(one for one in short.standings if one.guard.name == "if-match")
    assert guarded.cut_off > 0.1
    assert f"{guarded.cut_off:.0%} of if-match's" in horizon(short)
    assert "undisturbed" not in horizon(short)


def test_the_price_of_a_goal_not_met_is_said() -> None:
    settings = {"volatility": "3 per hour", "channel.loss": 1.0}
    found = advise(UserSystem("telegraph", settings), Prices(misfire=30.0))
    assert priced(found) == (
        "costs are in the unit of the prices given, in which a misfire costs 30, a goal not met 30 "
        "(the same as a misfire, because --cost-unmet was not given): a misfire that "
        "leaves its goal unmet costs 60"
    )
    told = advise(UserSystem("telegraph", settings), Prices(misfire=30.0, unmet=0.0))
    assert priced(told).endswith("a misfire costs 30, a goal not met 0")
    assert {priced(found), horizon(found)} & set(notes(found)) == {priced(found)}, "no episode was run"


def test_guards_that_cannot_be_built_are_no_candidates() -> None:
    settings = {"volatility": "3 per hour", "channel.loss": 1.0, "agent.action_latency": "1s"}
    system = UserSystem("telegraph", settings)
    assert advise(system, Prices()).best.guard.name == "if-match alone"
    found = advise(system, Prices(), without=["if-match", "look-first"])
    assert found.best.guard.name == "look before each call"
    assert found.without == ("if-match alone",)
    assert left_out(found) == "not considered, as you asked: if-match alone"
    assert left_out(found) in notes(found)
    news = UserSystem("telegraph", {"volatility": 0.05, "world.steps": 2, "channel.latency": 1.0})
    heard = advise(news, Prices(), budget=1000, without=["if-match", "look-first"])
    assert heard.without == ("if-match alone", "look-first", "if-match", "bounded if-match")
    assert not any("if-match" in one.guard.policy for one in heard.standings)
    with pytest.raises(SettingError, match=r"--without if-mach: no such guard: did you mean 'if-match'"):
        advise(system, Prices(), without=["if-mach"])
    with pytest.raises(SettingError, match="--without no guard: no such guard"):
        advise(system, Prices(), without=[NONE])


def test_the_command_answers_at_once(tmp_path: Path) -> None:
    words = [str(word) for pair in QUICK.items() for word in pair]
    page, figure = tmp_path / "advice.html", tmp_path / "advice.svg"
    said = inside("advise", *words, "--report", page, "--figure", figure, cwd=tmp_path)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Build if-match alone")
    assert "Closed forms" in said.out
    assert "Where the choice flips" in said.out
    text = page.read_text()
    assert "Which guard?" in text
    assert "src=" not in text, "nothing is loaded"
    assert "look before each call" in figure.read_text()
    found = json.loads(inside("advise", *words, "--format", "json", cwd=tmp_path).out)
    assert found["guard"] == "if-match alone"
    assert found["exact"] is True


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "--changes: say how often one thing changes"),
        (["--changes", "often"], "--changes often: give a rate such as 3 per hour"),
        (["--changes", "1/h", "--think", "long"], "--think long: give a time such as 5s"),
        (["--changes", "1/h", "--think", "8s to 3s"], "8s to 3s: give the lower end first"),
        (["--changes", "1/h", "--cost-misfire", "-1"], "Invalid value for '--cost-misfire'"),
        (["--changes", "1/h", "--world", "recods"], "unknown world 'recods'"),
        (["--changes", "1/h", "--world", "records", "--steps", "3"], "the world records sets these itself"),
        (["--changes", "1/h", "--set", "channel.latenci=1"], "unknown setting 'channel.latenci'"),
        (
            ["--changes", "1/h", "--tool", "2s", "--set", "agent.action_latency=4"],
            "--set agent.action_latency=4: --tool already sets this, because a call lands half-way: "
            "leave --tool out",
        ),
        (
            ["--changes", "1/h", "--tool", "2s", "--set", "agent.read_latency=1s"],
            "--set agent.read_latency=1s: --tool already sets this, because a read takes as long as a "
            "call: give --read",
        ),
        (
            ["--changes", "1/h", "--think", "2s", "--set", "agent.thinking_time=4"],
            "--set agent.thinking_time=4: --think already sets this: leave one of the two out",
        ),
        (
            ["--changes", "1/h", "--set", "channel.latency=4"],
            "--set channel.latency=4: it has no effect without --news, because the agent hears nothing: "
            "give --news",
        ),
        (["--changes", "1/h", "--indifference", "0"], "--indifference 0: give a cost above 0"),
        (["--calibrated", "none.toml"], "none.toml"),
        (["--changes", "1/h", "--report", "a.txt"], "--report a.txt: end its name in .html"),
        (["--changes", "1/h", "--format", "csv"], "--format csv"),
    ],
)
def test_wrong_inputs_are_one_line(words: list[str], line: str, tmp_path: Path) -> None:
    assert line in refusal("advise", *words, cwd=tmp_path)


def test_a_calibrated_spec_is_taken_with_its_intervals(tmp_path: Path) -> None:
    spec = tmp_path / "mine.toml"
    spec.write_text(
        'world = "telegraph"\nseeds = 10\nhorizon = 4000\n[grid]\npolicy = ["gated"]\n[fixed]\n'
        'volatility = 0.002\n"world.steps" = 2\n"channel.loss" = 1.0\n"agent.thinking_time" = 5.0\n'
        "[intervals]\nvolatility = [0.001, 0.004]\n"
    )
    found = json.loads(inside("advise", "--calibrated", spec, "--format", "json", cwd=tmp_path).out)
    assert found["exact"] is True
    assert list(found["worth_knowing"]) == ["volatility"]
    spec.write_text(spec.read_text().replace("[0.001, 0.004]", "[0.004, 0.001]"))
    assert "[intervals] volatility" in refusal("advise", "--calibrated", spec, cwd=tmp_path)
