"""The replay of a crew: what it plays is what the engine measured, and the page shows it in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.pages.replay import replay_data
from plandrift.experiments.playback.episode_from_trace import episode_from_trace
from plandrift.experiments.playback.playback import Playback
from plandrift.policies import gated, plan_once
from plandrift.sim import Episode, read_lines, run
from plandrift.worlds import Ledger
from tests.browser import PHONE, visit
from tests.command import plandrift, refused

COORDINATIONS = ("none", "step-lock", "plan-lock", "merge-queue", "serial")


def crew(coordination: str, guarded: bool = True) -> Episode:
    world = Ledger(tasks=8, shared=10, volatility=0.02)
    policy = gated() if guarded else plan_once()
    return run(world, policy, agents=3, coordination=coordination, seed=7, trace=True, horizon=120.0)


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("coordination", COORDINATIONS)
def test_what_is_played_is_what_was_measured(coordination: str, guarded: bool) -> None:
    played = crew(coordination, guarded)
    data, m = replay_data(played), played.metrics
    world: list[Any] = list(data["first"])
    held: dict[Any, dict[int, int]] = {}
    sums: list[float] = []
    strikes = 0
    for event in data["events"]:
        for place, value in event.get("w", ()):
            world[place] = value
        sums = event.get("sum", sums)
        strikes += len(event.get("lost", ()))
        if "lock" in event:
            what, lock, exclusive = event["lock"]
            holders = held.setdefault(lock, {})
            if what == "holds":
                holders[event["a"]] = exclusive
            elif what == "frees":
                del holders[event["a"]]
            assert len(holders) <= 1 or not any(holders.values())
    assert world == list(Playback(played.trace).to_the_end().world.values())
    misfires = m.misfires, m.misfires_by_fellow
    assert sums == [m.right_tasks, m.steps_fired, *misfires, m.lost_values, m.lock_waits, m.aborts]
    assert strikes == len(data["crew"]["lost"]) == m.lost_values
    assert sum(call[4] is not None for call in data["calls"]) == m.steps_fired
    waited = sum(end - start for _, kind, start, end, _ in data["crew"]["spans"] if kind == "wait")
    assert waited == pytest.approx(m.lock_time, abs=0.01)
    failures = sum(kind == "failed" for _, kind, *_ in data["moments"])
    assert failures == m.misfires
    thrown = sum(step is None for _, _, step, *_ in data["moments"])
    assert thrown == m.aborts


def test_a_crew_of_one_has_the_page_of_one_agent(tmp_path: Path) -> None:
    words = ("replay", "ledger", "--policy", "gated", "--seed", 3, "--set", "world.tasks=3")
    plandrift(*words, "--out", "alone.html", cwd=tmp_path)
    plandrift(*words, "--agents", 1, "--out", "one.html", cwd=tmp_path)
    assert (tmp_path / "alone.html").read_bytes() == (tmp_path / "one.html").read_bytes()


@pytest.fixture(scope="module")
def lost_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crew")
    words = ("ledger", "--agents", 3, "--coordination", "step-lock")
    plandrift("run", *words, "--trace", "crew.jsonl", cwd=folder)
    plandrift("replay", *words, "--out", "crew.html", cwd=folder)
    return folder / "crew.html"


def test_a_stored_trace_is_played_alike(lost_page: Path) -> None:
    stored = replay_data(episode_from_trace(read_lines(lost_page.parent / "crew.jsonl")))
    again = replay_data(run(Ledger(), plan_once(), agents=3, coordination="step-lock", trace=True))
    assert stored["crew"] == again["crew"]
    assert [event.get("w") for event in stored["events"]] == [event.get("w") for event in again["events"]]


def test_lanes_locks_and_a_lost_update(lost_page: Path) -> None:
    with visit(lost_page) as seen:
        page = seen.page
        page.wait_for_selector("[data-ready='1']")
        assert page.locator(".hand").count() == page.locator(".times .line").count() == 3
        page.keyboard.press("n")
        told = page.locator(".told").inner_text()
        assert told.endswith("What agent 1 wrote in entry-95 is lost.")
        # On the board the old value is struck through, beside what the call needed and who has the lock.
        cell = page.locator(".fluent.focus")
        assert cell.locator(".name").inner_text() == "entry-95"
        assert (cell.locator("s").inner_text(), cell.locator(".value").inner_text()) == ("33", "52")
        assert cell.locator(".of.thinks").inner_text() == "2"
        assert "agent 2 holds it alone" in cell.locator(".tag.held").inner_text()
        # In the lanes the fellow's step is struck, and the step that did it is marked; below, both calls.
        victim, doer = page.locator(".hand").nth(1), page.locator(".hand").nth(2)
        assert "lost to agent 2" in victim.locator(".step.struck").inner_text()
        assert doer.locator(".step.focus mark").inner_text() == "entry-95 2"
        assert page.locator(".mark.struck:visible").count() == 1
        assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        # Somebody waits for a lock later on.
        page.get_by_label("time of the episode").fill("7.5")
        assert page.locator(".tag.waits").count() == 2  # one of them explains the others
        # Many things happen at one time: each is a step of its own.
        page.keyboard.press("Home")
        seen_words = set()
        for _ in range(4):
            page.get_by_role("button", name="one event forward").click()
            assert "time 0.00" in page.locator(".clock").inner_text()
            seen_words.add(page.locator(".told").inner_text())
        assert len(seen_words) == 4


@pytest.mark.long
def test_a_queue_at_the_merge_is_accessible(tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe  # what `test` does not install

    more = ("--set", "world.shared=20", "--set", "crew.merge_time=0.5", "--set", "world.tasks=6")
    words = ("ledger", "--agents", 3, "--coordination", "merge-queue", "--policy", "gated", *more)
    plandrift("replay", *words, "--out", "merge.html", cwd=tmp_path)
    with visit(tmp_path / "merge.html") as seen:
        page = seen.page
        page.wait_for_selector("[data-ready='1']")
        page.get_by_label("time of the episode").fill("4.2")
        queue = page.locator(".queue")
        assert queue.locator("b").inner_text() == "a place at the merge"
        assert (queue.locator(".tag.held").count(), queue.locator(".tag.waits").count()) == (1, 2)
        # Nothing has been merged yet: what the agents have written is their own.
        assert page.locator(".board .tag.own").count() > 0
        page.keyboard.press("n")
        assert "the merge throws away what agent" in page.locator(".told").inner_text()
        assert [found["id"] for found in Axe().run(page).response["violations"]] == []


def test_wrong_input_is_one_line(tmp_path: Path) -> None:
    film = refused("replay", "ledger", "--agents", 3, "--film", "x.gif", cwd=tmp_path)
    assert "a film is for one agent" in film
    assert "room for only one agent" in refused("replay", "tileworld", "--agents", 3, cwd=tmp_path)
