"""The simulator against theory: each closed form quickly here, and precisely in the slow run."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest

from plandrift.experiments.analysis.closed_form import ClosedForm
from plandrift.experiments.analysis.closed_forms import cases
from plandrift.experiments.analysis.validation import (
    PRECISION,
    Z_LIMIT,
    Agreement,
    Sums,
    estimates,
    in_turn,
    run_case,
)
from plandrift.experiments.statistics import theory
from plandrift.experiments.sweeps.condition import condition

CASES = cases()


def name_of(number: int) -> str:
    return f"{CASES[number].name} {CASES[number].at}"


FEW = 100

QUICK = ("plan-once", "version", "replan-each", "a plan survives", "restart: time")
FIRST = [
    n
    for n, case in enumerate(CASES)
    if case.name.startswith(QUICK) and case.name not in [c.name for c in CASES[:n]]
]
"""The first case of each form whose episodes are short; the precise run has them all."""


def few(number: int, first: int, rounds: int) -> Iterable[list[float]]:
    return (estimates(number, first + i * FEW, FEW) for i in range(rounds))


@pytest.mark.long
@pytest.mark.parametrize("number", FIRST, ids=name_of)
def test_few_episodes_are_within_their_own_error(number: int) -> None:
    """200 episodes of each form: a standard error of 2 to 6 % of the theory, enough for a gross mistake."""
    result = run_case(number, precision=1.0, most=1, batches=few)
    assert result.n >= FEW
    assert abs(result.z) <= Z_LIMIT, f"{result.mean} against {result.case.expected}"


def of_crews(number: int) -> bool:
    return int(CASES[number].condition.settings["crew.agents"]) > 1


@pytest.mark.slow
@pytest.mark.parametrize("number", [n for n in range(len(CASES)) if not of_crews(n)], ids=name_of)
def test_the_bias_that_each_form_must_find_would_be_found(number: int) -> None:
    found(number)


def found(number: int) -> None:
    result = run_case(number, PRECISION, most=60_000, batches=in_turn)
    assert result.precise, f"standard error {result.error} of {result.case.expected} at n = {result.n}"
    assert result.holds, f"{result.mean} ± {result.error} against {result.case.expected}"


def test_every_closed_form_stands_at_two_settings_or_more() -> None:
    names = [case.name for case in CASES]
    assert all(names.count(name) >= 2 for name in names)
    shown = " ".join(case.at for case in CASES)
    assert all(text in shown for text in ("V=2", "V=5", "k=1", "k=3"))


def test_every_closed_form_stands_where_a_call_lands_within_its_step() -> None:
    for case in CASES:
        times = [case.condition.settings[f"agent.{name}"] for name in ("action_latency", "step_duration")]
        assert str(times[1]).startswith("exponential") or times[0] <= times[1], (case.name, case.at)


def test_a_bias_fails_a_case_and_too_few_episodes_do_not_pass_it() -> None:
    case = ClosedForm("any", "", 0.5, condition("telegraph", "plan-once"), lambda _: 0.0)
    assert Agreement(case, 10_000, 0.5005, 0.5 * PRECISION).holds
    assert not Agreement(case, 10_000, 0.51, 0.5 * PRECISION).holds
    assert not Agreement(case, 100, 0.5, 0.02).holds
    assert not Agreement(case, 100, 0.6, 0.0).holds


@pytest.mark.long
def test_a_wrong_model_is_found() -> None:
    """The same measurement against the theory of another latency fails: the check can fail."""
    number = next(i for i, c in enumerate(CASES) if c.name.startswith("replan-each staleness"))
    sums = Sums()
    for values in in_turn(number, 0, 2):
        sums.add(values)
    wrong = theory.mean_staleness_pushed(15.0, 2.6, 0.1, 2, 1)
    assert abs(sums.mean - wrong) / sums.error > Z_LIMIT


def test_sums_are_those_of_the_textbook() -> None:
    sums = Sums(origin=100.0)
    sums.add([101.0, 99.0, 103.0, math.nan])
    assert sums.n == 3
    assert math.isclose(sums.mean, 101.0)
    assert math.isclose(sums.error, math.sqrt(4 / 3))


def test_theory_by_numerical_integration() -> None:
    for late, k, v in ((2.0, 1, 2), (3.0, 3, 5), (20.0, 2, 3)):
        n = 20_000
        points = [15.0 * (i + 0.5) / n for i in range(n)]
        numeric = sum(theory.any_differs(min(t, late), 0.1, v, k) for t in points) / n
        assert math.isclose(theory.mean_staleness_pushed(15.0, late, 0.1, v, k), numeric, rel_tol=1e-6)
    assert math.isclose(theory.differs(1e9, 0.1, 4), 0.75)
    assert theory.any_written(3, 0.1, 2) >= theory.any_differs(3, 0.1, 2, 2)


def test_the_cases_run_on_telegraph_and_those_of_crews_on_the_ledger() -> None:
    for case in CASES:
        world = "ledger" if case.condition.settings["crew.agents"] > 1 else "telegraph"
        assert case.condition.id == condition(world, case.condition.policy, case.condition.given).id
