"""Finding the steps of a new plan that the agent did, or began, while the plan was being made."""

from __future__ import annotations

from collections.abc import Sequence

from plandrift.sim.terms.calls import Step
from plandrift.sim.terms.plan import Plan


def match_done_steps(
    plan: Plan, done: Sequence[Step], under_way: Step | None
) -> tuple[tuple[int, ...], int | None]:
    """Return the steps of a plan that must not be fired again.

    A step is the same work as a step of an earlier plan if it makes the same call, or if it is the same
    action with the same writes and requires the same fluents (an argument may differ because the later plan
    knew better). It must also be possible as the next step: if a causal link leads to it from a step that
    has yet to be done, it comes after that step and is a separate piece of work.

    Args:
        plan: the plan that has arrived.
        done: the steps that were acknowledged with ok since its basis was taken, in order.
        under_way: the step whose call has been sent but not yet answered.

    Returns:
        The indexes of the steps that are done, and the index of the one that is in flight.
    """
    found: list[int] = []
    for step in done:
        place = _same(plan, step, found)
        if place is not None:
            found.append(place)
    flying = None if under_way is None else _same(plan, under_way, found)
    return tuple(found), flying


def _same(plan: Plan, step: Step, done: Sequence[int]) -> int | None:
    """Return the index of the first step of the plan that is the same work and waits for no other step."""
    sources = plan.dependencies.sources
    for place, other in enumerate(plan.steps):
        if place not in done and _same_work(other, step):
            ready = all(source is None or source in done for source in sources[place].values())
            return place if ready else None
    return None


def _same_work(one: Step, other: Step) -> bool:
    # A call always has the same step object in a scene, however often it is planned.
    return one is other or (
        one.call.action == other.call.action
        and bool(one.writes)
        and one.writes == other.writes
        and one.requires.keys() == other.requires.keys()
    )
