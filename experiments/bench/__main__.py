"""`python -m plandrift.experiments.bench [--million | --against REVISION]`: every benchmark, one row each.

With a revision, it compares this checkout with that revision instead.
"""

from __future__ import annotations

import sys

from plandrift.experiments.bench import (
    against,
    by_hand,
    crews,
    engine,
    planning,
    sweeps,
    transcripts,
    twin,
    worlds,
)
from plandrift.worlds import WORLDS


def main(million: bool) -> None:
    """Run all benchmarks; a million short episodes only on request, because that takes minutes."""
    engine.episodes()
    engine.sizes()
    crews.events()
    worlds.every_world()
    worlds.note()
    if "pddl" in WORLDS:
        planning.replans()
        planning.saved()
        planning.episodes()
    sweeps.overhead()
    sweeps.reading()
    transcripts.reading()
    sweeps.memory(1_000_000 if million else 40_000)
    twin.grids()
    by_hand.against_loops()
    twin.short(1_000_000 if million else 100_000)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--against"]:
        against.compare(sys.argv[2])
    else:
        main("--million" in sys.argv[1:])
