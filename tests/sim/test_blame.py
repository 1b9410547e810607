"""Whose doing it is that a call fails: the agent's own, or another hand's."""

from __future__ import annotations

from typing import Any

import pytest

from plandrift.policies import plan_once
from plandrift.sim import Call, Effect, Step, run
from plandrift.sim.measure.blame import Blame
from plandrift.sim.terms.fluents import EXOGENOUS, Truth, Writer
from tests.sim.scripted import Corridor
from tests.sim.test_faults_struck import failures

OWN, BESIDES, FELLOW = Writer(0, True), Writer(0, False), Writer(1, True)
FIRST = Step(Call("lay"), {}, {"floor": "laid"})
SECOND = Step(Call("polish"), {"floor": "laid", "door": "open"}, {"shine": True})
Write = tuple[str, Any, Writer]


class Site:
    """A world of three fluents, and what is to be blamed in it."""

    def __init__(self) -> None:
        self.truth = Truth({"floor": "bare", "door": "open", "shine": False})
        self.blame = Blame(self.truth, 0)

    def write(self, *writes: Write) -> None:
        for fluent, value, writer in writes:
            self.truth.write(fluent, value, 1.0, writer)

    def call(self, step: Step, outcome: Any, reported: str | None) -> tuple[str, ...]:
        """A call is made and answered; what it fails for."""
        values = self.truth.values
        violated = tuple([f for f, value in step.requires.items() if values[f] != value])
        found = self.blame.landing(step, Effect(outcome, {}, violated))
        self.blame.answered(step, reported)
        return found


@pytest.mark.parametrize(
    ("outcome", "reported", "meanwhile", "causes"),
    [
        ("void", "ok", [], ("own_void",)),
        ("void", None, [], ()),
        ("rejected", "error", [], ()),
        ("harmful", "ok", [], ("own_void",)),
        ("harmful", "ok", [("floor", "torn", OWN)], ()),
        ("void", "ok", [("floor", "torn", EXOGENOUS)], ()),
        ("void", "ok", [("floor", "torn", EXOGENOUS), ("floor", "bare", EXOGENOUS)], ()),
        ("void", "ok", [("floor", "bare", EXOGENOUS)], ("own_void",)),
        ("void", "ok", [("floor", "torn", BESIDES)], ("side_effect",)),
        ("void", "ok", [("door", "shut", BESIDES)], ("own_void",)),
        ("void", "ok", [("door", "shut", FELLOW)], ()),
        ("void", "ok", [("floor", "torn", OWN)], ()),
        ("void", "ok", [("floor", "laid", OWN), ("door", "shut", BESIDES)], ("side_effect",)),
        ("void", "ok", [("floor", "laid", OWN), ("floor", "torn", BESIDES)], ("side_effect",)),
        ("void", "ok", [("floor", "laid", OWN), ("door", "shut", EXOGENOUS)], ()),
    ],
)
def test_a_step_fails_by_the_agents_own_doing_where_nobody_else_had_a_hand_in_it(
    outcome: str, reported: str | None, meanwhile: list[Write], causes: tuple[str, ...]
) -> None:
    site = Site()
    site.call(FIRST, outcome, reported)
    site.write(*meanwhile)
    assert site.call(SECOND, "rejected", "error") == causes


def test_the_last_call_that_was_to_do_the_work_counts_and_what_it_was_to_do() -> None:
    site = Site()
    site.call(FIRST, "void", "ok")
    assert site.call(SECOND, "refused", "refused") == ()
    assert site.call(SECOND, "rejected", "error") == ("own_void",)
    waxed = Step(Call("polish"), {"floor": "waxed"}, {"shine": True})
    assert site.call(waxed, "rejected", "error") == ()
    site.call(FIRST, "rejected", "error")
    assert site.call(SECOND, "rejected", "error") == ()


@pytest.mark.parametrize(
    ("writes", "cause"),
    [
        ([("floor", "laid", OWN)], "done_already"),
        ([("floor", "laid", BESIDES)], "done_already"),
        ([("floor", "laid", OWN), ("floor", "laid", EXOGENOUS)], "done_already"),
        ([("floor", "laid", EXOGENOUS)], "done_by_other"),
        ([("floor", "laid", FELLOW)], "done_by_other"),
        ([("floor", "laid", OWN), ("floor", "torn", EXOGENOUS), ("floor", "laid", FELLOW)], "done_by_other"),
        ([], "done_by_other"),
    ],
)
def test_work_that_is_done_already_was_done_by_whoever_made_it_what_it_is(
    writes: list[Write], cause: str
) -> None:
    site = Site()
    site.write(*writes)
    assert site.call(FIRST, "repeat", "ok") == (cause,)


def test_work_of_which_another_hand_has_done_a_part_was_done_by_it() -> None:
    both = Step(Call("finish"), {}, {"floor": "laid", "shine": True})
    site = Site()
    site.write(("floor", "laid", OWN), ("shine", True, FELLOW))
    assert site.call(both, "repeat", "ok") == ("done_by_other",)


def test_a_step_that_rests_on_a_call_which_did_nothing_is_no_drift() -> None:
    world = Corridor(steps=3).but((0.5, "door-1", "shut"), fails="void")
    assert failures(run(world, plan_once())) == [None, ("drift_shown", "FM-2.5"), ("own_void",)]
    moved = world.but((0.5, "door-1", "shut"), (1.5, "place", 0))
    assert failures(run(moved, plan_once()))[2] == ("drift_shown", "FM-2.5")
