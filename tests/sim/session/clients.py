"""Clients that do by themselves what the engine's policies do, through the session's verbs alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from plandrift.sim import Answer, Call, Session, Streams, Value, World

Plan = Callable[[Mapping[str, Value]], Sequence[Call] | None]


def planner_of(world: World, seed: int, horizon: float) -> Plan:
    """What plans for a belief as the world would."""
    return world.begin(Streams(seed), horizon).plan


def believed(session: Session) -> dict[str, Value]:
    return {fluent: held.value for fluent, held in session.known().items()}


def plan_once(session: Session, plan: Plan) -> None:
    """Plan, carry the plan out, and be done; a call that is not answered is made again."""
    session.submit_plan(plan(believed(session)))
    while not session.over:
        if session.goals_met:
            session.done()
        elif session.plan_left:
            session.do(session.plan_left[0])
        elif session.goals:
            session.done()
        else:
            session.wait(session.horizon)


def replan_each(session: Session, plan: Plan) -> None:
    """Plan anew whenever anything is heard, whether a call is under way or not, and after an error."""
    _heedful(session, plan, lambda answer: bool(answer.news) or bool(answer.advice))


def heeding(session: Session, plan: Plan) -> None:
    """Plan anew when the guard wants it."""
    _heedful(session, plan, lambda answer: bool(answer.advice))


def _heedful(session: Session, plan: Plan, wanted: Callable[[Answer], bool]) -> None:
    replan = True
    while not session.over:
        if replan and not session.thinking:
            session.send_plan(plan(believed(session)))
            replan = False
        if session.goals_met and not session.busy:
            session.done()
            return
        if session.plan_left and not (session.thinking or session.busy):
            session.send(session.plan_left[0])
        if session.thinking or session.busy or not session.plan_left:
            replan = wanted(session.wait()) or replan
        else:
            # What was made came to its end at once: a plan, or a call that the guard did not let through.
            replan = wanted(session.wait(0)) or replan
