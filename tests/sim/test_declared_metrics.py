"""What is said of each figure: how it is taken over episodes, between what it lies, what is counted."""

from __future__ import annotations

from math import inf

from plandrift.sim import METRICS
from plandrift.sim.measure.metrics import COUNTS, DECLARED


def test_how_a_figure_is_taken_over_episodes() -> None:
    assert DECLARED["misfire_rate"].formula == "sum of misfires / sum of steps_fired"
    assert DECLARED["staleness_before_fire"].formula == "sum over the fired steps / sum of steps_fired"
    assert DECLARED["success"].formula == "share of the episodes"
    assert DECLARED["plan_staleness"].formula == "mean over the episodes that have it"


def test_between_what_a_figure_lies() -> None:
    shares = ("plan_staleness", "misfire_rate", "success", "goals_met")
    assert {DECLARED[name].bounds for name in shares} == {(0, 1)}
    assert {DECLARED[name].bounds for name in ("plan_age", "misfires", "plan_distance")} == {(0, inf)}


def test_whole_numbers_are_counts_and_flags() -> None:
    assert {name for name in METRICS if DECLARED[name].kind in ("count", "flag")} == COUNTS
    assert {"misfires", "success", "cause_slip", "mast_fm_2_6"} <= COUNTS
    assert not {"plan_staleness", "misfire_rate", "duration", "score"} & COUNTS


def test_names_are_those_of_the_columns() -> None:
    assert [DECLARED[name].name for name in METRICS] == list(METRICS)


def test_a_failure_says_what_it_is_read_as() -> None:
    assert DECLARED["cause_slip"].meaning == "failures caused by slip"
    assert DECLARED["mast_fm_1_3"].meaning == "failures that MAST classifies as FM-1.3: step repetition"
    assert DECLARED["mast_drift"].meaning == "misfire in the blind spot; no code in MAST"
