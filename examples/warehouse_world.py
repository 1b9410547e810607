"""A world of your own with two kinds of call: fetch an item from its shelf, then pack the order.

plandrift run examples.warehouse_world:Warehouse --policy gated --narrate
plandrift check examples.warehouse_world:Warehouse
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plandrift import Call, Change, Nature, Scene, Streams, Value, World, jumps, setting

SHELVES = ("A", "B", "C")


@dataclass(frozen=True)
class Warehouse(World):
    """A picker fetches items and packs orders, while colleagues move items between the shelves."""

    orders: int = setting(4, "orders to pack, each of two items", unit="orders", low=1)

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Draw a shelf for each item."""
        return Floor(self, random)


class Floor(Scene):
    """One episode of `Warehouse`."""

    def __init__(self, world: Warehouse, random: Streams) -> None:
        self.world, self.random = world, random
        drawn = random["world"].integers(len(SHELVES), size=2 * world.orders).tolist()
        self.shelves: dict[str, Value] = {f"item-{i}.shelf": SHELVES[n] for i, n in enumerate(drawn)}
        self.goals: dict[str, Value] = {f"order-{j}.packed": True for j in range(world.orders)}
        benches = {f"item-{i}.bench": False for i in range(2 * world.orders)}
        self.first: dict[str, Value] = self.shelves | benches | dict.fromkeys(self.goals, False)

    def changes(self) -> Iterator[Change]:  # what happens by itself
        options = dict.fromkeys(self.shelves, SHELVES)
        return jumps(self.random["exogenous"], options, self.shelves, self.world.volatility)

    def requires(self, call: Call) -> Mapping[str, Value]:  # what must hold when a call lands
        if call.action == "fetch":
            return {f"item-{call.arg('item')}.shelf": call.arg("shelf")}
        return {f"item-{2 * call.arg('order') + i}.bench": True for i in range(2)}

    def effects(self, call: Call) -> Mapping[str, Value]:  # what it then does
        if call.action == "fetch":
            return {f"item-{call.arg('item')}.bench": True}
        return {f"order-{call.arg('order')}.packed": True}

    def nature(self, call: Call, violated: Sequence[str]) -> Nature:  # and what happens otherwise
        return "harmful" if call.action == "fetch" else "rejected"

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call]:
        unpacked = [j for j in range(self.world.orders) if not belief[f"order-{j}.packed"]]
        items = [i for j in unpacked for i in (2 * j, 2 * j + 1) if not belief[f"item-{i}.bench"]]
        fetches = [Call.of("fetch", item=i, shelf=belief[f"item-{i}.shelf"]) for i in items]
        return fetches + [Call.of("pack", order=j) for j in unpacked]
