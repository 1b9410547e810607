"""The moving world of a PDDL problem: others in its domain, overlays, durations, repair, opportunity."""

from __future__ import annotations

import math
import re
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from plandrift.experiments.playback.playback import Playback
from plandrift.policies import gated, plan_once
from plandrift.sim import Description, PlandriftError, Planning, SettingError, Streams, run
from plandrift.sim.trace.events import Exogenous, HandedOver, Sent
from plandrift.worlds import Pddl
from plandrift.worlds.pddl.generator import DOMAINS, domain_text, problem_text
from plandrift.worlds.pddl.grounded_problem import grounded_problem
from plandrift.worlds.pddl.overlay import read_overlay
from tests.command import plandrift, refused

OVERLAY = """
domain = "ferry.pddl"
problem = "p.pddl"
schemas = '''
(:action close :parameters (?l - landing) :precondition (not (closed ?l)) :effect (closed ?l))
(:action open :parameters (?l - landing) :precondition (closed ?l) :effect (not (closed ?l)))'''
[events.close]
rate = 1.0
distribution = "constant"
where = [{args = ["landing1"], rate = 0}]
[events.open]
rate = 2.0
seen = false
[actions.sail]
duration = 3.0
violated = "void"
"""


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    (tmp_path / "ferry.pddl").write_text(domain_text("ferry"))
    (tmp_path / "p.pddl").write_text(problem_text("ferry", 1, 0))
    (tmp_path / "ferry.toml").write_text(OVERLAY)
    return tmp_path / "ferry.toml"


def test_others_keep_every_invariant_of_the_domain() -> None:
    """The ferry is somewhere, and every car in one place or aboard, however long others act."""
    scene = Pddl(volatility=0.3, size=3, number=1).begin(Streams(5), 1e6)
    values = dict(scene.first)
    for _, _, event in islice(scene.changes(), 400):
        values.update(scene.happen(event, values))
        assert sum(v for f, v in values.items() if f.startswith("moored")) == 1
        for car in range(1, 5):
            places = [f for f in values if f.startswith((f"parked(car{car},", f"aboard(car{car})"))]
            assert sum(values[f] for f in places) == 1


def test_an_overlay_says_what_happens_how_often_and_how_long(overlay: Path) -> None:
    world = Pddl(volatility=0.5, overlay=str(overlay))
    scene = world.begin(Streams(1), 1e6)
    times: dict[str, list[float]] = {}
    for time, _, event in islice(scene.changes(), 200):
        state = dict.fromkeys(scene.first, False)
        written = scene.happen(event, state) or scene.happen(event, dict.fromkeys(scene.first, True))
        times.setdefault(next(iter(written)), []).append(time)
    assert "closed(landing1)" in times  # it opens, though nobody closes it
    closings = [t for t, _, e in islice(scene.changes(), 60) if scene.announced(e)]
    # Constant times between: a closing of each of two landings every 1 / 0.5.
    assert sorted({round(t, 6) for t in closings})[:3] == [2.0, 4.0, 6.0]
    sails = [c for c in scene.plan(scene.first) or () if c.action == "sail"]
    assert scene.answer(sails[0], dict(scene.first)).extra == 2.0
    assert scene.nature(sails[0], []) == "void"
    assert scene.nature(scene.plan(scene.first)[0].but(), []) in ("rejected", "void")
    # What is the world's is no action of the agent's.
    assert {c.action for c in scene.plan(scene.first) or ()} <= {"sail", "board", "leave"}


def test_what_is_unseen_is_not_pushed(overlay: Path) -> None:
    episode = run(Pddl(volatility=0.5, overlay=str(overlay)), plan_once(), seed=2, horizon=30.0, trace=True)
    sent = [f for e in episode.trace if isinstance(e, Sent) for f in e.fluents]
    happened = [e for e in episode.trace if isinstance(e, Exogenous)]
    assert any(e.value for e in happened)
    assert any(not e.value for e in happened)
    assert not any(f[0].startswith("closed") and f[1] is False for f in sent)


def test_the_trace_says_why_there_is_no_plan(tmp_path: Path) -> None:
    world = Pddl(volatility=0.0, domain="stacking", size=3, number=0, budget=1)
    spent = run(world, plan_once(), horizon=5.0, trace=True)
    assert [e.outcome for e in spent.trace if isinstance(e, HandedOver)] == ["budget spent"]
    assert spent.end == "horizon"
    adrift = problem_text("ferry", 1, 0).replace("(moored landing", "(parked car1 landing")
    (tmp_path / "p.pddl").write_text(adrift)
    world = Pddl(volatility=0.0, problem=str(tmp_path / "p.pddl"))
    with pytest.raises(SettingError, match=r"no action of the agent|never"):
        run(world, plan_once(), horizon=5.0)


def test_repair_keeps_more_of_the_plan() -> None:
    """Measured as Fox et al. (2006) do, over the five domains: and both ways reach the goals."""
    distances = {False: [], True: []}  # type: dict[bool, list[float]]
    for name in DOMAINS:
        for repair in (False, True):
            for seed in range(5):
                episode = run(
                    Pddl(volatility=0.02, domain=name, size=2),
                    gated(repair=repair),
                    seed=seed,
                    latency=0.5,
                    horizon=80.0,
                )
                if not math.isnan(episode.metrics.plan_distance):
                    distances[repair].append(episode.metrics.plan_distance)
    assert len(distances[True]) > 15
    assert fmean(distances[True]) < fmean(distances[False])


def test_opportunity_is_asked_in_the_share_that_is_wished_for() -> None:
    asked = [
        run(
            Pddl(domain="deliveries", volatility=0.02, size=2, opportunity=0.5),
            plan_once(),
            seed=seed,
            horizon=40.0,
        ).metrics
        for seed in range(30)
    ]
    known = [m for m in asked if not math.isnan(m.opportunity_staleness)]
    assert 5 < len(known) < 25
    assert all(0 <= m.opportunity_staleness <= 1 for m in known)
    assert any(m.opportunity_staleness > 0 for m in known)
    assert all(m.plan_ratio >= 1 for m in known if not math.isnan(m.plan_ratio))
    still = run(Pddl(volatility=0.0, size=2, opportunity=1.0), plan_once(), seed=1).metrics
    assert still.opportunity_staleness == 0
    assert still.expansions > 0


def test_from_the_command_line(overlay: Path, tmp_path: Path) -> None:
    said = plandrift(
        "run",
        "pddl",
        "--set",
        f"world.overlay={overlay}",
        "--policy",
        "plan-once",
        "--volatility",
        "0.1",
        "--narrate",
        cwd=tmp_path,
    ).stdout
    assert "The agent does " in said
    plandrift(
        "run",
        "pddl",
        "--set",
        "world.domain=ferry.pddl",
        "--set",
        "world.problem=p.pddl",
        "--policy",
        "gated",
        "--volatility",
        "0.05",
        cwd=tmp_path,
    )


def test_an_overlay_that_comes_along_is_found_by_name(tmp_path: Path) -> None:
    said = plandrift(
        "run",
        "pddl",
        "--set",
        "world.overlay=ferry",
        "--policy",
        "plan-once",
        "--volatility",
        "0.1",
        "--narrate",
        cwd=tmp_path,
    ).stdout
    assert "is now closed" in said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["world.domain=nowhere.pddl"], "No such file"),
        (["world.domain=fery"], "did you mean 'ferry'"),
        (["world.domain=ferry.pddl"], "problem=|world.size|p.pddl|unknown|give"),
        (["world.overlay=none.toml"], "No such file"),
        (["world.overlay=fery"], "did you mean 'ferry'"),
        (["world.overlay=empty.toml"], "no events"),
        (["world.overlay=wrong.toml"], "names no action of the domain"),
        (["world.overlay=bad.toml"], "events.close.rate"),
        (["world.planner=/no/such"], "known: auto, built-in, fast-downward"),
        (["world.size=9"], "size"),
    ],
)
def test_wrong_input_is_one_line(overlay: Path, tmp_path: Path, settings: list[str], said: str) -> None:
    (tmp_path / "empty.toml").write_text('domain = "ferry.pddl"\nproblem = "p.pddl"\n')
    (tmp_path / "wrong.toml").write_text(OVERLAY.replace("[events.close]", "[events.shut]"))
    (tmp_path / "bad.toml").write_text(OVERLAY.replace("rate = 1.0", "rate = -1"))
    (tmp_path / "ferry.pddl").write_text(domain_text("ferry") + "; another\n")
    words = [word for text in settings for word in ("--set", text)]
    assert re.search(said, refused("run", "pddl", *words, cwd=tmp_path))


def test_an_overlay_is_checked_whole(tmp_path: Path) -> None:
    path = tmp_path / "o.toml"
    path.write_text("[events.close]\nrte = 1\n")
    with pytest.raises(SettingError, match="rte"):
        read_overlay(path)
    path.write_text('[events.close]\ndistribution = "weird"\n')
    with pytest.raises(PlandriftError, match="weird"):
        read_overlay(path)
    path.write_text("[events.close\n")
    with pytest.raises(SettingError, match="line 1"):
        read_overlay(path)


UNSOLVABLE = """(define (problem never) (:domain stacking) (:objects a b - crate)
 (:init (free) (on-table a) (on-table b) (clear a) (clear b)) (:goal (and (on a b) (on b a))))"""


def test_no_plan_at_all_is_said_with_why_and_a_code(tmp_path: Path) -> None:
    (tmp_path / "d.pddl").write_text(domain_text("stacking"))
    (tmp_path / "p.pddl").write_text(UNSOLVABLE)
    words = ["--set", "world.domain=d.pddl", "--set", "world.problem=p.pddl", "--volatility", "0"]
    assert "no plan was found: unsolvable" in plandrift("run", "pddl", *words, cwd=tmp_path, code=2).stderr
    settings: dict[str, Any] = {"domain": str(tmp_path / "d.pddl"), "problem": str(tmp_path / "p.pddl")}
    found = run(Pddl(volatility=0.0, **settings), plan_once(), seed=1)
    assert found.metrics.expansions > 0
    (tmp_path / "hard.pddl").write_text(problem_text("stacking", 5, 0).replace("stacking-5-0", "hard"))
    settings["problem"] = str(tmp_path / "hard.pddl")
    moved = run(
        Pddl(volatility=0.05, budget=1, **settings), gated(), seed=1, latency=1.0, horizon=30.0, trace=True
    )
    assert moved.reason == "no plan was found: budget spent"


def test_a_spent_search_waits_until_something_that_matters_has_changed() -> None:
    scene = Pddl(volatility=0.0, domain="stacking", size=5, number=0, budget=2).begin(Streams(1), 60.0)
    assert scene.plan(scene.first) is None
    assert getattr(Planning.of(scene).no_plan(scene.first), "expansions") == 2  # noqa: B009
    assert scene.plan(scene.first) is None
    assert getattr(Planning.of(scene).no_plan(scene.first), "expansions") == 0  # noqa: B009


@pytest.mark.parametrize("how", ["uniform", "goals", "undoing"])
def test_others_may_choose_in_three_ways(how: str) -> None:
    world = Pddl(domain="rovers", volatility=0.05, size=1, number=0, others=how)
    scene = world.begin(Streams(3), 1e6)
    values, goals = dict(scene.first), 0
    for _, _, event in islice(scene.changes(), 200):
        written = scene.happen(event, values)
        assert written == scene.happen(event, values)
        values.update(written)
        goals += any(fluent in scene.goals for fluent in written)
    again = [run(world, gated(), seed=2, latency=0.5, horizon=30.0).metrics.row() for _ in range(2)]
    assert str(again[0]) == str(again[1])


ONE_WAY = """(define (domain steps) (:predicates (at ?p) (next ?a ?b))
 (:action go :parameters (?a ?b) :precondition (and (at ?a) (next ?a ?b))
  :effect (and (at ?b) (not (at ?a)))))"""
CHAIN = """(define (problem chain) (:domain steps) (:objects a b c d)
 (:init (at a) (next a b) (next b c) (next c d)) (:goal (at c)))"""


def test_a_standstill_is_said_and_undoing_keeps_the_world_moving(tmp_path: Path) -> None:
    """Nobody can go back on a one-way street: once others are past the goal nothing applies any more."""
    (tmp_path / "d.pddl").write_text(ONE_WAY)
    (tmp_path / "p.pddl").write_text(CHAIN)
    given = ("run", "pddl", "--set", "world.domain=d.pddl", "--set", "world.problem=p.pddl")
    fast = (*given, "--latency", "20", "--volatility", "2", "--horizon", "40", "--seed", "1")
    still = run(
        Pddl(domain=str(tmp_path / "d.pddl"), problem=str(tmp_path / "p.pddl"), volatility=2.0),
        plan_once(),
        seed=1,
        horizon=40.0,
        latency=20.0,
        trace=True,
    )
    assert (still.metrics.standstill, still.metrics.success) == (1, 0)
    # Three steps of two facts each, whoever makes them, and then nothing.
    mine = sum(step.outcome == "effective" for step in still.steps)
    assert still.metrics.exogenous_changes == 2 * (3 - mine) > 0
    assert str(Playback(still.trace).to_the_end().metrics()) == str(still.metrics)
    said = plandrift(*fast, cwd=tmp_path).stdout
    assert "where 2 was requested: the world has come to a standstill" in " ".join(said.split())
    (tmp_path / "s.toml").write_text(
        'title = "still"\nworld = "pddl"\nseeds = 2\nhorizon = 40\nvolatility = 2.0\n[fixed]\n'
        'policy = "plan-once"\n"world.domain" = "d.pddl"\n"world.problem" = "p.pddl"\n'
        '"channel.latency" = 20.0\n'
    )
    plandrift("sweep", "s.toml", "--out", "o", cwd=tmp_path)
    table = " ".join(plandrift("table", "o", "--by", "policy", cwd=tmp_path).stdout.split())
    assert re.search(r"\d of 2 episodes came to a standstill, and are counted like any other", table)
    assert "standstill, nothing" not in plandrift(*fast, "--set", "world.others=undoing", cwd=tmp_path).stdout


@pytest.mark.parametrize(("how", "least"), [("uniform", 0.0), ("undoing", 0.9)])
def test_the_volatility_is_delivered_where_others_can_go_back(tmp_path: Path, how: str, least: float) -> None:
    (tmp_path / "d.pddl").write_text(ONE_WAY)
    (tmp_path / "p.pddl").write_text(CHAIN)
    world = Pddl(
        domain=str(tmp_path / "d.pddl"), problem=str(tmp_path / "p.pddl"), volatility=2.0, others=how
    )
    scene, count, end = world.begin(Streams(1), 1e6), 0, 0.0
    values = dict(scene.first)
    for end, _, event in islice(scene.changes(), 1000):  # noqa: B007
        written = scene.happen(event, values)
        values.update(written)
        count += len(written)
    moving = grounded_problem(world.domain, world.problem, None, 3, 0).others[how].pace.facts
    delivered = count / (moving * end)
    assert (delivered > 0.05) == (how == "undoing")
    assert least * 2.0 < delivered + 0.01 < 1.15 * 2.0


SWITCHES = """(define (domain switches) (:requirements :strips :typing :disjunctive-preconditions)
 (:predicates (on ?s) (off ?s) (live))
 (:action press :parameters (?s) :precondition (off ?s) :effect (and (on ?s) (not (off ?s))))
 (:action release :parameters (?s) :precondition (on ?s) :effect (and (off ?s) (not (on ?s))))
 (:action connect :parameters () :precondition (not (live)) :effect (live)))"""
LIT = """(define (problem lit) (:domain switches) (:objects a b c) (:init (off a) (off b) (off c))
 (:goal (and (on a) (on b))))"""


def test_the_pace_is_that_of_the_declared_facts_however_conditions_are_written(tmp_path: Path) -> None:
    (tmp_path / "p.pddl").write_text(LIT)
    paces, settings = [], {"problem": str(tmp_path / "p.pddl"), "domain": str(tmp_path / "d.pddl")}
    for condition in ("(on ?s)", "(or (on ?s) (and (on ?s) (live)))"):
        grounded_problem.cache_clear()
        (tmp_path / "d.pddl").write_text(
            SWITCHES.replace(":precondition (on ?s)", f":precondition {condition}")
        )
        paces.append(Pddl(number=0, **settings).grounded(0).others["uniform"].pace)
    plain, roundabout = paces
    assert plain.share == 1
    assert roundabout._replace(share=1.0) == plain
    # Each switch is pressed or released together with the fact that the reader made of its condition.
    assert roundabout.share == pytest.approx(2 / 3, abs=0.01)
    asked = Pddl(volatility=0.1, **settings)
    scene = asked.begin(Streams(1), 60.0)
    metrics = run(asked, plan_once(), seed=1, horizon=60.0).metrics
    said = Description.of(scene).remark(metrics)
    assert f"others made {round(metrics.exogenous_changes * roundabout.share)} changes" in said
