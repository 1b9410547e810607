"""The shares of the causes of failure, and of MAST's codes, beside the published ones."""

from __future__ import annotations

from typing import Literal

from experiments.sweeps.results import Results
from sim.causes import CAUSES, MAST


def failure_shares(results: Results, kind: Literal["cause", "mast"]) -> dict[str, dict[str, float]]:
    """For each policy the share of each cause or MAST code among all."""
    words = CAUSES if kind == "cause" else MAST
    columns = {word: f"{kind}_{word.lower().replace('-', '_').replace('.', '_')}" for word in words}
    with results.connect() as connection:
        found = connection.execute(
            f"select policy, {', '.join(f'sum({c})' for c in columns.values())} from episodes group by policy"
        ).fetchall()
    mixes = {}
    for policy, *counts in found:
        total = sum(counts)
        mixes[policy] = {w: count / total if total else 0.0 for w, count in zip(words, counts, strict=True)}
    return {policy: mixes[policy] for policy in results.manifest.policies if policy in mixes}


def published_shares() -> dict[str, float]:
    """The shares of MAST's codes that occur here, among these codes alone (Cemri et al. 2025)."""
    known = {code: share for code, (_, share) in MAST.items() if share}
    total = sum(known.values())
    return {code: share / total for code, share in known.items()}
