"""Each command through the installed command line, from its words to what it prints and writes."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from plandrift.experiments.analysis.closed_forms import cases
from plandrift.experiments.cli.commands.run import SIX, why
from plandrift.experiments.cli.main import COMMANDS
from plandrift.experiments.sweeps.condition import condition
from plandrift.policies import POLICIES
from plandrift.sim.measure.metrics import CREW, METRICS
from plandrift.worlds import WORLDS
from tests.command import COMMAND, apart, plandrift, refused


def test_worlds_lists_each_with_its_settings_defaults_and_units(tmp_path: Path) -> None:
    said = plandrift("worlds", cwd=tmp_path).stdout
    for name in WORLDS:
        assert f"\n{name}  " in "\n" + said
    row = next(line for line in said.splitlines() if "world.endpoints" in line).split()
    assert row[:3] == ["world.endpoints", "4", "endpoints"]
    assert "channel.poll_every" in plandrift("list", "settings", cwd=tmp_path).stdout
    only = plandrift("list", "worlds", "telegraph", cwd=tmp_path).stdout
    assert "world.requires" in only
    assert "world.endpoints" not in only


def test_policies_lists_each_with_its_parts(tmp_path: Path) -> None:
    said = plandrift("list", "policies", cwd=tmp_path).stdout
    for name in POLICIES:
        assert f"\n{name}  " in "\n" + said
    gated = said[said.index("\ngated") :].splitlines()[2]
    assert "trigger = touched, drift_gate = true, reconcile = true" in gated
    assert "policy.max_replans" in said


def test_run_prints_a_row_a_step_and_the_figures(tmp_path: Path) -> None:
    words = ("records", "--policy", "gated", "--volatility", 0.05, "--latency", 1, "--seed", 7)
    said = plandrift("run", *words, cwd=tmp_path).stdout
    episode = condition("records", "gated", {"volatility": 0.05, "channel.latency": 1}).run(7)
    rows = [line for line in said.splitlines() if "update_record(" in line]
    assert [row.split()[:3] for row in rows] == [
        [str(number), f"{step.time:.2f}", f"{step.staleness:.0%}"]
        for number, step in enumerate(episode.steps, 1)
    ]
    assert max(map(len, said.splitlines())) <= 80
    assert said.count("\n") == len(rows) + 5
    whole = plandrift("run", *words, "--wide", "--metrics", "all", cwd=tmp_path).stdout
    assert all(str(step.call) in whole for step in episode.steps)
    for text, names in (
        (said, SIX.split(",")),
        (whole, [name for name in METRICS if not name.startswith(("cause_", "mast_")) and name not in CREW]),
    ):
        figures = text.split()
        for name in names:
            value = episode.metrics.row()[name]
            shown = figures[figures.index(name, figures.index("seed")) + 1]
            assert shown == ("–" if math.isnan(value) else f"{value:.4g}")
    assert "did you mean 'duration'" in refused("run", "records", "--metrics", "duratio", cwd=tmp_path)


@pytest.mark.parametrize(("slip", "says"), [(0.0, ""), (1.0, "planned: ")])
def test_a_row_says_why_a_step_failed(slip: float, says: str) -> None:
    settings = {"volatility": 0.05, "channel.latency": 1, "agent.slip": slip}
    steps = condition("records", "plan-once", settings).run(7).steps
    moved = [step for step in steps if step.violated and not step.mismatch]
    assert all(why(step).removeprefix("stale: ").startswith(step.violated[0][0]) for step in moved)
    assert moved or slip
    assert all(why(step).startswith("planned: ") == step.mismatch for step in steps)
    assert any(says in why(step) for step in steps)


def as_json(*args: object, cwd: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(plandrift("run", *args, "--json", cwd=cwd).stdout)
    return found


def test_run_json_is_the_same_as_one_object(tmp_path: Path) -> None:
    found = as_json("records", "--policy", "plan-once", "--seed", 7, cwd=tmp_path)
    assert found["world"] == "records"
    assert found["policy"] == "plan-once"
    assert found["seed"] == 7
    assert set(METRICS) == set(found["metrics"])
    assert len(found["steps"]) == found["metrics"]["steps_fired"]
    assert found["settings"]["agent.step_duration"] == 1.0
    assert found["settings"]["policy.trigger"] == "never"
    misfires = [s for s in found["steps"] if s["misfire"]]
    assert len(misfires) == found["metrics"]["misfires"]


def test_every_setting_of_the_issue_reaches_its_part(tmp_path: Path) -> None:
    given = {
        "horizon": 30.0,
        "world.steps": 12,
        "world.values": 3,
        "world.requires": 2,
        "world.fluents": 9,
        "channel.sampling": "poll",
        "channel.latency": "gamma(mean=2, shape=4)",
        "channel.poll_every": 2.0,
        "channel.loss": 0.1,
        "agent.thinking_time": "exponential(mean=0.5)",
        "agent.thinking": "concurrent",
        "agent.interrupted": "restart",
        "agent.step_duration": 1.5,
        "agent.action_latency": 0.2,
        "agent.prepare_time": 0.1,
        "agent.read_latency": 0.3,
        "policy.reads": "fresh",
        "policy.compares": "version",
        "policy.on_violation": "warn",
        "policy.checks": "prepare",
        "policy.drift_gate": True,
    }
    words = [f"--set={name}={str(value).lower()}" for name, value in given.items()]
    found = as_json("telegraph", "--policy", "replan-each", *words, cwd=tmp_path)
    for name, value in given.items():
        assert found["settings"][name] == value


@pytest.mark.long
def test_trace_and_figure_are_written(tmp_path: Path) -> None:
    plandrift(
        "run",
        "records",
        "--policy",
        "plan-once",
        "--seed",
        7,
        "--latency",
        1,
        "--trace",
        "run.jsonl",
        "--figure",
        "run.png",
        cwd=tmp_path,
    )
    events = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert {e["event"] for e in events} >= {
        "exogenous",
        "observation-sent",
        "observation-delivered",
        "replan-requested",
        "plan",
        "verdict",
        "fire",
        "outcome",
        "end",
    }
    assert [e["t"] for e in events] == sorted(e["t"] for e in events)
    with Image.open(tmp_path / "run.png") as picture:
        assert picture.width > 1000


@pytest.mark.slow
def test_the_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for hashed in ("0", "1"):
        name = f"run{hashed}"
        apart(
            "run",
            "tickets",
            "--policy",
            "gated",
            "--seed",
            3,
            "--trace",
            f"{name}.jsonl",
            "--figure",
            f"{name}.svg",
            cwd=tmp_path,
            PYTHONHASHSEED=hashed,
        )
        written.append([(tmp_path / f"{name}{end}").read_bytes() for end in (".jsonl", ".svg")])
    assert written[0] == written[1]


def test_the_oracle_hears_at_once_and_thinks_in_no_time(tmp_path: Path) -> None:
    words = [
        "records",
        "--policy",
        "replan-each",
        "--latency",
        3,
        "--set",
        "agent.thinking_time=2",
        "--seed",
        4,
    ]
    slow = as_json(*words, cwd=tmp_path)
    oracle = as_json(*words, "--oracle", cwd=tmp_path)
    assert oracle["settings"]["channel.latency"] == 0
    assert oracle["metrics"]["thinking_time"] == 0 < slow["metrics"]["thinking_time"]


def test_narrate_tells_the_story(tmp_path: Path) -> None:
    said = plandrift("run", "records", "--policy", "plan-once", "--seed", 7, "--narrate", cwd=tmp_path).stdout
    assert "was moved from" in said
    assert "updates record" in said


def test_a_policy_can_be_given_arguments(tmp_path: Path) -> None:
    found = as_json("records", "--policy", "bounded(gated, max_replans=2)", "--volatility", 0.3, cwd=tmp_path)
    assert found["settings"]["policy.max_replans"] == 2
    assert found["metrics"]["replans"] <= 2
    found = as_json("records", "--policy", "periodic(3)", cwd=tmp_path)
    assert found["settings"]["policy.every"] == 3


OWN = '''\
from dataclasses import dataclass
from plandrift.sim import Call, Policy, Scene, World, Decision


@dataclass(frozen=True)
class Door(World):
    """A door."""

    def begin(self, random, horizon):
        return Corridor()


class Corridor(Scene):
    first = {"door": "open", "place": 0}
    goals = {"place": 1}

    def changes(self):
        return iter([(0.5, "door", "shut")])

    def requires(self, call):
        return {"door": "open"}

    def effects(self, call):
        return {"place": 1}

    def plan(self, belief):
        return [Call.of("walk")] if belief["place"] == 0 else []


class Eager(Policy):
    def observed(self, view, observation):
        return Decision("replan")


@dataclass(frozen=True)
class Hollow(World):
    """A world with no begin."""


class Plain:
    pass
'''


def test_a_module_of_ones_own_is_named_where_a_built_in_name_fits(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN)
    found = as_json("mine:Door", "--policy", "mine:Eager", "--set", "agent.thinking_time=1", cwd=tmp_path)
    assert found["world"] == "mine:Door"
    assert found["metrics"]["misfires"] >= 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["recrods"], "unknown world 'recrods': did you mean 'records'?"),
        (["records", "--policy", "gatd"], "did you mean 'gated'?"),
        (["records", "--set", "channel.latncy=1"], "did you mean 'channel.latency'?"),
        (["records", "--set", "channel.latency"], "NAME=VALUE"),
        (["records", "--set", "world.records=many"], "world.records = 'many'"),
        (["records", "--volatility", "-1"], "volatility = -1"),
        (["records", "--volatility", "nan"], "volatility = nan"),
        (["records", "--horizon", "0"], "horizon = 0"),
        (["records", "--horizon", "inf"], "horizon = inf"),
        (["records", "--latency", "gama(2)"], "channel.latency: 'gama(2)' is not a time"),
        (
            ["records", "--set", "channel.sampling=poll", "--set", "channel.poll_every=0"],
            "channel.poll_every = 0",
        ),
        (["records", "--set", "policy.reads=new"], "policy.reads = 'new'"),
        (["records", "--seed", "-3"], "seed = -3"),
        (["records", "--figure", "no/run.png"], "there is no folder no"),
        (["records", "--figure", "run.gif"], ".png, .svg or .pdf"),
        (["records", "--trace", "no/run.jsonl"], "there is no folder no"),
        (["records", "--trace", "."], "Is a directory"),
        (["nowhere:World"], "no module 'nowhere'"),
        (["broken:World"], "importing broken failed: SyntaxError"),
        (["mine:Doors"], "mine has no 'Doors': did you mean 'Door'?"),
        (["mine:Hollow"], "lacks begin"),
        (["mine:Plain"], "is not a world"),
        (["records", "--policy", "mine:Plain"], "is not a policy"),
    ],
)
def test_wrong_input_to_run_is_one_line(tmp_path: Path, args: list[str], says: str) -> None:
    (tmp_path / "mine.py").write_text(OWN)
    (tmp_path / "broken.py").write_text("class World(:\n")
    assert says in refused("run", *args, cwd=tmp_path)


CHEAP = "plan-once misfire"
"""A closed form whose episodes are short."""


@pytest.mark.long
def test_validate_holds_theory_against_simulation(tmp_path: Path) -> None:
    count = sum(CHEAP in case.name for case in cases())
    assert count >= 2
    done = plandrift("validate", "--only", CHEAP, "--error", 0.1, cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert lines[0].split()[-5:] == ["n", "theory", "measured", "std.err.", "z"]
    assert len([line for line in lines if line.startswith(CHEAP)]) == count
    assert f"{count} of {count} agree" in lines[-1]


@pytest.mark.long
def test_demo_sweeps_prints_and_draws(tmp_path: Path) -> None:
    said = plandrift("demo", "--seeds", 2, cwd=tmp_path).stdout
    policies = ("plan-once", "on-error", "replan-each", "gated", "look-first", "if-match")
    assert [len([row for row in said.splitlines() if row.split()[:1] == [p]]) for p in policies] == [6] * 6
    assert "engine: simpy" in said
    assert "every goal is reached by" in said
    assert "if-match did no harm" in said
    for name in ("staleness.png", "guards.png"):
        with Image.open(tmp_path / "results" / "demo" / name) as picture:
            assert picture.width > 1000


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("swept")
    (folder / "spec.toml").write_text(
        'title = "t"\nworld = "records"\nseeds = 20\n[grid]\npolicy = ["gated", "plan-once"]\n'
        'volatility = [0.02, 0.2]\n"channel.latency" = [0, 1.0]\n[fixed]\nhorizon = 40\n'
    )
    plandrift("sweep", "spec.toml", "--out", "out", cwd=folder)
    return folder


@pytest.mark.long
def test_dry_run_says_what_it_would_take(swept: Path) -> None:
    said = plandrift("sweep", "spec.toml", "--dry-run", cwd=swept).stdout
    assert "8 conditions × 20 seeds = 160 episodes" in said
    assert "on disk" in said
    assert " on 2 workers" in said
    assert "an undisturbed episode takes" in said


@pytest.mark.slow
def test_table_in_every_format(swept: Path) -> None:
    words = [
        "table",
        "out",
        "--by",
        "policy,volatility",
        "--metric",
        "plan_staleness,success",
        "--over",
        "all",
    ]
    rows = json.loads(plandrift(*words, "--format", "json", cwd=swept).stdout)
    assert [(r["policy"], r["volatility"]) for r in rows[::2]] == [
        ("gated", 0.02),
        ("gated", 0.2),
        ("plan-once", 0.02),
        ("plan-once", 0.2),
    ]
    assert all(r["n"] == 20 and r["episodes"] == 40 for r in rows)
    assert all(r["low"] <= r["mean"] <= r["high"] for r in rows)
    text = plandrift(*words, cwd=swept).stdout.splitlines()
    assert text[-1] == "Averaged over channel.latency (0, 1)."
    assert "Metrics plan_staleness, success, 95 % intervals, n = 20 seeds" in "\n".join(text)
    csv = plandrift(*words, "--format", "csv", cwd=swept).stdout.splitlines()
    achieved = "success,goals_met,steps_fired,cut_off"
    assert csv[0] == f"policy,volatility,metric,mean,low,high,n,few,episodes,without,{achieved}"
    assert len(csv) == 9
    markdown = plandrift(*words, "--format", "markdown", cwd=swept).stdout.splitlines()
    assert markdown[1].startswith("| --- | ---: | --- |")
    for statistic in ("median", "quantile", "bootstrap"):
        got = json.loads(plandrift(*words, "--statistic", statistic, "--format", "json", cwd=swept).stdout)
        assert len(got) == 8


def test_compare_pairs_by_seed(swept: Path) -> None:
    words = [
        "compare",
        "out",
        "--between",
        "policy=gated,plan-once",
        "--metric",
        "misfires",
        "--by",
        "volatility",
        "--over",
        "channel.latency",
    ]
    rows = json.loads(plandrift(*words, "--format", "json", cwd=swept).stdout)
    assert [r["volatility"] for r in rows] == [0.02, 0.2]
    for row in rows:
        assert row["n"] == 20
        assert row["difference"] == pytest.approx(row["misfires at gated"] - row["misfires at plan-once"])
    assert rows[1]["verdict"] == "less"


def test_sql_and_export_and_status(swept: Path) -> None:
    said = plandrift(
        "sql",
        "out",
        'select policy, count(*) n from episodes where "channel.latency" = 1 group by 1 order by 1',
        "--format",
        "csv",
        cwd=swept,
    ).stdout
    assert said.splitlines() == ["policy,n", "gated,40", "plan-once,40"]
    plandrift("export", "out", "--to", "rows.csv", cwd=swept)
    assert len((swept / "rows.csv").read_text().splitlines()) == 161
    plandrift("export", "out", "--to", "rows.parquet", cwd=swept)
    assert (swept / "rows.parquet").stat().st_size > 1000
    status = plandrift("status", "out", cwd=swept).stdout
    assert "done 160  left 0  failed 0" in status


@pytest.mark.long
def test_sensitivity_splits_the_variance(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(
        'world = "telegraph"\npolicy = "plan-once"\nseeds = 2\n[random]\n'
        'volatility = {low = 0.005, high = 0.2, scale = "log"}\n"channel.latency" = {low = 0, high = 4}\n'
    )
    words = ["sensitivity", "spec.toml", "--samples", 32, "--metric", "plan_staleness", "--out", "out"]
    rows = json.loads(plandrift(*words, "--format", "json", cwd=tmp_path).stdout)
    assert [r["setting"] for r in rows] == ["volatility", "channel.latency"]
    # A plan made once does not care how late the news is.
    assert rows[0]["total"] > 0.7
    assert abs(rows[1]["total"]) < 0.01
    assert "0 episodes run" in plandrift(*words, "--figure", "indices.svg", cwd=tmp_path).stderr
    drawn = (tmp_path / "indices.svg").read_text()
    assert "channel.latency" in drawn
    assert "including interactions" in drawn


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["table", "nowhere"], "no sweep in it"),
        (["table", "out", "--by", "volatlity"], "did you mean 'volatility'?"),
        (["table", "out", "--metric", "misfire"], "did you mean 'misfires'?"),
        (["table", "out", "--format", "xml"], "--format xml"),
        (["table", "out", "--statistic", "mode"], "statistic 'mode'"),
        (["compare", "out", "--between", "policy=gated"], "two values"),
        (["compare", "out", "--between", "policy=gated,warn"], "no condition has policy = warn"),
        (["compare", "out", "--between", "horizon=1,2"], "'horizon' does not vary"),
        (["sql", "out", "selct 1"], "sql: Parser Error"),
        (["export", "out", "--to", "rows.xls"], ".csv or .parquet"),
        (["export", "out", "--to", "no/rows.csv"], "there is no folder no"),
        (["status", "."], "no sweep in it"),
        (["sensitivity", "spec.toml"], "no [random]"),
        (["worlds", "telegraf"], "did you mean 'telegraph'?"),
        (["policies", "gate"], "did you mean 'gated'?"),
        (["validate", "--only", "nothing such"], "no case"),
        (["validate", "--error", "0"], "--error 0"),
        (["advise", "--agents", "0..4"], "--agents 0..4: give numbers from 1 to 64"),
        (["advise", "--agents", "some"], "--agents some: give 8, or 1,2,4, or 1..16"),
        (["advise", "--agents", "4", "--think", "3s to 8s"], "--think 3s to 8s: with --agents, give one"),
        (["advise", "--agents", "4", "--world", "records"], "--world: it does nothing with --agents"),
        (["advise", "--agents", "4", "--without", "serail"], "did you mean 'serial'?"),
        (["run", "ledger", "--agents", "0"], "crew.agents = 0: give a number of at least 1"),
        (["run", "ledger", "--agents", "65"], "crew.agents = 65: give a number of at most 64"),
        (["run", "ledger", "--agents", "2", "--set", "crew.lease=1"], "none has no locks"),
        (["run", "routes", "--agents", "2"], "Routes has room for only one agent: it has one van"),
        (["tabel"], "tabel"),
    ],
)
def test_wrong_input_elsewhere_is_one_line(swept: Path, args: list[str], says: str) -> None:
    assert says in refused(*args, cwd=swept)


@pytest.mark.long
def test_a_reader_that_closes_early_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        f"{COMMAND} worlds | head -1", shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_no_words_at_all_show_every_command(tmp_path: Path) -> None:
    said = plandrift(cwd=tmp_path).stdout
    assert all(f"  {name} " in said for name in COMMANDS)
    assert "Missing command" in refused("agent", "import", cwd=tmp_path)
    assert "No such command 'swep'" in refused("swep", cwd=tmp_path)
