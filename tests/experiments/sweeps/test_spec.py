"""Specs: what they come to, and what is said of the wrong ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.spec import line_of, read_spec, spec_from
from plandrift.sim import SettingError

EXAMPLE = """\
title = "How fast does a plan go stale?"
world = "records"
seeds = 200
horizon = 200
[grid]
policy = ["plan-once", "replan-each", "gated"]
volatility = [0.003, 0.01, 0.03, 0.1, 0.3]
"channel.latency" = [0.0, 1.0]
[fixed]
"agent.thinking_time" = 0.5
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "spec.toml"
    path.write_text(text)
    return path


def test_a_grid_is_every_combination_in_the_order_of_its_lists(tmp_path: Path) -> None:
    spec, _ = read_spec(written(tmp_path, EXAMPLE))
    points = conditions_of(spec)
    assert len(points) == 3 * 5 * 2
    assert len({p.id for p in points}) == 30
    assert [p.policy for p in points[::10]] == ["plan-once", "replan-each", "gated"]
    assert points[0].given == {
        "agent.thinking_time": 0.5,
        "channel.latency": 0.0,
        "horizon": 200.0,
        "volatility": 0.003,
    }


def test_a_conditions_id_is_that_of_its_words_whatever_their_order() -> None:
    raw: dict[str, Any] = {"world": "records", "policy": "gated", "seeds": 1}
    one = conditions_of(spec_from(raw | {"fixed": {"volatility": 1, "channel.latency": 2}}))[0]
    two = conditions_of(spec_from(raw | {"fixed": {"channel.latency": 2.0, "volatility": 1.0}}))[0]
    other = conditions_of(spec_from(raw | {"fixed": {"channel.latency": 2.0, "volatility": 1.5}}))[0]
    assert one.id == two.id
    assert other.id != one.id


def test_zip_goes_side_by_side() -> None:
    spec = spec_from(
        {
            "world": "telegraph",
            "policy": "plan-once",
            "seeds": 2,
            "zip": {"volatility": [0.1, 0.2], "world.steps": [3, 4]},
            "grid": {"channel.latency": [0, 1]},
        }
    )
    settings = [p.given for p in conditions_of(spec)]
    assert [(s["volatility"], s["world.steps"], s["channel.latency"]) for s in settings] == [
        (0.1, 3.0, 0.0),
        (0.2, 4.0, 0.0),
        (0.1, 3.0, 1.0),
        (0.2, 4.0, 1.0),
    ]


@pytest.mark.parametrize("method", ["latin-hypercube", "sobol"])
def test_random_points_fill_their_ranges_evenly_on_their_scale(method: str) -> None:
    ranges: dict[str, Any] = {
        "volatility": {"low": 0.001, "high": 1.0, "scale": "log"},
        "world.steps": {"low": 1, "high": 8, "whole": True},
    }
    raw: dict[str, Any] = {"world": "telegraph", "policy": "plan-once", "seeds": 2}
    spec = spec_from(raw | {"random": {"points": 64, "method": method, "seed": 3, **ranges}})
    settings = [p.given for p in conditions_of(spec)]
    assert settings == [p.given for p in conditions_of(spec)]
    # A third of the points in each decade is what a log scale means.
    decades = [sum(low <= s["volatility"] < 10 * low for s in settings) for low in (0.001, 0.01, 0.1)]
    assert all(abs(count - 64 / 3) <= 2 for count in decades)
    assert all(s["world.steps"] == int(s["world.steps"]) for s in settings)


WRONG = [
    ("seeds = 200", "seeds = -1", ":3: seeds = -1"),
    ("seeds = 200", "", "either seeds"),
    ("[grid]", "[gird]", ":5: unknown key 'gird': did you mean 'grid'?"),
    ('"gated"]', '"gatd"]', ":6: unknown policy 'gatd': did you mean 'gated'?"),
    ("volatility = [0.003", "volatility = [-1", ":7: volatility = -1"),
    ("volatility = [", "volatilty = [", ":7: unknown setting 'volatilty': did you mean 'volatility'?"),
    ('"channel.latency"', '"channel.latancy"', ":8: unknown setting 'channel.latancy'"),
    ('world = "records"', 'world = "recrods"', ":2: unknown world 'recrods': did you mean 'records'?"),
    ('"agent.thinking_time" = 0.5', '"agent.thinking_time" = "soon"', ":10: agent.thinking_time"),
    ("[0.0, 1.0]", "[0.0, 1.0", ":9: "),
    ("[0.0, 1.0]", "[1.0, 1.0]", "is in it twice"),
    ("seeds = 200", "seeds = 200\nsede = 1", ":4: unknown key 'sede'"),
    ("seeds = 200", 'until = {metric = "misfirerate", half_width = 0.1}', ":3: until: unknown metric"),
    ("seeds = 200", 'until = {metric = "misfires", half_width = 0}', ":3: until.half_width"),
    ("[fixed]", "[fixed]\nvolatility = 1", "volatility is given in [grid] and in [fixed]"),
    ("[fixed]", '[zip]\n"world.records" = [3, 4]\n"world.endpoints" = [3]\n[fixed]', "one length"),
    ("[fixed]", '[random]\n"agent.slip" = {low = 0.5, high = 0.1}\n[fixed]', ":10: random.agent.slip"),
    ("[fixed]", "[fixed]\nseed = 3", "every condition gets the seeds 0, 1"),
]


@pytest.mark.parametrize(("old", "new", "says"), WRONG)
def test_a_wrong_spec_is_refused_with_line_and_fix(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in EXAMPLE
    path = written(tmp_path, EXAMPLE.replace(old, new))

    def read() -> None:
        spec, text = read_spec(path)
        conditions_of(spec, text, str(path))

    with pytest.raises(SettingError) as refused:
        read()
    assert says in str(refused.value)
    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value)


def test_a_key_is_found_in_its_own_section() -> None:
    text = 'world = "a"\n[grid]\n"x.y" = [1]\n[fixed]\n"x.y" = 2\n'
    assert line_of(text, ["grid", "x.y"]) == 3
    assert line_of(text, ["fixed", "x.y"]) == 5
    assert line_of(text, ["world"]) == 1
