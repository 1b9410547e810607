"""The replay: what it plays is what the engine measured, and the page works in a browser with no network."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.pages.replay import replay_data, replay_page
from plandrift.policies import gated, plan_once, replan_each
from plandrift.sim import Episode, Policy, run
from plandrift.worlds import WORLDS, Records, Tileworld
from tests.browser import LAPTOP, PHONE, Visit, visit
from tests.command import plandrift, refused
from tests.worlds.moving import made, rates

LATE: dict[str, Any] = {"latency": 1.0, "thinking_time": 0.3, "trace": True}


def episode(policy: Policy, seed: int = 7, **mix: Any) -> Episode:
    return run(Records(volatility=0.1), policy, seed=seed, **(LATE | mix))


def area(data: dict[str, Any]) -> float:
    """The mean of the staleness curve over the time in which a plan with steps is held."""
    points = [(e["t"], e["stale"][2]) for e in data["events"] if "stale" in e]
    ends = [*points, (data["duration"], None)]
    held = [(b[0] - a[0], a[1]) for a, b in pairwise(ends) if a[1] is not None]
    return float(sum(span * share for span, share in held) / sum(span for span, _ in held))


@pytest.mark.parametrize("policy", [plan_once(), gated(), replan_each()])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_played_is_what_was_measured(policy: Policy, seed: int) -> None:
    played = episode(policy, seed, slip=0.1, lost_ack=0.1)
    data = replay_data(played)
    assert area(data) == pytest.approx(played.metrics.plan_staleness, abs=2e-3)
    outcomes = [e["outcome"] for e in data["events"] if "outcome" in e]
    assert len(outcomes) == played.metrics.steps_fired
    assert sum(misfire for _, misfire in outcomes) == played.metrics.misfires
    counts = [e["counts"] for e in data["events"] if "counts" in e][-1]
    m = played.metrics
    assert counts == [m.steps_fired, m.misfires, m.replans, m.blocks, m.refused]
    assert data["does"].startswith(
        {"plan-once": "Plan once", "gated": "Replan when"}.get(policy.name, "Replan on")
    )
    times = [e["t"] for e in data["events"]]
    assert times == sorted(times)


@pytest.mark.parametrize("name", WORLDS)
def test_every_world_plays_and_stays_small(name: str) -> None:
    policies = (plan_once(), gated())
    made_world = made(name, rates(name)[1])
    both = [run(made_world, policy, seed=3, horizon=200.0, **LATE) for policy in policies]
    text = replay_page(both, name)
    assert len(text.encode()) < 1_000_000
    data = replay_data(both[0])
    assert any("say" in e for e in data["events"])
    assert any("w" in e for e in data["events"])


def counts(seen: Visit, of: int = 0) -> dict[str, str]:
    items = seen.page.locator(".episode").nth(of).locator("[data-count]").all()
    return {str(item.get_attribute("data-count")): item.locator("b").inner_text() for item in items}


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replay")
    plandrift(
        "replay",
        "records",
        "--policy",
        "plan-once",
        "--against",
        "gated",
        "--seed",
        "7",
        "--latency",
        "1",
        "--volatility",
        "0.1",
        "--out",
        "replay.html",
        cwd=folder,
    )
    return folder / "replay.html"


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_page_plays_in_a_browser(replay: Path, size: tuple[int, int], tmp_path: Path) -> None:
    once, gate = (run(Records(volatility=0.1), p, seed=7, latency=1.0) for p in (plan_once(), gated()))
    with visit(replay, size) as seen:
        page = seen.page
        page.wait_for_selector("[data-ready='1']")
        assert counts(seen)["fired"] == "0"
        # To the end by the keyboard: the figures are the engine's.
        page.keyboard.press("End")
        assert counts(seen)["misfires"] == str(once.metrics.misfires)
        assert counts(seen)["fired"] == str(once.metrics.steps_fired)
        assert counts(seen, 1)["replans"] == str(gate.metrics.replans)
        assert "declares itself done" in page.locator("[data-live]").inner_text()
        page.keyboard.press("Home")
        assert "time 0.00" in page.locator(".clock").inner_text()
        # Event by event, and back; the first is the call at time 0.
        page.get_by_role("button", name="one event forward").click()
        assert "time 0.00" in page.locator(".clock").inner_text()
        assert counts(seen)["fired"] == "1"
        page.get_by_role("button", name="one event forward").click()
        later = page.locator(".clock").inner_text()
        assert later != page.locator(".clock").get_attribute("aria-label")
        page.keyboard.press("ArrowRight")
        assert page.locator(".clock").inner_text() != later
        page.keyboard.press("ArrowLeft")
        assert page.locator(".clock").inner_text() == later
        # Scrubbing shows what the agent does not know.
        slider = page.get_by_label("time of the episode")
        slider.fill(str(round(float(slider.get_attribute("max") or 0) * 0.6, 6)))
        assert page.locator(".belief .value.differs").count() > 0
        assert page.locator(".step.stale, .step.done, .step.failed").count() > 0
        # Playing moves on by itself, and stops.
        page.get_by_label("speed").select_option("5")
        page.get_by_role("button", name="play", exact=True).click()
        before = page.locator(".clock").inner_text()
        page.wait_for_function("t => document.querySelector('.clock').textContent !== t", arg=before)
        page.get_by_role("button", name="pause").click()
        stopped = page.locator(".clock").inner_text()
        page.wait_for_timeout(150)
        assert page.locator(".clock").inner_text() == stopped
        # Nothing hangs over the edge.
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.screenshot(path=tmp_path / "replay.png", full_page=True)


@pytest.fixture(scope="module")
def flagship_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flagship")
    plandrift("replay", "--flagship", "--out", "flagship.html", cwd=folder)
    return folder / "flagship.html"


def test_the_flagship_is_told_on_one_screen(flagship_page: Path) -> None:
    with visit(flagship_page, LAPTOP) as seen:
        page = seen.page
        page.wait_for_selector("[data-ready='1']")
        once, beside = page.locator(".episode").nth(0), page.locator(".episode").nth(1)
        page.keyboard.press("p")
        assert page.get_by_role("status").inner_text() == "No failure before this."
        # While a call is in flight, the belief does not have its effect yet: that is no divergence.
        page.get_by_label("time of the episode").fill("0.5")
        first = [
            once.locator(f".row:has-text('record 0') .{side}").inner_text() for side in ("world", "belief")
        ]
        assert ["current" in first[0], "outdated" in first[1]] == [True, True]
        assert once.locator(".value.differs").count() == 0
        page.keyboard.press("n")
        # What nothing changes is neither in the rows nor in the words.
        assert once.locator(".told").inner_text() == (
            "At 1.69 record 2 was moved from staging to production-2. The news arrives at 2.69. At 2 the "
            "agent updates record 2 at staging, and the world answers ok, but does the wrong thing."
        )
        # The wrong argument itself is marked, the step stays red, and the news is under way between the two.
        assert once.locator(".step.failed mark").inner_text() == "staging"
        assert once.locator(".row.focus .world .value.focus").inner_text() == "production-2"
        assert once.locator(".row.focus .belief .value.focus").inner_text() == "staging"
        assert once.locator(".row.focus .lane rect").count() == 1
        # The guard beside it catches it at the same moment.
        assert "the world refuses it: nothing is done" in beside.locator(".told").inner_text()
        assert beside.locator(".gate.shut").count() == 1
        page.keyboard.press("End")
        assert once.locator(".step.failed").count() == 1
        page.keyboard.press("n")
        assert page.get_by_role("status").inner_text() == "No failure after this."
        # All three columns are there without scrolling, in letters that grow with the screen.
        fits = "document.documentElement.scrollHeight <= window.innerHeight"
        letters = "step => parseFloat(getComputedStyle(step).fontSize)"
        assert page.evaluate(fits)
        small = once.locator(".step").first.evaluate(letters)
        page.set_viewport_size({"width": 1920, "height": 1080})
        assert page.evaluate(fits)
        assert once.locator(".step").first.evaluate(letters) > 1.35 * small > 1.35 * 13
        page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
        # Nothing jumps from moment to moment.
        height = once.locator(".told").bounding_box()
        page.keyboard.press("Home")
        assert once.locator(".told").bounding_box() == height
        # Another guard stands beside it.
        page.get_by_role("button", name="look-first").click()
        page.keyboard.press("n")
        page.keyboard.press("n")
        assert "the gate looks, sees that, and stops the call" in beside.locator(".told").inner_text()
        assert beside.locator(".gate.shut").count() == 1
        # The look has come back before the news: it is the only thing that does not go straight across.
        assert beside.locator(".row.focus .lane ellipse").count() == 1
        assert beside.locator(".row.focus .lane rect").count() == 1


def test_where_nothing_fails_a_jump_says_so(tmp_path: Path) -> None:
    calm = tmp_path / "calm.html"
    calm.write_text(replay_page([run(Records(volatility=0.0), gated(), trace=True)], "records"), "utf-8")
    with visit(calm) as seen:
        seen.page.wait_for_selector("[data-ready='1']")
        seen.page.keyboard.press("n")
        assert seen.page.get_by_role("status").inner_text() == "No call fails here, and none is stopped."


def test_the_row_at_fault_is_in_sight(replay: Path) -> None:
    """Ten records do not fit: the row that the sentence is about is scrolled into view."""
    inside = """([row, rows]) => { const a = row.getBoundingClientRect(), b = rows.getBoundingClientRect();
        return a.top >= b.top - 1 && a.bottom <= b.bottom + 1; }"""
    with visit(replay, LAPTOP) as seen:
        page = seen.page
        page.wait_for_selector("[data-ready='1']")
        rows = page.locator(".rows").nth(0)
        assert rows.evaluate("rows => rows.scrollHeight > rows.clientHeight")
        scrolled = set()
        for _ in range(6):
            page.keyboard.press("n")
            for row in rows.locator(".row.focus").element_handles():
                assert page.evaluate(inside, [row, rows.element_handle()])
                scrolled.add(rows.evaluate("rows => rows.scrollTop > 0"))
        assert scrolled == {False, True}


def test_on_a_phone_world_and_belief_are_seen_disagreeing(flagship_page: Path) -> None:
    with visit(flagship_page, PHONE) as seen:
        page = seen.page
        page.wait_for_selector("[data-ready='1']")
        page.keyboard.press("n")
        once = page.locator(".episode").nth(0)
        for part in (
            ".told",
            ".row.focus .world",
            ".row.focus .lane",
            ".row.focus .belief",
            ".row.focus .plan",
        ):
            box = once.locator(part).bounding_box()
            assert box is not None
            assert 0 <= box["y"] < box["y"] + box["height"] <= PHONE[1]
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.long
def test_accessible_in_the_moment_of_failure(flagship_page: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe  # what `test` does not install

    with visit(flagship_page) as seen:
        seen.page.wait_for_selector("[data-ready='1']")
        seen.page.keyboard.press("n")
        assert [found["id"] for found in Axe().run(seen.page).response["violations"]] == []


def test_own_writes_are_no_divergence() -> None:
    """In a world that nobody else changes, the belief never differs, whatever comes late or never."""
    played = run(Records(volatility=0.0), plan_once(), seed=3, lost_ack=0.5, **LATE)
    data = replay_data(played)
    world, belief, apart = list(data["first"]), list(data["first"]), set()
    own: list[int] = []
    for event in data["events"]:
        for values, key in ((world, "w"), (belief, "b")):
            for place, value in event.get(key, ()):
                values[place] = value
        own = event.get("own", own)
        differs = {i for i, (a, b) in enumerate(zip(world, belief, strict=True)) if a != b}
        apart |= differs
        assert differs <= set(own)
    assert apart


def test_a_world_with_places_is_drawn_as_a_map(tmp_path: Path) -> None:
    """One screen; the agent stands where the world has it; the path is the steps that are left."""
    walk = run(Tileworld(volatility=10.0), plan_once(), seed=7, horizon=60.0, **LATE)
    page_file = tmp_path / "map.html"
    page_file.write_text(replay_page([walk], "tileworld"), encoding="utf-8")
    with visit(page_file, LAPTOP) as seen:
        page = seen.page
        page.wait_for_selector("[data-ready='1']")
        assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
        landed = [s for s in walk.steps if s.time < 10.0][-1]
        page.get_by_label("time of the episode").fill(str(round(landed.time - 0.2, 3)))
        stands = page.locator(".atlas .world circle.agent")
        start = dict(landed.call.args)["start"]
        assert [stands.get_attribute(name) for name in ("cx", "cy")] == [str(i) for i in start]
        left = page.locator(".steps .step:not(.done):not(.failed)").count()
        assert page.locator(".atlas .path line").count() == left > 0
        page.keyboard.press("n")
        assert page.locator(".atlas .here").count() == 2


def test_it_holds_on_a_failure_and_goes_on(flagship_page: Path) -> None:
    with visit(flagship_page, LAPTOP) as seen:
        page = seen.page
        page.wait_for_selector("[data-ready='1']")
        page.get_by_label("speed").select_option("5")
        page.get_by_role("button", name="play", exact=True).click()
        page.wait_for_selector(".episode.held")
        assert "time 2.00" in page.locator(".clock").inner_text()
        page.wait_for_selector(".episode:not(.held)")
        page.wait_for_selector("button[aria-label='play']")


@pytest.mark.parametrize("policy", [plan_once(), gated()])
def test_a_broken_tie_is_a_violated_assumption(policy: Policy) -> None:
    played = episode(policy, 3)
    data = replay_data(played)
    broken: list[Any] = []
    at = 0
    for event in data["events"]:
        if "outcome" in event:
            step = played.steps[at]
            at += 1
            truth_of: list[int] = next((truth for place, truth, _ in broken if place == step.step), [])
            assert len(truth_of) == len(step.violated)
        broken = event.get("broken", broken)
    assert at == len(played.steps)
    assert sum(kind == "failed" for _, kind, *_ in data["moments"]) == played.metrics.misfires


@pytest.mark.parametrize("name", WORLDS)
def test_each_argument_that_rests_on_a_fluent_stands_alone(name: str) -> None:
    played = run(made(name, rates(name)[1]), plan_once(), seed=3, horizon=60.0, **LATE)
    data = replay_data(played)
    assert data["steps"]
    for row, words, needs, _ in data["steps"]:
        assert -1 <= row < len(data["rows"])
        assert all(fluent == -1 or fluent in needs for _, fluent in words)
        assert "".join(text for text, _ in words).strip()


def test_a_redraw_is_quick_enough_to_scrub(replay: Path) -> None:
    with visit(replay) as seen:
        seen.page.wait_for_selector("[data-ready='1']")
        took = seen.page.evaluate(
            """() => { const slider = document.querySelector('input[type=range]');
            const spans = [];
            for (let i = 0; i < 60; i++) {
              slider.value = slider.max * ((i * 37) % 60) / 60;
              const t = performance.now();
              slider.dispatchEvent(new Event('input'));
              spans.push(performance.now() - t);
            }
            spans.sort((a, b) => a - b); return spans[30]; }"""
        )
        assert took < 100  # 20 are aimed at; the tests may share the machine


def test_what_is_in_the_data_cannot_end_its_script() -> None:
    text = replay_page([episode(plan_once())], "</script><script>alert(1)</script>")
    assert "<script>alert" not in text


def test_wrong_input_is_one_line(tmp_path: Path) -> None:
    assert "end its name in .html" in refused("replay", "records", "--out", "x.txt", cwd=tmp_path)
    assert "there is no folder" in refused("replay", "records", "--out", "no/x.html", cwd=tmp_path)
    assert "unknown policy" in refused("replay", "records", "--against", "gatd", cwd=tmp_path)
    assert "did you mean 'records'" in refused("replay", "recods", cwd=tmp_path)
