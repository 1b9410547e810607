"""The story: its game is the engine's, every scene can be played to its end, and it asks for nothing."""

from __future__ import annotations

import random
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.agents.advise.exact import FORMS, SilentSystem
from plandrift.experiments.agents.advise.prices import COMPONENTS, Prices
from plandrift.experiments.pages.deliveries import Deliveries, Town
from plandrift.experiments.pages.page import part
from plandrift.experiments.pages.story import LIMIT, story_data, story_page
from plandrift.policies import POLICIES
from plandrift.sim import Call, Change, Decision, Observation, Policy, Scene, Streams, Value, View, run
from tests.browser import LAPTOP, PHONE, Visit, visit
from tests.command import plandrift

pytestmark = pytest.mark.long

GUARDS = ("plan-once", "press", "on-error", "gated", "look-first", "if-match")
Game = dict[str, Any]


@dataclass(frozen=True)
class Scripted(Deliveries):
    """A town in which what changes is given."""

    script: tuple[Change, ...] = ()

    def begin(self, random: Streams, horizon: float) -> Scene:
        return ScriptedTown(self, random)


class ScriptedTown(Town):
    def __init__(self, world: Scripted, random: Streams) -> None:
        super().__init__(world, random)
        self.script = world.script
        self.first = {**self.first, "bell": 0}

    def changes(self) -> Iterator[Change]:
        return iter(self.script)


class Press(Policy):
    """Replan whenever the bell is pressed."""

    def observed(self, view: View, observation: Observation) -> Decision:
        return Decision("replan" if "bell" in observation.news else "keep")


def a_game(draw: random.Random) -> Game:
    guard, homes, changes = draw.choice(GUARDS), list(range(5)), []
    times = sorted(round(draw.uniform(0, 9), draw.choice([1, 2, 9])) for _ in range(draw.randrange(12)))
    for number, time in enumerate(times):
        kind = draw.random()
        if kind < 0.15:
            changes.append([time, "dog", draw.randrange(-1, 5)])
        elif kind < (0.5 if guard == "press" else 0.15):
            changes.append([time, "bell", number + 1])
        else:
            who = draw.randrange(5)
            homes[who] = draw.choice([door for door in range(5) if door != homes[who]])
            changes.append([time, who, homes[who]])
    return {
        "changes": changes,
        "order": draw.sample(range(5), 5),
        "guard": guard,
        "news": 0 if guard == "press" else draw.choice([0, 0.5, 2, draw.uniform(0, 4)]),
        "thinking": draw.choice([0, 0.7, 1.5]) if guard in GUARDS[:3] else 0,
        "step": draw.choice([1.0, 0.8]),
        "lands": draw.choice([0, 0.3, 0.5, 1.0, 1.4]),
        "trip": draw.choice([0.2, 0.6, 1.0]),
        "porters": draw.randrange(3),
        "horizon": draw.choice([6.0, 12.0, 40.0]),
    }


def by_the_engine(game: Game) -> Game:
    def planner(belief: Mapping[str, Value], goals: Mapping[str, Value]) -> list[Call]:
        return [
            Call.of("deliver", parcel=i, door=belief[f"resident-{i}"])
            for i in game["order"]
            if not belief[f"parcel-{i}"]
        ]

    script = tuple((t, f"resident-{w}" if isinstance(w, int) else w, to) for t, w, to in game["changes"])
    policy = Press() if game["guard"] == "press" else POLICIES[game["guard"]]()
    episode = run(
        Scripted(script=script, porters=game["porters"]),
        policy,
        latency=game["news"],
        thinking_time=game["thinking"],
        interrupted="restart",
        step_duration=game["step"],
        action_latency=game["lands"],
        read_latency=game["trip"],
        horizon=game["horizon"],
        planner=planner,
    )
    metrics = episode.metrics
    return {
        "steps": [
            [s.time, s.landed, s.call.arg("parcel"), s.call.arg("door"), s.outcome, s.reported]
            for s in episode.steps
        ],
        "end": metrics.duration,
        "reads": metrics.reads,
        "replans": metrics.replans,
        "spent": metrics.thinking_time,
    }


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("story") / "story.html"
    path.write_text(story_page(), encoding="utf-8")
    return path


def test_its_game_is_the_engines_to_the_last_bit(tmp_path: Path) -> None:
    draw = random.Random(35)
    games = [a_game(draw) for _ in range(1000)]
    path = tmp_path / "game.html"
    path.write_text(f"<script>{part('story_game.js')}</script>")
    with visit(path) as seen:
        played = seen.page.evaluate(
            "games => games.map(game => { const found = story.play(game); delete found.log; return found; })",
            games,
        )
    outcomes = {step[4] for one in played for step in one["steps"]}
    assert outcomes == {"effective", "harmful", "rejected", "refused"}
    for game, one in zip(games, played, strict=True):
        assert one == by_the_engine(game), game


def test_it_is_small_and_whatever_the_order_one_parcel_goes_wrong(story: Path) -> None:
    text = story.read_text(encoding="utf-8")
    assert len(text.encode()) < LIMIT
    with visit(story) as seen:
        wrong = seen.page.evaluate(
            """() => {
              const orders = (left) => left.length ? left.flatMap(one =>
                orders(left.filter(other => other !== one)).map(rest => [one, ...rest])) : [[]];
              return orders([0, 1, 2, 3, 4]).map(order => story.wrong(story.play(story.game(
                { order: order, changes: story.townFor(order, story.data.towns).moves }))));
            }"""
        )
    assert wrong == [1] * 120


def test_it_is_the_same_whenever_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plandrift.experiments.pages.story.TOWNS", 4)
    assert story_data() == story_data()


def named(seen: Visit, number: int) -> str:
    seen.page.wait_for_selector(f"body[data-named='{number}']")
    return seen.page.locator(".named").inner_text()


def felt(seen: Visit) -> None:
    page = seen.page
    page.locator(".house").nth(2).click()
    for name in ("Ana", "Emre", "Bo", "Dita"):
        page.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")
    assert "harm" in named(seen, 1)
    assert page.locator(".parcel.wrong").count() == 1
    assert page.locator(".list .ok").count() == 5


def rewound(seen: Visit) -> None:
    page = seen.page
    page.get_by_role("button", name="next: Rewind").press("Enter")
    page.get_by_label("Time").press("End")
    assert "Harm" in page.locator(".verdict").inner_text()
    page.get_by_label("The post takes").press("Home")
    assert "Saved" in page.locator(".verdict").inner_text()
    assert "blind spot" in named(seen, 2)
    # The exact position saves; a hundredth more does harm.
    page.get_by_role("button", name="go to that position").press("Enter")
    assert "Saved" in page.locator(".verdict").inner_text()
    page.get_by_label("The post takes").press("ArrowRight")
    assert "Harm" in page.locator(".verdict").inner_text()


def bet(seen: Visit) -> None:
    page = seen.page
    page.get_by_role("button", name="next: Bet").press("Enter")
    for handle in page.get_by_role("slider").all():
        handle.press("PageDown")
    assert page.get_by_role("slider").first.get_attribute("aria-valuenow") == "30"
    page.get_by_role("button", name="that is my bet").press("Enter")
    assert "half-life" in named(seen, 3)


def stormed(seen: Visit) -> None:
    page = seen.page
    page.get_by_role("button", name="next: Look").press("Enter")
    # Mashed without a pause, as nobody could, but whatever the machine.
    page.evaluate(
        """() => { const mash = document.querySelector('.mash');
        story.pace = 200;
        document.querySelector('.scene .next').click();
        const timer = setInterval(() => mash.disabled ? clearInterval(timer) : mash.click(), 5); }"""
    )
    assert "replan storm" in named(seen, 4)
    assert (
        ": 0 parcels at the right door, 0 at a wrong one, 5 not delivered"
        in page.locator(".scene").inner_text()
    )


def hired(seen: Visit) -> None:
    page = seen.page
    page.evaluate("story.pace = 40")
    page.get_by_role("button", name="next: Hire").press("Enter")
    for name, said in (("Reads the list again", "blindness"), ("A lock on the door", "refused the parcel")):
        page.get_by_role("button", name=name).first.press("Enter")
        page.wait_for_selector(f".verdict:has-text('{said}')")
    assert page.get_by_text("not hired yet").count() == 2
    page.get_by_role("button", name="show all").press("Enter")
    assert page.get_by_text("coins left").count() == 5
    assert "ladder" in named(seen, 5)


def broken(seen: Visit) -> None:
    page = seen.page
    page.get_by_role("button", name="next: Break").press("Enter")

    def press(name: str, times: int = 1) -> None:
        for _ in range(times):
            page.get_by_role("button", name=name).first.press("Enter")

    def played(moved: str, after: int) -> str:
        press("from the start")
        press("½ minute on", after)
        press(moved)
        press("½ minute on", 30)
        return page.locator(".told").inner_text()

    assert "with 1 move: fewer is impossible" in played("Dita moves", 5)
    press("next: the knocker")
    # Before the answer at the door he sees it; between the answer (0.3) and the drop (1.1) he does not.
    assert "He got through" in played("Ana moves", 0)
    assert "with 1 move" in played("Ana moves", 2)
    press("next: the lock")
    assert not page.get_by_role("button", name="dog to 3").is_visible()
    for name in ("Chen moves", "Bo moves"):
        assert "none lost" in played(name, 1)
    assert "with 1 move" in played("dog to 3", 1)
    assert "cannot see" in named(seen, 6)


def mine(seen: Visit) -> None:
    page = seen.page
    page.get_by_role("button", name="next: Yours").press("Enter")
    assert "Let the door check" in page.locator(".verdict").inner_text()
    page.get_by_role("checkbox").press("Space")
    assert "Look before each call" in page.locator(".verdict").inner_text()
    page.get_by_label("One thing that a step").press("Home")
    page.get_by_label("An error costs").press("Home")
    assert "No guard" in page.locator(".verdict").inner_text()
    assert "guard" in named(seen, 7)
    assert (
        page.get_by_label("This page with").input_value().endswith("changes=0&step=3&news=5&error=0&refuse=0")
    )
    # The link leads to the same numbers.
    link = page.get_by_label("This page with").input_value()
    page.evaluate("location.hash = '#1'")
    page.wait_for_selector("body[data-scene='1']")
    page.evaluate("link => { location.hash = link.split('#')[1]; }", link)
    page.wait_for_selector("body[data-scene='7']")
    assert not page.get_by_role("checkbox").is_checked()
    assert "No guard" in page.locator(".verdict").inner_text()


SCENES = (felt, rewound, bet, stormed, hired, broken, mine)


def test_what_is_told_of_ten_towns_is_what_the_page_plays_in_them(story: Path) -> None:
    with visit(story) as seen:
        data = seen.page.evaluate("story.data.guards")
        played = seen.page.evaluate(
            """() => Object.fromEntries(story.GUARDS.map(({guard}) => [guard, story.data.guards.towns.map(
              town => story.play(story.guardGame(guard, town)))
              .map(round => [story.right(round), story.wrong(round), round.end])]))"""
        )
        costs = seen.page.evaluate(
            "Object.values(story.data.guards.rounds).map(one => story.cost(one).coins)"
        )
    assert played == data["rounds"]
    assert costs == sorted(costs, reverse=True), "each rung of the ladder costs less than the one before"


@pytest.mark.slow
def test_the_prices_are_those_of_the_closed_forms_and_the_command_goes_on(story: Path) -> None:
    draw = random.Random(7)
    sizes = {"changes": 10, "step": 7, "news": 8, "error": 7}
    states = [{name: draw.randrange(size) for name, size in sizes.items()} for _ in range(60)]
    with visit(story) as seen:
        found = seen.page.evaluate(
            """states => states.map(state => { const of = story.system(state); return [of, ['none', 'look',
            'match'].map(one => story.forms[one](of)), story.command({...state, refuse: true})]; })""",
            states,
        )
    never = 0
    for of, prices, command in found:
        system = SilentSystem(of["rate"], 1000, 10, 1, of["thinking"], of["step"], of["lands"], of["trip"])
        for form, mine in zip(FORMS.values(), prices, strict=True):
            expected = form(system)
            if expected is None:
                assert mine is None
                never += 1
                continue
            half = of["error"] / 2
            paid = Prices(misfire=half, unmet=half).vector @ [expected[name] for name in COMPONENTS]
            assert mine == pytest.approx({"wrong": expected["misfires"], "price": paid}, rel=1e-6, abs=1e-9)
        assert command.startswith("plandrift agent advise --changes")
    assert 0 < never < 60
    silent = next(command for of, _, command in found if of["news"] is None)
    said = plandrift(*shlex.split(silent)[1:], cwd=story.parent).stdout
    assert "no guard" in said


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "dark"), pytest.param(LAPTOP, "light", marks=pytest.mark.slow)],
    ids=["phone", "laptop"],
)
def test_keys_alone_lead_through_it_without_barriers(story: Path, size: tuple[int, int], scheme: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe  # what `test` does not install

    with visit(story, size) as seen:
        page = seen.page
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce" if size == PHONE else None)
        page.evaluate("story.pace = 40")
        for scene in SCENES:
            scene(seen)
            found = Axe().run(page).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), scene
