"""Tickets: what each call does to a ticket that others have worked meanwhile."""

from __future__ import annotations

import pytest

from plandrift.sim import Call, Description, Streams, Value
from plandrift.worlds import Tickets
from plandrift.worlds.tickets import Queue


@pytest.fixture
def queue() -> Queue:
    return Queue(Tickets(tickets=3, others=2), Streams(5))


MINE = {"ticket-1.assignee": "agent"}
FIXED = MINE | {"ticket-1.fix": 1}
ANSWERED = FIXED | {"ticket-1.reply": 1}
FIX, REPLY, CLOSE = (Call.of(action, ticket=1, description=1) for action in ("fix", "reply", "close"))


@pytest.mark.parametrize(
    ("call", "state", "outcome"),
    [
        (FIX, MINE, "effective"),
        (FIX, {}, "rejected"),
        (FIX, MINE | {"ticket-1.description": 2}, "void"),
        (FIX, MINE | {"ticket-1.description": 2, "ticket-1.status": "closed"}, "rejected"),
        (REPLY, FIXED, "effective"),
        (REPLY, FIXED | {"ticket-1.status": "closed"}, "harmful"),
        (REPLY, FIXED | {"ticket-1.status": "merged into ticket 2"}, "harmful"),
        (REPLY, ANSWERED | {"ticket-1.status": "closed"}, "harmful"),
        (REPLY, MINE, "harmful"),
        (REPLY, FIXED | {"ticket-1.description": 2}, "void"),
        (REPLY, FIXED | {"ticket-1.assignee": "bo"}, "rejected"),
        (REPLY, ANSWERED, "repeat"),
        (CLOSE, ANSWERED, "effective"),
        (CLOSE, FIXED, "rejected"),
        (CLOSE, ANSWERED | {"ticket-1.status": "closed"}, "repeat"),
        (CLOSE, ANSWERED | {"ticket-1.status": "merged into ticket 2"}, "rejected"),
    ],
)
def test_what_a_call_does(queue: Queue, call: Call, state: dict[str, Value], outcome: str) -> None:
    answer = queue.answer(call, {**queue.first, **state})
    assert answer.outcome == outcome
    assert bool(answer.writes) == (outcome == "effective")


def test_a_duplicate_is_closed_as_one(queue: Queue) -> None:
    merged = {**queue.first, "ticket-1.status": "merged into ticket 3"}
    first = queue.plan(merged)[0]
    assert first == Call.of("close_duplicate", ticket=1, status="merged into ticket 3")
    assert queue.answer(first, merged).writes == {"ticket-1.status": "closed"}
    assert queue.answer(first, queue.first).outcome == "rejected"


def test_a_reopened_ticket_whose_reply_still_stands_is_only_closed(queue: Queue) -> None:
    left = queue.plan({**queue.first, **ANSWERED, **{f"ticket-{i}.status": "closed" for i in (2, 3)}})
    assert left == [CLOSE]


def test_only_a_ticket_that_is_not_open_is_opened_again(queue: Queue) -> None:
    for mark in (0.0, 0.2, 0.5, 0.99):
        for status in ("closed", "merged into ticket 2"):
            values = {**queue.first, "ticket-1.status": status}
            assert queue.happen(("ticket-1.status", mark), values) == {"ticket-1.status": "open"}
        after = queue.happen(("ticket-1.status", mark), queue.first)["ticket-1.status"]
        assert after == "closed" if mark >= 0.25 else after.startswith("merged into ticket ")


def test_nobody_merges_a_ticket_into_itself_or_into_one_that_was_never_opened(queue: Queue) -> None:
    targets = {
        queue.happen(("ticket-1.status", mark / 400), queue.first)["ticket-1.status"] for mark in range(100)
    }
    assert queue.first["ticket-4.status"] is None
    assert targets == {f"merged into ticket {i}" for i in (2, 3, 5)}


def test_a_takeover_is_always_by_somebody_else(queue: Queue) -> None:
    for holder in (None, "agent", "ana", "dita"):
        values = {**queue.first, "ticket-1.assignee": holder}
        for mark in (0.0, 0.4, 0.999):
            taker = queue.happen(("ticket-1.assignee", mark), values)["ticket-1.assignee"]
            assert taker not in (holder, None, "agent")


def test_the_tickets_beside_the_batch_are_opened_and_are_nobodys_goal(queue: Queue) -> None:
    assert "ticket-4.status" not in queue.goals
    assert queue.happen(("ticket-4.status", 0.1), queue.first) == {"ticket-4.status": "open"}
    assert Description.of(queue).change("ticket-4.status", None, "open") == "a customer opened ticket 4"


def test_events_are_told_as_a_person_would_tell_them(queue: Queue) -> None:
    words = Description.of(queue)
    assert words.change("ticket-1.status", "open", "closed") == "the customer closed ticket 1"
    assert words.change("ticket-1.status", "closed", "open") == "the customer reopened ticket 1"
    merged = "merged into ticket 2"
    assert words.change("ticket-1.status", "open", merged) == "a colleague merged ticket 1 into ticket 2"
    assert words.change("ticket-1.status", merged, "open") == "a colleague split ticket 1 off again"
    assert words.change("ticket-1.assignee", "agent", "bo") == "bo took over ticket 1 from the agent"
    assert words.call(REPLY) == "replies to ticket 1 (description 1)"
