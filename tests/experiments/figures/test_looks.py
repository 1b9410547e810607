"""The looks of policies: fixed for the named ones, no two alike, and enough for any number."""

from __future__ import annotations

import math

import pytest
from matplotlib import pyplot as plt

from plandrift.experiments.figures.bars import HATCHES, ShareBar, shares_figure
from plandrift.experiments.figures.kinds import KINDS
from plandrift.experiments.figures.looks import ALIASES, COORDINATIONS, LOOKS, NAMED, look, looks, own_look
from plandrift.experiments.figures.more_colours import MOST, between, contrast, sights
from plandrift.experiments.pages.report import report_page
from plandrift.experiments.pages.tokens import policy_looks
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.policies import POLICIES
from tests.experiments.figures.legible import assert_legible, panels


def test_each_named_policy_has_a_look_of_its_own_in_figures_and_on_pages() -> None:
    assert set(POLICIES) | {"on-error"} <= set(NAMED)
    found = looks(list(NAMED))
    assert found["plan-once"] == LOOKS[0]
    assert len({(one.colour, one.marker) for one in found.values()}) == len(NAMED)
    assert len({(one.colour, str(one.dash)) for one in found.values()}) == len(NAMED)
    pages = policy_looks(["own:Mine"])
    assert set(pages) == {*NAMED, *COORDINATIONS, "own:Mine"}
    assert len({tuple(pair) for pair in pages.values()}) == len(pages)


@pytest.mark.parametrize("named", [[], ["plan-once", "bold"], list(NAMED)])
def test_there_are_looks_for_any_number_of_names_and_no_two_are_alike(named: list[str]) -> None:
    names = [*named, *(f"own:Policy{i}" for i in range(60))]
    found = looks(names)
    assert list(found) == names
    assert len({(one.colour, str(one.dash)) for one in found.values()}) == len(names)
    assert all(found[name] == look(NAMED[name]) for name in named)


def test_what_has_no_name_never_has_a_policys_colour_and_all_eyes_tell_it_apart() -> None:
    colours = [one.colour for one in LOOKS] + [own_look(i).colour for i in range(MOST)]
    seen = [sights(colour) for colour in colours]
    for i in range(len(LOOKS), len(seen)):
        assert min(between(seen[i], other) for other in seen[:i]) > 0.055, colours[i]
    assert all(contrast(own_look(i).dark, "#ffffff") >= 4.5 for i in range(MOST))
    assert all(contrast(own_look(i).light, "#15181c") >= 4.5 for i in range(MOST))


def test_a_policy_looks_the_same_under_another_name_and_whatever_else_is_drawn() -> None:
    found = looks(["own:Mine", "periodic(n=4)", *COORDINATIONS])
    for name, alike in ALIASES.items():
        assert looks([name])[name] == looks([alike])[alike]
    assert found["periodic(n=4)"] == look(NAMED["periodic"])
    assert len({(one.colour, str(one.dash)) for one in found.values()}) == len(found)
    # Where no line is a policy there is nothing to take them for.
    assert list(looks(["latency 0", "latency 1"]).values()) == [LOOKS[0], LOOKS[1]]


LADDER = (
    *("plan-once", "replan-each", "gated", "event-driven", "warn", "read-back", "if-match", "look-first"),
    *("bounded", "periodic", "bold"),
)


@pytest.fixture(scope="module")
def eleven(tmp_path_factory: pytest.TempPathFactory) -> Results:
    spec = {
        "title": "Eleven policies",
        "world": "telegraph",
        "seeds": 3,
        "horizon": 20,
        "grid": {"policy": LADDER, "volatility": [0.03, 0.3]},
    }
    return sweep(spec, tmp_path_factory.mktemp("eleven") / "out").results


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["staleness-volatility", "guards", "price", "failure-mix"])
def test_eleven_policies_are_drawn(eleven: Results, kind: str) -> None:
    figure = KINDS[kind](eleven)
    if kind == "staleness-volatility":
        lines = [line for line in panels(figure)[0].get_lines() if str(line.get_label()) in LADDER]
        assert len(lines) == len(LADDER)
        assert len({(line.get_color(), line.get_marker()) for line in lines}) == len(LADDER)
    assert_legible(figure)


@pytest.mark.slow
def test_eleven_policies_are_reported(eleven: Results) -> None:
    page = report_page(eleven)
    assert all(f"{policy}</td>" in page for policy in LADDER)


def test_a_bar_of_more_parts_than_there_are_colours_draws_them_all() -> None:
    shares = {f"cause {i}": 1 / 24 for i in range(24)}
    figure = shares_figure([ShareBar("gated", shares, "24 in 100 calls")], "Why?")
    (axes,) = panels(figure)
    bars = [bar for held in axes.containers for bar in held]
    assert math.isclose(sum(bar.get_width() for bar in bars), 1.0)
    assert len({(bar.get_facecolor(), bar.get_hatch()) for bar in bars}) == 24
    assert len(HATCHES) != len(LOOKS)
    plt.close(figure)
