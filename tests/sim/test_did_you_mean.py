"""A name that there is not: the one most like it is given, or all that there are."""

from __future__ import annotations

from typing import Any

import pytest

from plandrift.policies import plan_once
from plandrift.sim import SettingError, run
from tests.sim.scripted import Wires


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"latncy": 1}, "did you mean 'latency'?"),
        ({"sampling": "pol"}, "did you mean 'poll'?"),
        ({"sampling": "zzz"}, "known: on-action, poll, push"),
        ({"qqqqqq": 1}, "known: ack_timeout, action_latency, "),
    ],
)
def test_a_wrong_name_is_answered_by_the_nearest_or_by_all(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingError) as caught:
        run(Wires(), plan_once(), **wrong)
    assert told in str(caught.value)
