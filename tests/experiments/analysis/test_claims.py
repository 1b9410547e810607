"""A claim says what its intervals say."""

from __future__ import annotations

from typing import Any

import pytest

from plandrift.experiments.analysis.claims import FAILS, HOLDS, OPEN, Claim, ends
from plandrift.experiments.sweeps.results import Results


@pytest.mark.long
def test_a_claim_holds_fails_or_stays_open(results: Results) -> None:
    def judged(expect: Any, **more: Any) -> str:
        return Claim("", "policy=gated,plan-once", "plan_staleness", expect, **more).judge(results).verdict

    fast = {"by": ["volatility", "channel.latency"], "where": {"volatility": 0.2, "channel.latency": 0.0}}
    assert judged("less", **fast) == HOLDS
    assert judged("more", **fast) == FAILS
    assert judged("less", by=["volatility"], where={"volatility": [7.0]}) == OPEN
    assert judged("within", margin=0.5) == HOLDS
    assert judged("within", margin=-0.9) == FAILS
    assert Claim("", "policy=gated,replan-each", "misfires", "less").judge(results).verdict in (OPEN, FAILS)
    assert ends([(1, 2), (3, 4)], 0) == HOLDS
    assert ends([(1, 2), (-3, -1)], 0) == FAILS
    assert ends([(1, 2), (-3, 1)], 0) == OPEN
