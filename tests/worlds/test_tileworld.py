"""Tileworld: holes and steps, the reactive policies, and the orderings that Kinny and Georgeff published."""

from __future__ import annotations

import math
from functools import cache
from itertools import islice, pairwise
from statistics import fmean, stdev

import networkx as nx
import pytest

from plandrift.experiments.sweeps.names import policy_named
from plandrift.policies import bold, bold_better, bold_broken, bold_new, gated, normal, plan_once
from plandrift.sim import Call, Episode, Planning, Policy, SettingError, Streams, Value, run
from plandrift.sim.trace.events import Exogenous, HandedOver, Landed, ReplanRequested
from plandrift.worlds import Tileworld
from plandrift.worlds.tileworld import AGENT, APPEARED, SCORE, Grid
from tests.worlds.moving import events


def grid(seed: int = 1, **settings: float) -> Grid:
    return Grid(Tileworld(**settings), Streams(seed))  # type: ignore[arg-type]


def with_holes(scene: Grid, *holes: tuple[tuple[int, int], int], agent: tuple[int, int]) -> dict[str, Value]:
    """The scene with these holes and no others, and the agent there."""
    values = dict(scene.first) | dict.fromkeys(scene.fluents)
    return values | dict(zip(scene.fluents, holes, strict=False)) | {AGENT: agent}


def lawn() -> Grid:
    """A small grid without obstacles."""
    return Grid(Tileworld(obstacles=0.0, size=8), Streams(1))


def test_the_agent_goes_the_shortest_way_around_obstacles() -> None:
    for seed in range(20):
        scene = grid(seed, obstacles=0.3)
        ground = nx.Graph([(a, b) for a, near in scene.beside.items() for b in near])
        plan = scene.plan(scene.first)
        if plan:
            way = [plan[0].arg("start"), *(call.arg("end") for call in plan)]
            assert way[0] == scene.first[AGENT]
            assert len(plan) == nx.shortest_path_length(ground, way[0], way[-1])
            assert all(ground.has_edge(a, b) for a, b in pairwise(way))
            assert [call.action for call in plan] == ["move"] * (len(plan) - 1) + ["fill"]


def test_the_target_is_the_hole_with_the_highest_score_over_distance() -> None:
    scene = lawn()
    values = with_holes(scene, ((0, 6), 10), ((3, 0), 6), ((0, 1), 1), agent=(0, 0))
    assert scene.plan(values)[-1] == Call.of("fill", start=(2, 0), end=(3, 0), hole=1, score=6)
    values = with_holes(scene, ((0, 6), 10), ((3, 0), 4), ((0, 1), 1), agent=(0, 0))
    assert scene.plan(values)[-1].arg("end") == (0, 6)
    assert scene.plan(with_holes(scene, agent=(0, 0))) == ()


def test_a_hole_under_the_agents_feet_takes_one_step_in_place() -> None:
    scene = lawn()
    values = with_holes(scene, ((2, 2), 5), agent=(2, 2))
    (call,) = scene.plan(values)
    answer = scene.answer(call, values)
    assert answer.outcome == "effective"
    assert answer.writes == {AGENT: (2, 2), "hole-0": None, SCORE: 5}


def test_where_the_target_is_gone_the_agent_walks_on_and_scores_nothing() -> None:
    scene = lawn()
    fill = scene.plan(with_holes(scene, ((1, 0), 7), agent=(0, 0)))[-1]
    answer = scene.answer(fill, with_holes(scene, agent=(0, 0)))
    assert (answer.outcome, answer.violated, answer.writes) == ("void", ("hole-0",), {AGENT: (1, 0)})


def test_a_hole_on_the_way_is_filled_in_passing() -> None:
    scene = lawn()
    values = with_holes(scene, ((1, 0), 7), agent=(0, 0))
    step = Call.of("move", start=(0, 0), end=(1, 0))
    assert scene.answer(step, values).writes == {AGENT: (1, 0), "hole-0": None, SCORE: 7}


def test_no_step_leads_to_a_cell_that_is_not_beside() -> None:
    scene = lawn()
    values = with_holes(scene, ((5, 5), 7), agent=(0, 0))
    jump = Call.of("fill", start=(0, 0), end=(5, 5), hole=0, score=7)
    assert scene.answer(jump, values).outcome == "rejected"
    assert scene.answer(jump, values | {AGENT: (5, 5)}).outcome == "rejected"
    assert scene.answer(Call.of("move", start=(3, 3), end=(3, 4)), values).outcome == "rejected"


@pytest.mark.parametrize("gamma", [1.0, 20.0])
def test_holes_open_and_close_by_the_clock_of_the_world(gamma: float) -> None:
    """Gestation, life and score lie in their ranges and have the means of uniform ones."""
    scene = grid(volatility=gamma)
    opened: list[float] = []
    since: dict[str, float] = {}
    lives, scores, held = [], [], dict(scene.first)
    for time, writes in islice(events(scene, held), 4000):
        (fluent, hole), *rest = writes.items()
        if hole is not None:
            opened.append(time)
            since[fluent] = time
            scores.append(hole[1])
            assert rest[0][0] == APPEARED
        elif fluent in since:
            lives.append((time - since.pop(fluent)) * gamma)
    gaps = [(b - a) * gamma for a, b in pairwise(opened)]
    for figures, least, most in ((gaps, 60, 240), (lives, 240, 960), (scores, 1, 10)):
        assert least - 1e-6 <= min(figures) <= max(figures) <= most + 1e-6
        assert fmean(figures) == pytest.approx((least + most) / 2, rel=0.04)
    assert held[APPEARED] - scene.first[APPEARED] == sum(scores)


def test_at_the_start_as_many_holes_are_open_as_later() -> None:
    """Mean life over mean gestation: 600/150 = 4."""
    scenes = [grid(seed) for seed in range(400)]
    counts = [sum(scene.first[f] is not None for f in scene.fluents) for scene in scenes]
    assert fmean(counts) == pytest.approx(4, abs=0.2)


def test_a_hole_that_the_agent_has_filled_does_not_close() -> None:
    scene = grid()
    values = with_holes(scene, agent=(0, 0))
    assert scene.happen(("vanish", "hole-0"), values) == {}
    assert scene.happen(("vanish", "hole-0"), values | {"hole-0": ((1, 1), 3)}) == {"hole-0": None}


def test_no_two_holes_are_ever_in_one_cell() -> None:
    scene = grid(size=3, obstacles=0.0)
    held = dict(scene.first)
    for _ in islice(events(scene, held), 3000):
        cells = [held[f][0] for f in scene.fluents if held[f] is not None]
        assert len(cells) == len(set(cells))


def test_the_grid_is_one_stretch_of_open_ground() -> None:
    for seed in range(20):
        scene = grid(seed, obstacles=0.45, size=10)
        ground: nx.Graph[tuple[int, int]] = nx.Graph()
        ground.add_nodes_from(scene.beside)
        ground.add_edges_from((a, b) for a, near in scene.beside.items() for b in near)
        assert nx.is_connected(ground)
        assert scene.first[AGENT] in scene.beside


def test_a_range_the_wrong_way_round_is_one_clear_line() -> None:
    with pytest.raises(SettingError) as caught:
        Tileworld(life_least=500, life_most=100)
    assert str(caught.value) == "life_least = 500: give at most 100, or raise life_most"


def test_effectiveness_is_the_score_reached_over_the_score_that_appeared() -> None:
    episode = run(Tileworld(), bold(), seed=3, horizon=400.0, trace=True)
    filled, appeared = 0, 0
    open_holes: dict[str, int] = {}
    for fluent, held in Tileworld().begin(Streams(3), 400.0).first.items():
        if fluent.startswith("hole-") and held is not None:
            appeared += held[1]
            open_holes[fluent] = held[1]
    for event in episode.trace:
        if isinstance(event, Exogenous) and event.fluent.startswith("hole-"):
            if event.value is not None:
                open_holes[event.fluent] = event.value[1]
                appeared += event.value[1]
        elif isinstance(event, Landed):
            filled += sum(open_holes[f] for f in event.writes if f.startswith("hole-"))
    assert episode.metrics.effectiveness == filled / appeared > 0.5


class TestReactive:
    """What makes a bold agent leave its plan."""

    def replans(self, policy: str, thinking_time: float = 0.0) -> set[str]:
        """Why it replanned, the names of the holes left out."""
        episode = run(
            Tileworld(volatility=15.0),
            policy_named(policy),
            seed=2,
            horizon=400.0,
            trace=True,
            thinking_time=thinking_time,
        )
        return {
            "".join(c for c in e.reason if not c.isdigit())
            for e in episode.trace
            if isinstance(e, ReplanRequested)
        } - {"start", "news while there was no plan"}

    def test_each_for_its_own_reasons(self) -> None:
        assert self.replans("bold") == {"plan used up"}
        assert self.replans("normal") == {"plan used up", " steps"}
        assert self.replans("bold-broken") == {"plan used up", "hole- changed"}
        assert self.replans("bold-better") == {"plan used up", "hole- changed", "something better"}
        assert self.replans("bold-new(watches=('hole-*',))") == {
            "plan used up",
            "hole- changed",
            "hole- is new",
        }

    def test_a_plan_that_broke_while_it_was_made_is_left_as_it_arrives(self) -> None:
        played = run(
            Tileworld(volatility=15.0), bold_broken(), seed=2, horizon=400.0, trace=True, thinking_time=4.0
        )
        plans = {e.t for e in played.trace if isinstance(e, HandedOver)}
        again = [e for e in played.trace if isinstance(e, ReplanRequested) and e.t in plans]
        assert any(e.reason.startswith("hole-") for e in again)

    def test_a_nearer_hole_is_better_and_one_further_off_or_closed_is_not(self) -> None:
        scene = lawn()
        values = with_holes(scene, ((0, 3), 1), ((0, 5), 9), agent=(0, 0))
        planning = Planning.of(scene)
        assert planning.offers_better(("hole-0",), values, 4)
        assert not planning.offers_better(("hole-0",), values, 3)
        assert not planning.offers_better(("hole-1",), values, 4)
        assert not planning.offers_better(("hole-2", APPEARED), values, 4)


class TestOpenEnded:
    """Without goals the agent goes on until the horizon, whatever its channel and its thinking."""

    @pytest.mark.parametrize("thinking", ["blocking", "concurrent"])
    @pytest.mark.parametrize("policy", [bold_better(), bold_new(), gated(), normal()])
    def test_the_agent_never_stops_for_good(self, policy: Policy, thinking: str) -> None:
        """A plan whose steps were all done while it was made is used up too."""
        for seed in range(4):
            episode = run(
                Tileworld(volatility=10.0),
                policy,
                seed=seed,
                horizon=500.0,
                thinking_time=4.0,
                thinking=thinking,
                latency=1.5,
            )
            assert episode.end == "horizon"
            assert episode.steps[-1].time > 460

    def test_a_plan_made_once_fills_one_hole(self) -> None:
        episode = run(Tileworld(volatility=5.0), plan_once(), seed=1, horizon=200.0)
        assert [step.call.action for step in episode.steps].count("fill") == 1
        assert episode.end == "horizon"

    def test_a_snapshot_of_ones_own_step_does_not_break_the_plan(self) -> None:
        """In a world that stands still the agent replans at the plan's end only, polling or not."""
        episode = run(
            Tileworld(volatility=0.0),
            bold_broken(),
            seed=1,
            horizon=100.0,
            trace=True,
            sampling="poll",
            poll_every=0.5,
        )
        reasons = {e.reason for e in episode.trace if isinstance(e, ReplanRequested)}
        assert reasons == {"start", "plan used up", "news while there was no plan"}


HORIZON = 2000.0
POLICIES = {"new": "bold-new(watches=('hole-*',))", "gone": "bold-broken", "nearer": "bold-better"}


@cache
def epsilon(policy: str, gamma: float, p: float, seed: int) -> float:
    """ε of an agent that looks at the world at each tick of its own clock."""
    episode: Episode = run(
        Tileworld(volatility=gamma),
        policy_named(POLICIES.get(policy, policy)),
        seed=seed,
        horizon=HORIZON,
        thinking_time=p,
        sampling="poll",
        poll_every=1.0,
    )
    return episode.metrics.effectiveness


def ahead(better: str, worse: str, gamma: float, p: float, seeds: int = 8) -> bool:
    """Whether the 95 % interval of the paired difference lies above zero."""
    from scipy.stats import t as student  # a second, which no other test of the worlds needs

    gains = [epsilon(better, gamma, p, s) - epsilon(worse, gamma, p, s) for s in range(seeds)]
    half = student.ppf(0.975, seeds - 1) * stdev(gains) / math.sqrt(seeds)
    return bool(fmean(gains) - half > 0)


@pytest.mark.slow
class TestKinnyAndGeorgeff:
    """The orderings of docs/model/tileworld.md, each on paired seeds."""

    def test_effectiveness_is_near_one_then_falls_sharply_and_has_a_tail(self) -> None:
        curve = {g: fmean(epsilon("bold", g, 1.0, s) for s in range(4)) for g in (1, 5, 10, 20, 50, 100)}
        assert min(curve[1], curve[5]) > 0.94
        assert curve[10] - curve[20] > 0.25
        assert 0.01 < curve[100] < curve[50] < 0.2
        assert curve[50] - curve[100] < 0.15

    @pytest.mark.parametrize("gamma", [5, 15, 30])
    def test_with_much_to_plan_the_bolder_the_better(self, gamma: float) -> None:
        assert ahead("bold", "normal", gamma, 4.0)
        assert ahead("normal", "cautious", gamma, 4.0)

    @pytest.mark.parametrize(
        ("p", "slow", "fast", "seeds"), [(0.5, 8, 20, 24), (1.0, 10, 30, 12), (2.0, 15, 100, 12)]
    )
    def test_normal_overtakes_bold_as_the_world_gets_faster(
        self, p: float, slow: float, fast: float, seeds: int
    ) -> None:
        """And the sooner the less there is to plan: at γ = 30 it is past bold at p = 1, not at 4."""
        assert ahead("bold", "normal", slow, p, seeds)
        assert ahead("normal", "bold", fast, p, min(seeds, 12))

    @pytest.mark.parametrize("p", [1.0, 2.0])
    def test_leaving_a_target_that_is_gone_helps_and_leaving_it_for_a_nearer_one_helps_more(
        self, p: float
    ) -> None:
        assert ahead("gone", "bold", 20, p)
        assert ahead("nearer", "gone", 20, p)

    @pytest.mark.parametrize("gamma", [10, 15, 20])
    def test_starting_anew_at_any_new_hole_is_worse_than_looking_at_nothing(self, gamma: float) -> None:
        assert ahead("bold", "new", gamma, 2.0, seeds=24)

    @pytest.mark.parametrize("p", [0.5, 1.0, 2.0, 4.0])
    def test_a_bold_agent_that_reacts_is_better_than_one_that_replans_by_the_clock(self, p: float) -> None:
        assert ahead("nearer", "normal", 20, p)
        assert ahead("nearer", "cautious", 20, p)

    def test_where_planning_costs_nothing_the_more_cautious_the_better(self) -> None:
        assert ahead("cautious", "normal", 30, 0.0)
        assert ahead("normal", "bold", 30, 0.0)
