"""The shares of the causes of failure and of MAST's codes, beside the published shares."""

from __future__ import annotations

from typing import Literal, NamedTuple

from plandrift.experiments.analysis.selection import compared, refuse_pooling
from plandrift.experiments.sweeps.results import Results
from plandrift.sim.measure.causes import CAUSES, MAST


class FailureShares(NamedTuple):
    """How one policy's failures are divided.

    Attributes:
        shares: the share of each cause or code; they sum to 1, or are all 0 if nothing failed.
        failures: number of failures.
        fired: number of steps fired in the same episodes.
        episodes: number of episodes.
    """

    shares: dict[str, float]
    failures: int
    fired: int
    episodes: int


def failure_shares(results: Results, kind: Literal["cause", "mast"]) -> dict[str, FailureShares]:
    """Return each policy's failures divided by cause or MAST code.

    Raises:
        SettingError: a setting that is not averaged over varies within a policy.
    """
    refuse_pooling(results, ["policy"])
    words = CAUSES if kind == "cause" else MAST
    columns = {word: f"{kind}_{word.lower().replace('-', '_').replace('.', '_')}" for word in words}
    # A folder written before a cause was introduced has no failures of that cause.
    sums = (f"coalesce(sum({c}) filter (not isnan({c}::double)), 0)" for c in columns.values())
    with compared(results) as connection:
        found = connection.execute(
            f"select policy, sum(steps_fired), count(*), {', '.join(sums)} from compared group by policy"
        ).fetchall()
    mixes = {}
    for policy, fired, episodes, *counts in found:
        total = sum(counts)
        shares = {w: count / total if total else 0.0 for w, count in zip(words, counts, strict=True)}
        mixes[policy] = FailureShares(shares, int(total), int(fired), int(episodes))
    return {policy: mixes[policy] for policy in results.manifest.policies if policy in mixes}


def published_shares() -> dict[str, float]:
    """Return the published shares of MAST's codes, relative to those that occur here (Cemri et al. 2025)."""
    known = {code: share for code, (_, share) in MAST.items() if share}
    total = sum(known.values())
    return {code: share / total for code, share in known.items()}
