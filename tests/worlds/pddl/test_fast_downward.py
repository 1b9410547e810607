"""Fast Downward's search as a program: its plans by an executor of its own, and what goes wrong with it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.sweeps.manifest import manifest_of_conditions
from plandrift.policies import gated
from plandrift.sim import Call, PlandriftError, Planning, SettingError, Streams, run
from plandrift.sim.trace.events import Started
from plandrift.sim.trace.files import read_lines, write_lines
from plandrift.worlds import Pddl
from plandrift.worlds.pddl import fast_downward, scene
from plandrift.worlds.pddl.fast_downward import planned, program, revision
from plandrift.worlds.pddl.generator import DOMAINS, domain_text, problem_text
from plandrift.worlds.pddl.grounding import ground
from plandrift.worlds.pddl.reading import read
from plandrift.worlds.pddl.sas import sas
from plandrift.worlds.pddl.search import Found, Search
from plandrift.worlds.pddl.task import Action, Conditional, Kernel, Task
from tests.worlds.pddl.domains import GOALS, WALK, walk
from tests.worlds.pddl.executor import Executor
from tests.worlds.pddl.test_pddl_world import UNSOLVABLE
from tests.worlds.pddl.test_planning import FULL, TASK, wandered

TEXTS = {
    "full": (FULL, TASK),
    **{goal: (WALK, walk(goal)) for goal in GOALS},
    **{name: (domain_text(name), problem_text(name, 3, 0)) for name in DOMAINS},
}
LOOP = "while :; do :; done"


def installed() -> None:
    if find_spec("up_fast_downward") is None:
        pytest.skip("not installed: pip install -e '.[test-all]'")


def task_of(name: str) -> Task:
    return ground(read(*TEXTS[name], ("d", "p")))


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_its_plans_succeed(name: str) -> None:
    installed()
    task = task_of(name)
    found = planned(task, task.init, task.goal, 20)
    assert found.actions
    assert found.expansions > 0
    plan = [(a.call.action, [str(value) for _, value in a.call.args]) for a in found.actions]
    assert Executor(*TEXTS[name]).succeeds(plan)
    assert not Executor(*TEXTS[name]).succeeds(plan[:-1])


@pytest.mark.long
@settings(max_examples=30, deadline=None)
@given(
    marks=st.lists(st.floats(0, 0.999), max_size=8),
    facts=st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=3),
)
def test_there_is_a_plan_exactly_where_breadth_first_search_finds_one(
    marks: list[float], facts: list[tuple[int, bool]]
) -> None:
    """Through conditional effects, and derived facts that are needed, denied or in circles."""
    installed()
    task, needs, forbids = task_of("unlinked"), 0, 0
    state = wandered(task, marks)
    for place, holds in facts:
        bit = 1 << place % len(task.facts)
        needs, forbids = (needs | bit, forbids) if holds else (needs, forbids | bit)
    goal = Kernel(needs & ~forbids, forbids)
    shortest = Search(task).shortest(state, goal, 20_000)
    if shortest:
        assert len(planned(task, state, goal, 20).actions or ()) >= shortest
    elif shortest is None:
        assert planned(task, state, goal, 20).actions is None


def test_an_effect_that_adds_comes_after_one_that_deletes_and_an_idle_action_is_left_out() -> None:
    installed()
    facts, both = ("q", "r", "s"), (Conditional(4, 0, 1, 0), Conditional(2, 0, 0, 1))
    idle, turn = Action(Call("idle"), 2, 0, 2, 0), Action(Call("turn"), 0, 0, 0, 0, 1, both)
    task = Task("turn", facts, 0b110, Kernel(1, 0), (idle, turn), ())
    assert planned(task, task.init, task.goal, 20).actions == (turn,)
    assert "begin_operator\n0\n" not in sas(task, task.init, task.goal)


@pytest.mark.parametrize("planner", ["fast-downward", "auto"])
def test_it_plans_where_the_world_says_so(
    planner: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed()
    world = Pddl(volatility=0.02, domain="stacking", size=2, number=1, planner=planner, budget=1)
    episode = run(world, gated(), seed=1, latency=0.5, horizon=80.0, trace=True)
    assert episode.metrics.success
    assert episode.metrics.expansions > 1
    write_lines(episode.trace, tmp_path / "trace.jsonl")
    [*_, began] = [event for event in read_lines(tmp_path / "trace.jsonl") if isinstance(event, Started)]
    made = manifest_of_conditions("t", [condition("pddl", "gated", {"world.planner": planner})], 1)
    assert began.programs == {"fast-downward": revision(program())}
    assert made.versions["fast-downward"] == revision(program())

    def nothing(*_: object) -> Found:
        return Found(None, 7)

    monkeypatch.setattr(scene, "planned", nothing)
    ours = Pddl(domain="stacking", size=2, number=2, planner=planner).begin(Streams(1), 60.0)
    # Only `auto` asks the built-in search first.
    assert (ours.plan(ours.first) is None) == (planner == "fast-downward")
    assert Planning.of(ours).no_plan(ours.first) == "unsolvable"


def test_what_has_no_plan_has_none_by_the_program_either(tmp_path: Path) -> None:
    installed()
    (tmp_path / "d.pddl").write_text(domain_text("stacking"))
    (tmp_path / "p.pddl").write_text(UNSOLVABLE)
    paths = {"domain": str(tmp_path / "d.pddl"), "problem": str(tmp_path / "p.pddl")}
    found = run(Pddl(volatility=0.0, planner="fast-downward", **paths), gated(), seed=1)
    assert found.reason == "no plan was found: unsolvable"
    assert found.metrics.expansions > 0


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Task]]:
    """Puts a script in the program's place; at the end no temporary folder is left."""
    (tmp_path / "left").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "left"))
    monkeypatch.setattr(fast_downward, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def put(script: str) -> Task:
        (tmp_path / "downward").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "downward").chmod(0o755)
        return task_of("ferry")

    yield put
    assert not list((tmp_path / "left").iterdir())


@pytest.mark.long
@pytest.mark.parametrize(
    ("script", "said"),
    [
        (LOOP, r"no plan within 1 s of CPU time: raise world\.planner_limit"),
        ("exit 22", "it needs more than 4 GiB of memory: use built-in"),
        ("exit 7", "failed with exit code 7"),
        ("exit 0", "what it gave is not a plan"),
        ("echo '(0)\n(99999)' > plan", "what it gave is not a plan"),
    ],
)
def test_what_goes_wrong_is_an_error_of_its_own(
    script: str, said: str, instead: Callable[[str], Task]
) -> None:
    task = instead(script)
    with pytest.raises(PlandriftError, match=said) as error:
        planned(task, task.init, task.goal, 1)
    assert str(error.value).startswith("world.planner: Fast Downward: ")


def test_it_ends_with_all_that_it_started(
    tmp_path: Path, instead: Callable[[str], Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_downward, "WAIT", 0.3)
    task = instead(f"sleep 60 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(PlandriftError, match=r"no plan after 0\.3 s"):
        planned(task, task.init, task.goal, 1)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int((tmp_path / "child").read_text())).wait(timeout=5)


def test_what_is_not_there_or_another_program_is_refused(
    instead: Callable[[str], Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    instead("exit 0")
    with pytest.raises(SettingError, match="downward, which is not Fast Downward"):
        Pddl(planner="auto").check()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        SettingError, match="not installed: pip install up-fast-downward, put downward on PATH"
    ):
        Pddl(planner="fast-downward").check()
