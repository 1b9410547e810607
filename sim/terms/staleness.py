"""The set of stale steps of a plan, updated with a few integer operations at each change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plandrift.sim.terms.calls import Value
from plandrift.sim.terms.dependencies import Dependencies
from plandrift.sim.terms.fluents import Fluents, Truth


class Tally:
    """One counter per bit of a mask, stored as bit planes, so that adding a mask takes a few operations."""

    __slots__ = ("_planes", "any")

    def __init__(self) -> None:
        self._planes: list[int] = []
        self.any = 0
        """The bits whose counter is above zero."""

    def add(self, mask: int) -> None:
        """Increment the counter of each bit of `mask`."""
        carry = mask
        planes = self._planes
        for place, plane in enumerate(planes):
            planes[place] = plane ^ carry
            carry &= plane
            if not carry:
                break
        if carry:
            planes.append(carry)
        self.any |= mask

    def remove(self, mask: int) -> None:
        """Decrement the counter of each bit of `mask`; each must have been added before."""
        borrow = mask
        planes = self._planes
        for place, plane in enumerate(planes):
            planes[place] = plane ^ borrow
            borrow &= ~plane
            if not borrow:
                break
        left = 0
        for plane in planes:
            left |= plane
        self.any = left


class StaleSet:
    """The stale steps of one plan, judged against one state of the fluents (the truth or a belief).

    It must be told of every write and every landing. Each attribute is a mask; bit i is step i, bit n is
    the goals node.

    Attributes:
        direct: the nodes with a violated assumption of their own.
        stale: those, and every step that causal links lead to from them.
        rewritten: the nodes with an assumption that somebody else has written since the basis, whatever its
            value now, or that a step of the plan should have written but did not.
        unfired: the steps that have not been fired; the goals node is never among them.
        unlanded: the nodes that have not reached the world; the goals node always stays in.
    """

    __slots__ = (
        "_active",
        "_closures",
        "_plan",
        "_settled",
        "_tally",
        "_violated",
        "_written",
        "direct",
        "rewritten",
        "stale",
        "unfired",
        "unlanded",
    )

    def __init__(self, plan: Dependencies, state: Fluents) -> None:
        self._plan = plan
        # Shared with the other sets of this plan until a step lands: most plans are replaced before that.
        self._active = plan.assumed
        # For each fluent written by a landed step: when that step landed, and the fluent's version then.
        self._settled: dict[str, tuple[float, int]] = {}
        self._violated: dict[str, int] = {}
        self._written: dict[str, int] = {}
        self._tally = Tally()
        self._closures = Tally()
        self.unfired = (1 << plan.count) - 1
        self.unlanded = (2 << plan.count) - 1
        self.direct = 0
        self.stale = 0
        self.rewritten = 0
        for mask in plan.contradicted.values():
            self._tally.add(mask)
        # A new plan nearly always fits the state: one comparison then replaces many.
        values = plan.read_assumed(state.values)
        if values != plan.fitting:
            for (fluent, wanted), value in zip(plan.wanted.items(), values, strict=True):
                if value == wanted:
                    continue
                violated = self._active[fluent] & ~plan.needs[fluent].get(value, 0)
                if violated:
                    self._violated[fluent] = violated
                    self._tally.add(violated)
        if self._tally.any:
            self._spread()

    @property
    def left(self) -> int:
        """The nodes that can still be changed: the steps not yet fired, and the goals."""
        return self.unfired | 1 << self._plan.count

    def depends_on(self, fluent: str) -> bool:
        """Return whether the fluent is in the kernel: a step not yet landed, or the goals, assume it."""
        return bool(self._active.get(fluent))

    def rests_on(self, fluent: str) -> bool:
        """Return whether a step not yet fired, or the goals, assume a value of the fluent."""
        return bool(self._active.get(fluent, 0) & self.left)

    @property
    def has_kernel(self) -> bool:
        """Whether any fluent is assumed."""
        return any(self._active.values())

    def kernel(self) -> list[str]:
        """Return the fluents of the kernel, in the order in which the plan first needs them."""
        return [fluent for fluent, active in self._active.items() if active]

    def write(self, fluent: str, value: Value) -> bool:
        """Record that somebody else wrote the fluent; return True if any mask changed."""
        active = self._active.get(fluent)
        if not active:
            return False
        rewritten = self.rewritten | active
        changed = rewritten != self.rewritten
        self.rewritten = rewritten
        self._written[fluent] = self._written.get(fluent, 0) | active
        return self._assess(fluent, active, value) or changed

    def fire(self, step: int) -> None:
        """Mark a step as fired: it no longer counts among the steps left."""
        self.unfired &= ~(1 << step)

    def land(self, step: int, state: Fluents, now: float) -> None:
        """Mark a step as landed: its call has reached the world (in a belief: is known to have).

        What the step required no longer matters; what later steps take from it becomes an assumption.

        Args:
            step: the step's index in the plan.
            state: the truth, or the belief, after the landing.
            now: the time.
        """
        bit = 1 << step
        plan, values = self._plan, state.values
        first = bool(self.unlanded & bit)
        if first:
            self.unlanded &= ~bit
            self.rewritten &= ~bit
            if step in plan.contradicted:
                self._tally.remove(plan.contradicted[step])
            self._own_active()
            held, broken = self._active, self._violated
            for fluent in plan.requires[step]:
                active = held.get(fluent, 0)
                if active & bit:
                    held[fluent] = active = active & ~bit
                    if broken.get(fluent, 0) & bit:
                        self._assess(fluent, active, values[fluent])
        held, writes = self._active, plan.steps[step].writes
        if step in plan.links:
            for fluent, mask in plan.links[step].items():
                mask &= self.unlanded
                held[fluent] = held.get(fluent, 0) | mask
                if values[fluent] != writes[fluent]:
                    self.rewritten |= mask
                    self._written[fluent] = self._written.get(fluent, 0) | mask
        for fluent in writes:
            if first:
                self._settled[fluent] = now, state.versions[fluent]
            active = held.get(fluent, 0)
            if active or fluent in self._violated:
                self._assess(fluent, active, values[fluent])
        self._spread()

    def retry(self, step: int, state: Fluents, basis: Mapping[str, int]) -> None:
        """Take a landed step back into the plan, to be fired again: its requirements count again.

        Args:
            step: the step's index in the plan.
            state: the truth, or the belief.
            basis: the version of each fluent at the basis.
        """
        bit = 1 << step
        self.unfired |= bit
        if self.unlanded & bit:
            return
        plan, values = self._plan, state.values
        self.unlanded |= bit
        self._own_active()
        if step in plan.contradicted:
            self._tally.add(plan.contradicted[step])
        for fluent, source in plan.sources[step].items():
            if source is None or not self.unlanded >> source & 1:
                active = self._active[fluent] = self._active.get(fluent, 0) | bit
                settled = self._settled.get(fluent)
                if state.versions[fluent] != (basis.get(fluent, 0) if settled is None else settled[1]):
                    self._written[fluent] = self._written.get(fluent, 0) | bit
                self._assess(fluent, active, values[fluent])
        for fluent, mask in plan.links.get(step, {}).items():
            active = self._active[fluent] = self._active.get(fluent, 0) & ~mask
            if fluent in self._written:
                self._written[fluent] &= ~mask
            self._assess(fluent, active, values[fluent])
        self.rewritten = 0
        for written in self._written.values():
            self.rewritten |= written
        self.rewritten &= self.unlanded
        self._spread()

    def written_before(self, fluents: Iterable[str]) -> None:
        """On the plan's arrival, take note that these fluents have been written since the basis."""
        assumed = self._plan.assumed
        for fluent in fluents:
            active = self._active.get(fluent, 0) & assumed.get(fluent, 0)
            if active:
                self.rewritten |= active
                self._written[fluent] = active

    def rebase(self) -> None:
        """Start from a newer basis for the same steps at the same progress: nothing is rewritten any more."""
        self.rewritten = 0
        self._written = {}

    def violated(self, node: int) -> list[str]:
        """Return the fluents whose value violates an assumption of this node."""
        bit = 1 << node
        return [f for f in self._plan.requires[node] if self._violated.get(f, 0) & bit]

    def since(self, fluent: str, wanted: Value, state: Truth) -> float:
        """Return the time since which a violated assumption has been violated.

        That is when the fluent stopped holding the value; but not before the value became an assumption
        about the world, which happens when the step that should have written it lands.
        """
        return max(state.left.get((fluent, wanted), 0.0), self._settled.get(fluent, (0.0, 0))[0])

    def settled(self, fluent: str) -> int:
        """Return the version that the fluent has once this plan's last write to it has landed."""
        return self._settled[fluent][1]

    def breaks(self, fluent: str, carried: bool = True) -> bool:
        """Return whether the fluent's value violates an assumption of an unfired step or of the goals.

        Args:
            fluent: the fluent.
            carried: whether a step counts that only writes the fluent back as it was read.
        """
        mask = self._violated.get(fluent, 0) & self.left
        if carried or not mask:
            return bool(mask)
        steps = self._plan.steps
        return any(
            mask >> place & 1 and not (place < len(steps) and steps[place].carries(fluent))
            for place in range(len(steps) + 1)
        )

    def written(self, fluent: str, node: int) -> bool:
        """Return whether the fluent is an assumption of this node and has made it `rewritten`."""
        return bool(self._written.get(fluent, 0) >> node & 1)

    @property
    def version_stale(self) -> int:
        """Return the nodes stale by version: `rewritten`, and every step that causal links lead to."""
        mask = self.rewritten
        todo = mask & self._plan.linked & self.unlanded
        while todo:
            low = todo & -todo
            reached = self._plan.closure[low.bit_length() - 1]
            mask |= reached
            todo &= ~reached
        return mask & self.unlanded

    def _own_active(self) -> None:
        if self._active is self._plan.assumed:
            self._active = dict(self._active)

    def _assess(self, fluent: str, active: int, value: Value) -> bool:
        need = self._plan.needs.get(fluent)
        violated = active & ~need.get(value, 0) if need else 0
        before = self._violated.get(fluent, 0)
        if violated == before:
            return False
        self._violated[fluent] = violated
        fresh = before & ~violated
        if fresh:
            self._tally.remove(fresh)
        broken = violated & ~before
        if broken:
            self._tally.add(broken)
        self._spread()
        return True

    def _spread(self) -> None:
        direct = self._tally.any & self.unlanded
        before = self.direct
        self.direct = direct
        linked = self._plan.linked
        if not linked:
            self.stale = direct
            return
        # Only steps whose direct staleness has changed update the counters of their closures.
        closure = self._plan.closure
        gone = before & ~direct & linked
        while gone:
            low = gone & -gone
            self._closures.remove(closure[low.bit_length() - 1])
            gone ^= low
        come = direct & ~before & linked
        while come:
            low = come & -come
            self._closures.add(closure[low.bit_length() - 1])
            come ^= low
        self.stale = (direct | self._closures.any) & self.unlanded
