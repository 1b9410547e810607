"""Advice against brute force, and the command as its users run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plandrift.experiments.agents.advise.advice import Advice, advise
from plandrift.experiments.agents.advise.answer import flips, recommendation, settles, surety
from plandrift.experiments.agents.advise.guards import NONE, contenders
from plandrift.experiments.agents.advise.prices import Prices
from plandrift.experiments.agents.advise.rows import as_object
from plandrift.experiments.agents.advise.system import Span, UserSystem
from plandrift.experiments.agents.advise.trials import Trials
from plandrift.sim import plain
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
        ([], "--changes: say how often a thing changes"),
        (["--changes", "often"], "--changes often: give a rate such as 3 per hour"),
        (["--changes", "1/h", "--think", "long"], "--think long: give a time such as 5s"),
        (["--changes", "1/h", "--think", "8s to 3s"], "8s to 3s: give the lower end first"),
        (["--changes", "1/h", "--cost-misfire", "-1"], "Invalid value for '--cost-misfire'"),
        (["--changes", "1/h", "--world", "recods"], "unknown world 'recods'"),
        (["--changes", "1/h", "--world", "records", "--steps", "3"], "the world records has its own"),
        (["--changes", "1/h", "--set", "channel.latenci=1"], "unknown setting 'channel.latenci'"),
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
