"""The lessons: what they compute, what they say, and that each runs as a script."""

from __future__ import annotations

import json
import math
import shlex
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plandrift.experiments.statistics.intervals import Interval, mean_interval
from plandrift.experiments.statistics.text import interval_text
from plandrift.experiments.statistics.theory import any_differs
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.workshop import EPISODES, LESSONS, assessment
from plandrift.experiments.workshop.assessment import (
    GUARDS,
    Offer,
    System,
    advise_command,
    change_rate,
    offers,
    recommendation,
    take_home,
    worth_taking,
)
from plandrift.experiments.workshop.cached_runs import RunCache, Values, difference, interval, measure
from plandrift.experiments.workshop.exit_quiz import (
    CHANGES,
    REPLAYS,
    REQUIRES,
    RESULTS,
    STEP,
    SYSTEMS,
    VALUES,
    QuizResult,
    QuizResults,
    first_stale,
    half_life,
    points,
    points_for_time,
    replay,
)
from plandrift.experiments.workshop.handouts import Shot, figures, with_answers
from plandrift.experiments.workshop.lessons import runs, screens
from plandrift.experiments.workshop.lessons.texts import LESSON_TEXTS
from plandrift.experiments.workshop.server import results_page
from plandrift.sim import SettingError
from tests.command import inside

FOLDER = Path(str(resources.files("plandrift.experiments.workshop.lessons")))


def test_the_quiz_is_scored_by_what_its_replays_and_systems_measure() -> None:
    moments = [first_stale(replay(i)) for i in range(len(REPLAYS))]
    for i, moment in enumerate(moments):
        # The change comes well before the call that fails by it: the two are not to be confused.
        failed = next(step.time for step in replay(i).steps if step.misfire)
        assert points_for_time(failed, moment) == 0
    shares = [any_differs(STEP * (step - 1), 1 / CHANGES, VALUES, REQUIRES) for step in range(1, 40)]
    assert runs.half_life(shares) == half_life()
    best = [worth_taking(offers(system, 60)) for _, system in SYSTEMS]
    assert best[1] == ["plan-once"] != best[0]
    right = points(moments, half_life(), [one[0] for one in best], 60)
    assert right == (2, 2, 2, 2, 2)
    wrong = points([moment + 2 for moment in moments], 4 * half_life(), ["plan-once", "look-first"], 60)
    assert wrong == (0, 0, 0, 0, 0)
    # The three systems of lesson 6 do not all need the same.
    first = {worth_taking(offers(system, 60))[0] for system in assessment.SYSTEMS.values()}
    assert "plan-once" in first
    assert len(first) > 1


def test_the_teacher_alone_sees_the_results_and_names_are_shown_as_typed() -> None:
    room = QuizResults()
    assert room.rows() == []
    room.add(QuizResult("Ana", (2, 2, 2, 2, 2)))
    room.add(QuizResult("Bo", (0, 1, 2, 1, 0)))
    *_, mean = room.rows()
    assert list(mean.values()) == ["mean", "1.0", "1.5", "2.0", "1.5", "1.0", "7.0"]
    for client in (None, ("10.0.0.5", 1)):
        assert results_page(client)[0] == 403
    RESULTS.add(QuizResult("<b>Ana</b>", (2, 2, 2, 2, 2)))
    status, page = results_page(("127.0.0.1", 1))
    assert status == 200
    assert "&lt;b&gt;Ana&lt;/b&gt;" in page
    assert "<b>Ana" not in page


ANSWERED = (1, 2, 3, 4, 5, 7)
"""The lessons with one answer for everybody; lesson 6 is about the learner's own system."""


@pytest.mark.slow
@pytest.mark.parametrize("lesson", [*range(1, len(LESSONS) + 1), "quiz"])
def test_a_lesson_runs_as_a_script(lesson: int | str, tmp_path: Path) -> None:
    script = FOLDER / f"lesson_{lesson}.py"
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lesson", range(1, len(LESSONS) + 1))
def test_a_lesson_asks_each_question_and_waits(lesson: int) -> None:
    text = (FOLDER / f"lesson_{lesson}.py").read_text()
    for number in range(len(LESSON_TEXTS[lesson - 1].questions)):
        assert f"question({lesson}, {number})" in text
    assert text.count("given(get_") == len(LESSON_TEXTS[lesson - 1].questions)
    assert f"opening({lesson})" in text
    assert f"key_points({lesson})" in text
    assert f'app_title="plandrift {lesson}: {LESSONS[lesson - 1]}"' in text


@pytest.mark.slow
def test_the_teachers_answers_are_those_on_the_screen() -> None:
    notes = " ".join((FOLDER.parent / "teaching.md").read_text().split())
    for lesson in ANSWERED:
        for said, _ in figures(lesson, EPISODES):
            assert said in notes


def test_the_notes_have_the_answers_of_the_run_that_made_the_slides() -> None:
    notes = (FOLDER.parent / "teaching.md").read_text()
    shots = [[Shot(f"said {lesson}, {n}", None) for n in (1, 2)] for lesson in range(1, len(LESSONS) + 1)]
    written = with_answers(notes, shots)
    assert "<!--" not in written
    for lesson in ANSWERED:
        assert f"said {lesson}, 1 said {lesson}, 2" in written


def test_lesson_one_is_one_change_and_one_wrong_call_and_its_latency_decides() -> None:
    for latency in runs.LATENCIES:
        episode = runs.one_episode(latency)
        assert episode.metrics.exogenous_changes == 1
        wrong = runs.first_wrong(episode)
        # The record moves 0.31 before its call: news that is later than that does not help.
        assert (wrong is None) == (latency < 0.31) == bool(episode.metrics.success)
        if wrong is not None:
            assert (wrong.call.arg("record"), wrong.outcome, wrong.reported) == (2, "harmful", "ok")
            assert len(wrong.violated) == 1
            assert not wrong.shown


@pytest.mark.long
def test_a_step_is_as_stale_as_theory_says() -> None:
    measured, theory = runs.by_step(0.05, 1, 400), runs.by_step_in_theory(0.05, 1)
    outside = sum(not one.low <= share <= one.high for one, (_, share) in zip(measured, theory, strict=True))
    assert outside <= 5  # 30 intervals of 95 %
    assert runs.half_life([share for _, share in theory]) == 17
    assert runs.half_life([0.1, 0.2]) is None


@pytest.mark.slow
def test_latency_defeats_the_look_at_the_belief_and_no_other_rung() -> None:
    found = runs.ladder(60)
    at_once, late = 0, runs.LATENCIES.index(2.0)
    belief, world, door = (found[name] for name in list(runs.RUNGS)[1:])
    assert difference(belief[at_once], found["no guard"][at_once], "first_misfires").high < 0
    assert difference(belief[late], belief[at_once], "first_misfires").low > 0
    assert interval(world[late], "first_misfires").mean < interval(belief[late], "first_misfires").mean / 2
    assert interval(door[late], "first_misfires").mean == 0
    assert interval(door[late], "refused").low > 0
    # A guess stands in the figure where it would be right, however far off it is.
    stormy = runs.thinking(0.05, 4)
    far = screens.storm(stormy, "replans", 90).figure().axes[0]
    assert far.get_ylim()[1] > 90
    assert "your guess" in [text.get_text() for text in far.texts]
    guess = screens.ladder(found, "first_misfires", 0.25).guess
    unguarded = interval(found["no guard"][runs.LATENCIES.index(1.0)], "first_misfires").mean
    assert guess == (1.0, 0.75 * unguarded)


@pytest.mark.long
def test_the_read_back_takes_the_hand_offs_mistakes_away() -> None:
    found = runs.handoffs(0.0, 30)
    assert all(interval(one, "mismatches_fired").mean == 0 for one in found["two agents, read back"])
    assert interval(found["two agents"][-1], "mismatches_fired").low > 0


def test_the_same_question_is_computed_once() -> None:
    calls = []

    def slow(value: int) -> int:
        calls.append(value)
        time.sleep(0.05)
        return value * 2

    with ThreadPoolExecutor(2) as pool:
        cache = RunCache(pool)
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda: answers.append(cache.ask(slow, 3).result())) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [6] * 8
    assert calls == [3]


def test_what_is_remembered_is_bounded_and_the_latest() -> None:
    calls: list[int] = []
    cache = RunCache(most=2)

    def note(value: int) -> int:
        calls.append(value)
        return value

    for value in (1, 2, 1, 3, 1, 2):
        cache.ask(note, value)
    assert calls == [1, 2, 3, 2]


def test_a_question_that_fails_says_so_to_everybody() -> None:
    cache = RunCache()

    def wrong(rate: float) -> Values:
        return measure([condition("records", "gated", {"volatility": rate})], 2)[0]

    for _ in range(2):
        with pytest.raises(SettingError, match="volatility"):
            cache.ask(wrong, -1.0).result()


def test_told_numbers_have_no_signed_zero() -> None:
    assert interval_text(Interval(-0.001, -0.004, 0.3, 9), 1) == "0.0 [0.0, 0.3]"
    assert interval_text(Interval(math.nan, math.nan, math.nan, 0)) == "–"
    assert interval_text(Interval(1.25, math.nan, math.nan, 1), 1) == "1.2"


def test_a_fast_world_wants_a_guard_and_a_slow_one_none() -> None:
    fast = offers(System(between_changes=200), 60)
    assert [offer.guard for offer in fast] == list(GUARDS)
    assert recommendation(fast).startswith("Take ")
    best = min(fast[1:], key=lambda offer: offer.cost.mean)
    assert best.guard in recommendation(fast)
    assert best.saved.low > 0
    slow = offers(System(between_changes=1e7), 20)
    assert recommendation(slow).startswith("No guard pays off significantly")
    page = take_home(System(), fast, "<svg></svg>")
    assert recommendation(fast).split(":")[0] in page
    assert "http" not in page.replace("http-equiv", "")


def test_guards_that_are_as_good_are_named() -> None:
    values = measure([condition("telegraph", "plan-once", {"volatility": 0.1, "world.steps": 2})], 2)[0]

    def offer(guard: str, *costs: float) -> Offer:
        saved = [100 - cost for cost in costs]
        return Offer(guard, values, costs, mean_interval(costs), mean_interval(saved))

    none = offer("plan-once", 100, 100, 100, 100)
    made = [none, offer("gated", 50, 60, 52, 58), offer("warn", 60, 52, 58, 54)]
    assert "warn may do as well" in recommendation(made)
    # Dearer on every seed, though the two intervals overlap.
    made[2] = offer("warn", 51, 61, 53, 59.5)
    assert made[2].cost.low < made[1].cost.high
    assert "may do as well" not in recommendation(made)


def test_the_command_that_goes_on_is_one_that_works(tmp_path: Path) -> None:
    words = shlex.split(advise_command(System(price=0.0)))
    assert words[:3] == ["plandrift", "agent", "advise"]
    said = inside(*words[1:], "--episodes", "1000", "--workers", "1", "--cost-misfire", "3", cwd=tmp_path)
    assert said.code == 0, said.err
    assert "guard" in said.out


@given(st.builds(System, steps=st.integers(-2, 60), news=st.floats(-1, 1e4), step_time=st.floats(0, 100)))
def test_a_system_is_refused_or_its_settings_are_known(system: System) -> None:
    try:
        system.check()
    except SettingError:
        assert not (1 <= system.steps <= 50 and system.news >= 0 and system.step_time >= 0.001)
    else:
        assert system.settings["volatility"] > 0
        assert system.settings["horizon"] > 0


def test_the_pace_of_a_history() -> None:
    groups = [
        {"fluents": "1", "median_s": None},
        {"fluents": "2–3", "median_s": 100.0},
        {"fluents": "4–10", "median_s": 10.0},
    ]
    assert math.isclose(change_rate(json.dumps(groups)), 2.5 * 100 / math.log(2))
    with pytest.raises(SettingError, match="too short"):
        change_rate(json.dumps(groups[:1]))
    for text in ("[1]", "{}", "x", '[{"fluents": 1}]', b"\xff"):
        with pytest.raises(SettingError):
            change_rate(text)
