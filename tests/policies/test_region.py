"""Regions: a guard that compares them sees what the call changes, and not the rest that it writes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from plandrift.policies import Assembled, event_driven, gated, look_first, region
from plandrift.sim import Change, Compares, Episode, Scene, Streams, Value, run
from plandrift.worlds import Files
from plandrift.worlds.files import Tree


@dataclass(frozen=True)
class OneEdit(Files):
    """Files of three regions; the last is edited in one region just before the agent gets to it."""

    where: str = field(default="region-2")

    def begin(self, random: Streams, horizon: float) -> Scene:
        return OneEditTree(self, random)


class OneEditTree(Tree):
    """Two importers, and the edit at 1.5: after the first update was sent, before the second is."""

    world: OneEdit

    def changes(self) -> Iterator[Change]:
        yield 1.5, f"{self.importers[-1]}.{self.world.where}", "newer"


def played(policy: Assembled, where: str, update: str = "whole", latency: float = 0.0) -> Episode:
    world = OneEdit(where=where, update=update, regions=3, importers=2, created=0, bystanders=0)
    return run(world, policy, seed=1, latency=latency)


@pytest.mark.parametrize("update", ["whole", "region"])
@pytest.mark.parametrize("where", ["region-1", "region-2"])
def test_what_a_look_blocks(update: str, where: str) -> None:
    """By value whatever the update rests on; by region only the region of the import, at a price."""
    by_value = played(look_first(trigger="never"), where, update)
    by_region = played(region(trigger="never"), where, update)
    rests = update == "whole" or where == "region-1"
    assert (by_value.metrics.blocks, by_value.metrics.harm) == (rests, 0)
    assert by_region.metrics.blocks == (where == "region-1")
    # What it does not compare it writes over: another's edit of the rest of the file is lost.
    lost = update == "whole" and where == "region-2"
    assert (by_region.metrics.harm, by_region.metrics.misfires) == (lost, lost)


@pytest.mark.parametrize(
    ("compares", "where", "replans"),
    [("value", "region-2", 1), ("region", "region-2", 0), ("region", "region-1", 1), ("region", "path", 1)],
)
def test_what_unsettles_a_plan(compares: Compares, where: str, replans: int) -> None:
    assert played(event_driven(compares=compares, on_error="go-on"), where).metrics.replans == replans


def test_where_nothing_has_regions_it_is_a_guard_by_value() -> None:
    by_value, by_region = (
        [run(Files(volatility=0.2), gated(compares=compares), seed=seed, latency=1.0) for seed in range(20)]
        for compares in ("value", "region")
    )
    rows: list[list[Value]] = [[e.metrics.row() for e in done] for done in (by_value, by_region)]
    assert str(rows[0]) == str(rows[1])
    assert sum(e.metrics.replans for e in by_value) > 20
