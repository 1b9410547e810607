"""The sentences of the advice say no more than its intervals do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from plandrift.experiments.agents.advise.advice import Advice, advise
from plandrift.experiments.agents.advise.answer import flip, flips, next_best, settles
from plandrift.experiments.agents.advise.flips import FlipLine, Stretch
from plandrift.experiments.agents.advise.prices import Prices
from plandrift.experiments.agents.advise.ranking import FIRST, Ranking
from plandrift.experiments.agents.advise.system import Span, UserSystem

SETTINGS: dict[str, Any] = {
    "world.values": 1000,
    "channel.loss": 1.0,
    "horizon": 1e5,
    "agent.thinking_time": "5s",
    "agent.step_duration": "2s",
    "agent.action_latency": "1s",
}


@pytest.fixture(scope="module")
def unsure() -> Advice:
    """A rate of change of which so little is known that the choice flips within it, and hardly costs more."""
    system = UserSystem("telegraph", SETTINGS, {"volatility": Span(1e-4, 1e-3)})
    return advise(system, Prices(refusal=20, read=0.2))


def test_what_may_be_cheaper_is_not_said_to_be_dearer_by_something(unsure: Advice) -> None:
    other = unsure.standings[1]
    assert other.above.low < 0 < other.above.mean
    assert other.verdict == "dearer on average"
    assert "per episode on average over the uncertain numbers, and from 0.107 cheaper" in next_best(unsure)
    assert [one.verdict for one in unsure.standings if one.above.low > 0] == ["dearer"]


def test_a_flip_within_the_range_given_is_named_where_it_is_hardly_worth_measuring(unsure: Advice) -> None:
    assert any(line.name == "volatility" for line in flips(unsure))
    assert settles(unsure).startswith("the choice flips within the range of the rate of change")
    # Where the choice does not flip there, none is.
    sure = advise(unsure.system, Prices())
    assert not any(line.name == "volatility" for line in flips(sure))
    assert settles(sure).startswith("no uncertain number would change the choice")


def test_a_stretch_of_one_value_is_at_it() -> None:
    stretches = (Stretch(30.0, 60.0, "a"), Stretch(120.0, 120.0, "b"), Stretch(240.0, 480.0, "a"))
    said = flip(FlipLine("agent.thinking_time", 120.0, stretches, exact=False))
    assert said == "thinking time (2 min): a up to 1 min, b at 2 min, a from 4 min on"


def test_costs_are_set_side_by_side_on_the_same_seeds() -> None:
    """The best has had dearer seeds since the other left; on the seeds of both it is the cheaper one."""
    random = np.random.default_rng(1)
    base = random.normal(4.0, 0.3, 2 * FIRST)
    base[FIRST:] += 1.0
    ranking = Ranking({"best": base, "other": base[:FIRST] + 0.2})
    assert ranking.cost("best").mean > ranking.cost("other").mean
    beside = ranking.beside("other", "best")
    assert beside.mean == pytest.approx(ranking.cost("best").mean + 0.2)
    assert beside.half_width == pytest.approx(ranking.cost("other").half_width)
    assert ranking.beside("best", "best") == ranking.cost("best")
