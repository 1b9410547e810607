"""At a plan's arrival: which of its steps the agent has done, or is doing, while the plan was made."""

from __future__ import annotations

from collections.abc import Sequence

from plandrift.sim.terms.calls import Step
from plandrift.sim.terms.plan import Plan


def match_done_steps(
    plan: Plan, done: Sequence[Step], under_way: Step | None
) -> tuple[tuple[int, ...], int | None]:
    """The steps of a plan that are not to be fired again.

    A step is the same work as one of an earlier plan if it makes the same call, or the same action is to
    write the same and rests on the same fluents (an argument may differ where the later plan knew
    better); and if it could be the next one: a step that a causal link leads to from a step yet to be
    done is done after that, and is another visit.

    Args:
        plan: the plan that arrives.
        done: the steps that were answered with ok since its basis was taken, in order.
        under_way: the step whose call is sent and not yet answered.

    Returns:
        The places of the steps that are done, and of the one that is under way.
    """
    found: list[int] = []
    for step in done:
        place = _same(plan, step, found)
        if place is not None:
            found.append(place)
    flying = None if under_way is None else _same(plan, under_way, found)
    return tuple(found), flying


def _same(plan: Plan, step: Step, done: Sequence[int]) -> int | None:
    """The first step of the plan that is the same work, if it waits for no other step."""
    sources = plan.dependencies.sources
    for place, other in enumerate(plan.steps):
        if place not in done and _same_work(other, step):
            ready = all(source is None or source in done for source in sources[place].values())
            return place if ready else None
    return None


def _same_work(one: Step, other: Step) -> bool:
    # One call is one step of a scene, however often it is planned.
    return one is other or (
        one.call.action == other.call.action
        and bool(one.writes)
        and one.writes == other.writes
        and one.requires.keys() == other.requires.keys()
    )
