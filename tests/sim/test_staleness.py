"""The bit-mask staleness is reachability in the dependency graph, on random plans and histories."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from plandrift.sim.measure.dependency_graph import dependency_graph, stale_in_graph
from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.dependencies import GOALS, Dependencies
from plandrift.sim.terms.fluents import EXOGENOUS, Truth
from plandrift.sim.terms.staleness import StaleSet, Tally

FLUENTS = tuple("abcde")
partial = st.dictionaries(st.sampled_from(FLUENTS), st.integers(0, 2), max_size=3)
steps_of_a_plan = st.lists(st.tuples(partial, partial), min_size=1, max_size=7)
whole = st.fixed_dictionaries({f: st.integers(0, 2) for f in FLUENTS})
write = st.tuples(st.just("write"), st.sampled_from(FLUENTS), st.integers(0, 2))
advance = st.tuples(st.just("land"), st.booleans(), st.booleans())


def made(parts: list[tuple[dict[str, Value], dict[str, Value]]]) -> list[Step]:
    return [Step(Call.of("do", n=i), needs, does) for i, (needs, does) in enumerate(parts)]


def mask(nodes: set[int | str], count: int) -> int:
    return sum(1 << (count if node == GOALS else int(node)) for node in nodes)


class History:
    """A plan carried out against a world, in both forms at once."""

    def __init__(self, steps: list[Step], goals: dict[str, Value], world: dict[str, Value]) -> None:
        self.steps, self.state = steps, Truth(world)
        self.graph = dependency_graph(steps, goals)
        self.masks = StaleSet(Dependencies(steps, goals), self.state)
        self.landed: list[int] = []
        self.now = 0.0
        self.written: dict[str, float] = {}
        self.settled: dict[int, float] = {}
        self.missed: set[tuple[int, str]] = set()

    def apply(self, event: tuple[str, object, object]) -> None:
        kind, first, second = event
        self.now += 1
        if kind == "write":
            assert isinstance(first, str)
            self.state.write(first, second, self.now, EXOGENOUS)
            self.masks.write(first, second)
            self.written[first] = self.now
        elif len(self.landed) < len(self.steps):
            place = len(self.landed)
            step = self.steps[place]
            self.masks.fire(place)
            works = bool(first)
            if works:
                for fluent, value in step.writes.items():
                    self.state.write(fluent, value, self.now, EXOGENOUS)
            self.masks.land(place, self.state, self.now)
            self.landed.append(place)
            self.settled[place] = self.now
            self.missed = {(p, f) for p, f in self.missed if p != place}
            self.missed |= {(place, f) for f, v in step.writes.items() if self.state.values[f] != v}
            if second and not works:
                self.masks.retry(place, self.state, dict.fromkeys(FLUENTS, 0))
                self.landed.pop()

    def moved(self) -> set[int | str]:
        """The nodes with an assumption written since the basis, or never written by the step it is from."""
        nodes: set[int | str] = set()
        for node in [*range(len(self.steps)), GOALS]:
            for source, _, edge in self.graph.in_edges(node, data=True):
                link = edge["link"]
                if node in self.landed or (link is not None and link not in self.landed):
                    continue
                since = 0.0 if link is None else self.settled[link]
                if self.written.get(source[1], 0.0) > since or (link, source[1]) in self.missed:
                    nodes.add(node)
        return nodes

    def compared(self) -> list[tuple[int, int]]:
        """The masks as they are kept, each with what the graph gives: rewritten, direct, stale."""
        direct, stale = stale_in_graph(self.graph, self.landed, self.state.values)
        count = len(self.steps)
        return [
            (self.masks.rewritten, mask(self.moved(), count)),
            (self.masks.direct, mask(direct, count)),
            (self.masks.stale & ~(1 << count), mask(stale - {GOALS}, count)),
        ]


@settings(max_examples=400, deadline=None)
@given(
    steps_of_a_plan,
    partial,
    whole,
    st.lists(st.one_of(write, advance), max_size=25),
)
def test_masks_equal_reachability_in_the_graph(
    parts: list[tuple[dict[str, Value], dict[str, Value]]],
    goals: dict[str, Value],
    world: dict[str, Value],
    events: list[tuple[str, object, object]],
) -> None:
    history = History(made(parts), goals, world)
    assert all(kept == found for kept, found in history.compared())
    for event in events:
        history.apply(event)
        assert all(kept == found for kept, found in history.compared())


def carry_out(steps: list[Step], goals: dict[str, Value], world: dict[str, Value]) -> tuple[list[int], bool]:
    """The rest of a plan in a frozen world, run past its failures: what failed, whether it got there."""
    values, failed = dict(world), []
    for place, step in enumerate(steps):
        if all(values[f] == v for f, v in step.requires.items()):
            values.update(step.writes)
        else:
            failed.append(place)
    return failed, all(values[f] == v for f, v in goals.items())


@settings(max_examples=600, deadline=None)
@given(steps_of_a_plan, partial, whole)
def test_the_kernel_holds_exactly_when_the_rest_of_the_plan_succeeds(
    parts: list[tuple[dict[str, Value], dict[str, Value]]],
    goals: dict[str, Value],
    world: dict[str, Value],
) -> None:
    steps = made(parts)
    masks = StaleSet(Dependencies(steps, goals), Truth(world))
    failed, reached = carry_out(steps, goals, world)
    assert (not masks.direct) == (not failed and reached)
    assert all(masks.stale >> place & 1 for place in failed)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 255)), max_size=40))
def test_a_tally_counts_each_bit(moves: list[tuple[bool, int]]) -> None:
    tally, counts = Tally(), [0] * 8
    for adds, bits in moves:
        if adds:
            tally.add(bits)
            counts = [c + (bits >> i & 1) for i, c in enumerate(counts)]
        else:
            held = sum(1 << i for i, c in enumerate(counts) if c) & bits
            tally.remove(held)
            counts = [c - (held >> i & 1) for i, c in enumerate(counts)]
        assert tally.any == sum(1 << i for i, c in enumerate(counts) if c)


@settings(max_examples=300, deadline=None)
@given(steps_of_a_plan, partial, whole, st.lists(st.one_of(write, advance), max_size=20))
def test_staleness_by_version_is_never_below_that_by_value(
    parts: list[tuple[dict[str, Value], dict[str, Value]]],
    goals: dict[str, Value],
    world: dict[str, Value],
    events: list[tuple[str, object, object]],
) -> None:
    """Given a plan that was right for its basis: then only a write can have made it stale."""
    steps = made(parts)
    failed, reached = carry_out(steps, goals, world)
    if failed or not reached:
        return
    history = History(steps, goals, world)
    for event in events:
        history.apply(event)
        assert history.masks.stale & ~history.masks.version_stale == 0
