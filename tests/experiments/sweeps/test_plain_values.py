"""A setting's value has one type, one order and one text, wherever it is looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plandrift.experiments.analysis.selection import chosen_values
from plandrift.experiments.analysis.tables import compare, table
from plandrift.experiments.sweeps.plain_values import in_order, plain_value, value_text
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.sim import SettingError
from tests.command import plandrift

RAW: dict[str, Any] = {"world": "telegraph", "seeds": 3, "policy": "plan-once", "horizon": 20}
MIXED = """\
world = "telegraph"
seeds = 2
horizon = 20
[grid]
policy = ["plan-once", "gated"]
"channel.scope" = ["*", "f*"]
"channel.latency" = [1e-9, 1.0000001e-9, "exponential(1)"]
"""


@example([False, float("inf")])
@given(st.lists(st.one_of(st.floats(allow_nan=False), st.integers(-9, 9), st.booleans(), st.text())))
def test_values_are_alike_where_their_texts_are_and_order_does_not_hang_on_their_kinds(
    values: list[Any],
) -> None:
    ordered = in_order(values)
    assert len({value_text(one) for one in ordered}) == len(ordered) == len(set(map(value_text, values)))
    numbers = [one for one in ordered if isinstance(one, float)]
    assert numbers == sorted(numbers)
    assert ordered[: len(numbers)] == numbers
    assert all(float(value_text(one)) == one for one in numbers)
    assert all(hash(plain_value(one)) is not None for one in ([1, [2]], {"a": [1]}, None))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "spec.toml").write_text(MIXED)
    plandrift("sweep", "spec.toml", "--out", "out", cwd=folder)
    return folder


@pytest.mark.slow
def test_lists_and_mixed_kinds_are_grouped_compared_and_reported(mixed: Path) -> None:
    results = Results(mixed / "out")
    by = ["policy", "channel.latency", "channel.scope"]
    found = [(row[by[1]], row[by[2]]) for row in table(results, by, ["misfires"])]
    latencies = ["1e-09", "1.0000001e-09", "exponential(1)"]
    assert found[:6] == [(one, scope) for one in latencies for scope in ("*", "f*")]
    assert chosen_values(results, "channel.latency=1e-9", "--where") == ("channel.latency", [1e-9])
    pair = compare(results, "channel.latency=1e-9,exponential(1)", "misfires", ["policy", "channel.scope"])
    assert len(pair) == 4
    plandrift("report", "out", "--out", "report.html", cwd=mixed)
    page = (mixed / "report.html").read_text()
    assert "<td>*, f*</td>" in page
    assert "1e-09, 1.0000001e-09, exponential(1)" in page


@pytest.mark.slow
def test_the_page_of_the_workshop_takes_mixed_kinds(mixed: Path) -> None:
    (mixed / "page.toml").write_text(MIXED.replace('"channel.scope" = ["*", "f*"]\n', ""))
    plandrift("explore", "--spec", "page.toml", "--seeds", "2", "--out", "page.html", cwd=mixed)


MORE: dict[str, tuple[dict[str, Any], str]] = {
    "a setting of the channel": ({"fixed": {"channel.latency": 1.0}}, "channel.latency"),
    "a setting of the policy": ({"fixed": {"policy.max_replans": 2}}, "policy.max_replans"),
    "the oracle": ({"oracle": True}, "oracle"),
    "the horizon": ({"horizon": 5}, "horizon"),
    "a setting that one of the worlds has": (
        {"world": "records", "fixed": {"world.records": 3}},
        "world.records",
    ),
}


@pytest.mark.parametrize("case", MORE)
def test_whatever_differs_between_two_conditions_varies_by_name(case: str, tmp_path: Path) -> None:
    more, name = MORE[case]
    sweep(RAW, tmp_path / "out", workers=1)
    sweep(RAW | more, tmp_path / "out", extend=True, workers=1)
    path = tmp_path / "out" / "manifest.json"
    assert json.loads(path.read_text())["varies"] == [name]
    by = ["world"] if "world" in more else []
    if not by:
        with pytest.raises(SettingError, match=f"^{name} .*varies too"):
            table(Results(tmp_path / "out"), by, ["misfires"])
    assert len(table(Results(tmp_path / "out"), [*by, name], ["misfires"])) == 2
    with Results(tmp_path / "out").connect() as connection:
        counts = connection.execute(f'select count(*) from episodes group by "{name}"').fetchall()
    assert counts == [(3,), (3,)]
    # A folder that was extended before this was so.
    path.write_text(json.dumps(json.loads(path.read_text()) | {"varies": []}))
    assert Results(tmp_path / "out").manifest.varies == [name]


def test_what_follows_from_a_name_does_not_vary_beside_it(tmp_path: Path) -> None:
    grid = {"policy": ["gated", "plan-once"], "world": ["telegraph", "records"], "oracle": [True, False]}
    raw = {"seeds": 1, "horizon": 5, "grid": grid, "fixed": {"channel.latency": 1.0}}
    assert sweep(raw, tmp_path / "out", workers=1).results.manifest.varies == ["oracle"]
