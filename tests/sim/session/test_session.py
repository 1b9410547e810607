"""A real agent in the moving world: it meets what the engine's policies meet, and is measured as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.playback.playback import Playback
from plandrift.policies import gated, look_first, plan_once, read_back, replan_each
from plandrift.sim import (
    Call,
    Episode,
    Event,
    PlandriftError,
    Policy,
    Session,
    SettingError,
    Streams,
    World,
    read_turns,
    run,
    write_turns,
)
from plandrift.sim.trace.events import Exogenous, Retried
from plandrift.worlds import WORLDS as BUILT_IN
from plandrift.worlds import Files, Recorded, Records, Routes, Telegraph, Tickets, Tileworld
from tests.sim.session import clients

HORIZON = 50.0
THINKS = 0.5
PACE = f"fixed:{THINKS},do=0,wait=0,done=0"
"""What the engine's agents pay: for each plan, and for nothing else."""

LOG = "time,fluent,value,who\n" + "".join(
    f"{60 * i},part-{i % 5},{i},{'ana' if i % 3 else 'bo'}\n" for i in range(120)
)
WORLDS: dict[str, World] = {
    "telegraph": Telegraph(volatility=0.1),
    "records": Records(volatility=0.05),
    "tickets": Tickets(volatility=0.05),
    "tileworld": Tileworld(volatility=10.0),
    "files": Files(volatility=0.05),
    "routes": Routes(volatility=0.05),
}
if "pddl" in BUILT_IN:
    WORLDS["pddl"] = BUILT_IN["pddl"](volatility=0.03, number=1)  # type: ignore[call-arg]
Client = Callable[[Session, clients.Plan], None]
CONTENDERS: dict[str, tuple[Policy, Client, bool]] = {
    "plan-once": (plan_once(), clients.plan_once, False),
    "replan-each": (replan_each(), clients.replan_each, True),
    "gated": (gated(), clients.heeding, True),
    "look-first": (look_first(), clients.heeding, True),
}
"""Each policy with the client that does the same, and whether the policy stands around it as a guard."""


LONG = {(name, contender) for name in ("routes", "pddl") for contender in CONTENDERS} | {
    ("tileworld", "look-first"),
    ("tileworld", "gated"),
}
"""Those that take longest."""


def rows(trace: tuple[Event, ...]) -> list[dict[str, Any]]:
    return [event.row() for event in trace]


def played(world: World, contender: str, seed: int, **settings: Any) -> tuple[Episode, Session]:
    """The engine's policy and a client of one's own on one seed."""
    policy, client, guarded = CONTENDERS[contender]
    plan = clients.planner_of(world, seed, HORIZON)
    episode = run(
        world,
        policy,
        seed=seed,
        horizon=HORIZON,
        trace=True,
        thinking_time=THINKS,
        planner=lambda belief, _: plan(belief),
        **settings,
    )
    guard = policy if guarded else None
    session = Session(world, guard, seed=seed, horizon=HORIZON, name=policy.name, pace=PACE, **settings)
    client(session, plan)
    return episode, session


@pytest.mark.parametrize(
    ("name", "contender"),
    [
        pytest.param(name, contender, marks=[pytest.mark.slow] if (name, contender) in LONG else [])
        for name in WORLDS
        for contender in CONTENDERS
    ],
)
def test_a_client_is_the_engines_policy_event_for_event(name: str, contender: str) -> None:
    episode, session = played(WORLDS[name], contender, seed=3, latency=1.0)
    assert rows(session.trace) == rows(episode.trace)
    assert list(session.steps) == list(episode.steps)
    assert str(session.metrics) == str(episode.metrics)
    assert len(session.steps) >= 3


@pytest.mark.parametrize("contender", ["plan-once", "replan-each"])
def test_so_it_is_in_a_history_that_happened(contender: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    world = Recorded(log=str(tmp_path / "log.csv"), volatility=120.0, least=1)
    episode, session = played(world, contender, seed=2, latency=0.5)
    assert rows(session.trace) == rows(episode.trace)
    assert session.steps


@pytest.mark.parametrize(
    "settings",
    [
        {"lost_ack": 0.2, "slip": 0.2, "silent_success": 0.1, "latency": 1.0},
        {"sampling": "poll", "poll_every": 1.3, "latency": 0.7, "action_latency": 0.4, "read_latency": 0.6},
        {"sampling": "on-action", "latency": 0.3, "loss": 0.2, "prepare_time": 0.3},
    ],
    ids=["faults", "poll", "on-action"],
)
@pytest.mark.parametrize("contender", CONTENDERS)
def test_so_it_is_on_any_channel_and_with_any_fault(contender: str, settings: dict[str, Any]) -> None:
    episode, session = played(Records(volatility=0.05), contender, seed=1, **settings)
    assert rows(session.trace) == rows(episode.trace)


def test_what_a_call_costs_is_the_engines_time_to_prepare() -> None:
    world, plan = Records(volatility=0.05), clients.planner_of(Records(volatility=0.05), 4, HORIZON)
    episode = run(world, plan_once(), seed=4, horizon=HORIZON, thinking_time=0.5, prepare_time=0.5)
    session = Session(world, seed=4, horizon=HORIZON, pace="fixed:0.5,done=0")
    clients.plan_once(session, plan)
    # Only the agent that thinks before a call cannot hear meanwhile that it is done.
    assert list(session.steps)[: len(episode.steps)] == list(episode.steps)
    assert len(session.steps) - len(episode.steps) <= 1


def test_everybody_meets_the_same_events() -> None:
    def events(session: Session) -> list[dict[str, Any]]:
        return [e.row() for e in session.trace if isinstance(e, Exogenous)]

    one, other = (Session(Records(volatility=0.1), seed=5, horizon=40.0) for _ in range(2))
    one.wait(40.0)
    while not other.over:
        other.look("record-1.*")
        other.wait(0.7)
    assert events(one) == events(other) != []


@pytest.mark.parametrize("contender", CONTENDERS)
def test_a_record_repeats_the_session(contender: str, tmp_path: Path) -> None:
    _, session = played(WORLDS["tickets"], contender, seed=2, latency=1.0)
    path = tmp_path / "record.jsonl"
    write_turns(session.record, path, {"seed": 2})
    made, turns = read_turns(path)
    guard = CONTENDERS[contender][0] if CONTENDERS[contender][2] else None
    name = CONTENDERS[contender][0].name
    again = Session(
        WORLDS["tickets"], guard, seed=made["seed"], horizon=HORIZON, name=name, pace="fixed:9", latency=1.0
    )
    assert rows(again.repeat(turns).trace) == rows(session.trace)


def improvised(guard: Policy | None = None, reads: bool = False, seed: int = 7) -> Session:
    """An agent that never declares a plan: it updates records as it read them, at first or just now."""
    channel: dict[str, Any] = {"sampling": "poll", "poll_every": 1000.0}
    session = Session(Records(volatility=0.1), guard, seed=seed, pace="fixed:0.5,look=0", **channel)
    seen = session.look("*")
    for number in range(10):
        if reads:
            seen |= session.look(f"record-{number}.*")
        about = {kind: seen[f"record-{number}.{kind}"].value for kind in ("endpoint", "schema", "owner")}
        session.do("update_record", record=number, **about)
    session.done()
    return session


def test_a_call_without_a_plan_rests_on_what_was_known_when_it_was_thought_of() -> None:
    session = improvised()
    assert {step.plan_age for step in session.steps} == {0.5}
    assert any(step.misfire for step in session.steps)
    assert all(step.failure is not None for step in session.steps if step.misfire)
    assert session.metrics.replans == len(session.steps) - 1


def misfires(**how: Any) -> int:
    return sum(improvised(seed=seed, **how).metrics.misfires for seed in range(5))


def test_who_reads_before_each_call_misfires_less_than_who_read_once() -> None:
    def ours(policy: Policy) -> int:
        episodes = [run(Records(volatility=0.1), policy, seed=s, prepare_time=0.5) for s in range(5)]
        return sum(episode.metrics.misfires for episode in episodes)

    assert misfires(reads=True) < misfires() / 2
    assert ours(look_first()) < ours(plan_once()) / 2


def test_a_guard_says_of_a_real_agent_what_it_says_of_ours() -> None:
    assert misfires(guard=read_back()) < misfires() / 2
    assert improvised(read_back()).metrics.blocks > 0


def test_playback_reads_the_trace_of_a_session_without_a_plan() -> None:
    session = improvised(gated())
    playback = Playback(session.trace).to_the_end()
    assert str(playback.metrics()) == str(session.metrics)
    assert playback.records == list(session.steps)


def test_a_call_that_the_plan_does_not_name_is_a_mismatch() -> None:
    plan = clients.planner_of(Records(), 7, 200.0)
    session = Session(Records(volatility=0.0), seed=7)
    calls = list(plan(clients.believed(session)) or ())
    session.submit_plan(calls)
    session.do(calls[0].but(endpoint="staging" if calls[0].arg("endpoint") != "staging" else "production-1"))
    session.do(calls[2])
    session.do(calls[1])
    step = session.steps[0]
    assert step.mismatch
    assert step.failure is not None
    assert "FM-2.6" in step.failure.mast
    assert [one.step for one in session.steps] == [0, 2, 1]
    blocked = Session(Records(volatility=0.0), gated(), seed=7)
    blocked.submit_plan(calls)
    answer = blocked.do(calls[0].but(owner=_other_owner(calls[0])))
    assert answer.reported == "blocked"
    assert str(calls[0]) in answer.reason
    assert answer.advice


def _other_owner(call: Call) -> str:
    return "bo" if call.arg("owner") != "bo" else "ana"


def test_a_step_that_is_done_again_is_a_repeat() -> None:
    session = Session(Telegraph(volatility=0.0, steps=2), seed=1)
    calls = list(clients.planner_of(session.world, 1, 200.0)(clients.believed(session)) or ())
    session.submit_plan(calls)
    session.do(calls[0])
    session.do(calls[0])
    assert [step.outcome for step in session.steps] == ["effective", "repeat"]
    assert [event.step for event in session.trace if isinstance(event, Retried)] == [0]
    assert session.plan_left == (calls[1],)


def test_pace_by_the_clock_and_by_tokens() -> None:
    clock = iter([0.0, 3.0, 3.0, 5.0, 5.0])
    session = Session(Telegraph(volatility=0.0), seed=1, pace="wall:2", watch=lambda: next(clock))
    session.wait(1.0)
    assert session.time == 7.0
    tokens = Session(Telegraph(volatility=0.0), seed=1, pace="tokens:0.01")
    tokens.spent(250)
    tokens.wait(0)
    tokens.wait(0)
    assert tokens.time == 2.5


def test_a_live_world_does_not_wait() -> None:
    now = [0.0]
    session = Session(Telegraph(volatility=0.0), seed=1, pace="live:2", watch=lambda: now[0])
    now[0] = 3.0
    session.wait(1.0)
    assert session.time == 7.0
    assert session.ahead == 0.5
    session.wait(0.0)
    assert session.time == 7.0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"pace": "fast"}, "pace = fast: give fixed:TIME"),
        ({"pace": "fixed:-1"}, "finite number of at least 0"),
        ({"pace": "fixed:1,plan=2"}, "pace = fixed:1,plan=2"),
        ({"pace": "wall:1"}, "watch=time.monotonic"),
        ({"thinking_time": 1.0}, "the pace sets its cost"),
        ({"seed": -1}, "seed = -1"),
    ],
)
def test_what_no_session_can_be_made_of_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        Session(Telegraph(), **given)


def test_a_call_that_carries_what_it_rests_on_is_refused_where_the_world_has_moved() -> None:
    """Without, the same calls misfire; with it none does, nothing is done, and the turns repeat."""
    world, misfires, refused = Telegraph(volatility=0.3, requires=2, steps=8), 0, 0
    for seed in range(15):
        scene, sessions = world.begin(Streams(seed), HORIZON), []
        for carries in (False, True):
            session = Session(world, seed=seed, latency=2.0, horizon=HORIZON)
            for call in scene.plan(scene.first) or ():
                before = session.time
                answer = session.do(call, if_match=scene.requires(call) if carries else None)
                if answer.reported == "refused":
                    # It says what did not hold, not what holds; and nobody reads afresh for the agent.
                    assert answer.reason
                    wanted = {f"{f} is not {held!r}" for f, held in scene.requires(call).items()}
                    assert set(answer.reason.split("; ")) <= wanted
                    assert (session.time, answer.advice) == (before + 1, "")
            session.done()
            sessions.append(session)
        free, matched = sessions
        misfires += free.metrics.misfires
        refused += matched.metrics.refused
        assert matched.metrics.misfires == 0
        assert all(step.declared and step.verdict == "if-match" for step in matched.steps)
        again = Session(world, seed=seed, latency=2.0, horizon=HORIZON).repeat(matched.record)
        assert rows(again.trace) == rows(matched.trace)
    assert misfires > 15
    assert refused > 15


def test_a_rejected_call_says_which_requirement_did_not_hold_and_not_what_does() -> None:
    session = Session(Tickets(volatility=0.0), seed=7)
    holder = session.known()["ticket-3.assignee"].value
    other = "ana" if holder != "ana" else "bo"
    answer = session.do("assign", ticket=3, holder=other)
    assert (answer.reported, answer.reason) == ("error", f"ticket-3.assignee is not {other!r}")
    assert str(holder) not in answer.reason
    assert session.do("assign", ticket=3, holder=holder).reason == ""


def test_mistakes_of_an_agent_are_told_in_a_line_and_change_nothing() -> None:
    session = Session(Records(), seed=1)
    mistakes: list[tuple[str, dict[str, Any]]] = [("fly", {}), ("update_record", {"record": 99})]
    for action, args in mistakes:
        with pytest.raises(SettingError):
            session.do(action, **args)
    with pytest.raises(SettingError, match="no fluent matches"):
        session.look("ticket-*")
    update = next(iter(clients.planner_of(Records(), 1, HORIZON)(clients.believed(session)) or ()))
    with pytest.raises(SettingError, match="if_match = 'record-99'"):
        session.do(update, if_match={"record-99": 1})
    assert session.record == ()
    assert session.time == 0.0
    session.done()
    with pytest.raises(PlandriftError, match="has ended"):
        session.look("*")


def test_leaving_is_no_completion() -> None:
    with pytest.raises(ZeroDivisionError), Session(Records(), seed=1) as session:
        _ = 1 / 0
    assert session.episode.end == "gave-up"
    assert "ZeroDivisionError" in session.episode.reason
    with Session(Records(), seed=1) as other:
        pass
    assert other.metrics.false_completion == 1
