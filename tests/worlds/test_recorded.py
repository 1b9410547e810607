"""A log is read as it stands, bad rows and all, and replayed as it happened."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import duckdb
import pytest

from plandrift.experiments.sweeps.run import sweep
from plandrift.policies import gated, plan_once
from plandrift.sim import Description, SettingError, Streams, run
from plandrift.worlds import Recorded
from plandrift.worlds.logs.change_log import opened
from plandrift.worlds.recorded import Replay
from tests.command import plandrift, refused
from tests.worlds.moving import moves
from tests.worlds.written_history import history, write_history

LOG = """time,fluent,value,set,who
0,a,a0,s0,ana
0,b,b0,s0,ana
100,a,a1,s1,bo
100,b,b1,s1,bo
150,c,c1,s2,chen
160,a,a2,s3,bo
190,b,b2,s4,ana
190,c,c2,s4,ana
300,a,a3,s5,chen
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    return path


def test_rows_are_put_in_order_with_what_was_before(log: Path) -> None:
    lines = LOG.splitlines()
    log.write_text("\n".join([lines[0], *reversed(lines[1:])]))
    rows = opened(str(log)).connection.execute(
        'select t, fluent, value, before, "set" from changes order by place'
    )
    found = rows.fetchall()
    assert [row[0] for row in found] == [0, 0, 100, 100, 150, 160, 190, 190, 300]
    assert [row[1:4] for row in found if row[1] == "a"] == [
        ("a", "a0", None),
        ("a", "a1", "a0"),
        ("a", "a2", "a1"),
        ("a", "a3", "a2"),
    ]
    sets = opened(str(log)).connection.execute("select number, t, fluents, changed, who from sets")
    assert sets.fetchall()[1] == (2, 100, 2, 2, "bo")


def test_one_log_in_three_formats_is_one_log(log: Path, tmp_path: Path) -> None:
    with duckdb.connect() as db:
        db.execute(f"copy (from read_csv('{log}')) to '{tmp_path}/log.parquet' (format parquet)")
        db.execute(f"copy (from read_csv('{log}')) to '{tmp_path}/log.jsonl' (format json)")
    rows = [
        opened(str(tmp_path / name)).connection.execute("from changes").fetchall()
        for name in ("log.csv", "log.parquet", "log.jsonl")
    ]
    assert rows[0] == rows[1] == rows[2]
    assert len(rows[0]) == 9


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_dates_are_times_too(tmp_path: Path, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In UTC where they do not say otherwise, wherever the machine stands."""
    monkeypatch.setenv("TZ", zone)
    path = tmp_path / "log.csv"
    path.write_text(
        "time,fluent,value\n2024-01-01T00:00:00Z,a,1\n2024-01-01 01:00:00,a,2\n"
        "2024-01-01T03:00:00+02:00,a,3\n2024-01-02,a,4\n"
    )
    times = opened(str(path)).connection.execute("select t from changes order by place").fetchall()
    assert [t for (t,) in times] == [0, 3600, 3600, 86400]


def seed_of(log: Path, number: int, **settings: object) -> int:
    """A seed that picks this change set."""
    for seed in range(200):
        scene = Recorded(log=str(log), from_first=1.0, **settings).begin(Streams(seed), 1.0)  # type: ignore[arg-type]
        assert isinstance(scene, Replay)
        if scene.number == number:
            return seed
    raise AssertionError(f"no seed picks set {number}")


def test_the_agent_does_a_real_change_set_while_the_others_go_on(log: Path) -> None:
    seed = seed_of(log, 2)
    world = Recorded(volatility=10.0, log=str(log), from_first=1.0)
    scene = world.begin(Streams(seed), 15.0)
    assert dict(scene.first) == {"a": "a0", "b": "b0", "c": None}
    assert dict(scene.goals) == {"a": "a1", "b": "b1"}
    calls = scene.plan(scene.first)
    assert [str(call) for call in calls or ()] == [
        "change(fluent='a', read='a0', to='a1')",
        "change(fluent='b', read='b0', to='b1')",
    ]
    # Set 4 is by the same author as the agent's; what lies beyond the horizon does not happen.
    assert list(moves(scene, dict(scene.first))) == [(5.0, "c", "c1"), (9.0, "b", "b2"), (9.0, "c", "c2")]
    anyone = Recorded(volatility=10.0, log=str(log), from_first=1.0, writes_by="anyone")
    assert (6.0, "a", "a2") in list(moves(anyone.begin(Streams(seed), 15.0), dict(scene.first)))


def test_a_change_over_a_newer_one_is_a_lost_update(log: Path) -> None:
    """The agent is at work on `b` when somebody else writes it at 9."""
    seed = seed_of(log, 2)
    world = Recorded(volatility=10.0, log=str(log), from_first=1.0)
    late = run(world, plan_once(), seed=seed, step_duration=9.5)
    assert [step.outcome for step in late.steps] == ["effective", "harmful"]
    assert late.steps[1].violated == (("b", 9.0),)
    assert late.metrics.success
    aware = run(world, gated(), seed=seed, step_duration=9.5)
    assert [step.outcome for step in aware.steps] == ["effective", "effective"]


def test_what_was_deleted_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,fluent,value,set,who\n0,a,x,1,ana\n10,a,y,2,ana\n15,a,deleted,3,bo\n99,b,z,4,bo\n")
    world = Recorded(volatility=1.0, log=str(path), from_first=1.0)
    seed = seed_of(path, 2)
    episode = run(world, plan_once(), seed=seed, action_latency=7.0)
    assert [step.outcome for step in episode.steps] == ["rejected"]


def test_a_window_takes_no_more_than_it_needs(tmp_path: Path) -> None:
    """And every speed of the replay gets the same change set for a seed."""
    write_history(tmp_path / "long.csv", sets=3000)
    worlds = [Recorded(volatility=v, log=str(tmp_path / "long.csv")) for v in (600.0, 3600.0)]
    scenes = [world.begin(Streams(3), 10.0) for world in worlds]
    assert dict(scenes[0].goals) == dict(scenes[1].goals)
    changes = [list(takewhile(lambda change: change[0] < 10, scene.changes())) for scene in scenes]
    assert 0 < len(changes[0]) < len(changes[1]) < 200


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,fluent,value\n", "there are no rows"),
        ("", "there is no column 'time'|cannot be read"),
        ("time,fluent,value\n5,a,1\n5,b,2\n", "the same time"),
        ("time,what,value\n5,a,1\n", "no column 'fluent'"),
        ("time,fluent,value\n1,a,1\nsoon,a,2\n\n3,,3\n9,a,4\n", "2 bad rows: line 3: .*; line 5: it names"),
        ('time,fluent,value\n1,a,1\n2,a,"x\ny"\nnan,a,3\n', "1 bad row: line 5: time 'nan'"),
        ("time,fluent,value\n" + "x,a,1\n" * 9 + "1,a,1\n", "9 bad rows: line 2.*line 6.*and 4 more"),
        ("time,fluent,value\n0,a,same\n5,a,same\n9,b,same\n", "no change set in the first 50%"),
    ],
)
def test_a_log_that_cannot_be_used_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text)
    with pytest.raises(SettingError, match=said) as refusal:
        Recorded(log=str(path), least=2, from_first=0.5).begin(Streams(0), 10.0)
    assert "\n" not in str(refusal.value)


def test_bad_rows_of_json_lines_are_named_by_line_and_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    rows = [json.dumps({"time": t, "fluent": "a", "value": f"v{t}"}) for t in range(4)]
    path.write_text("\n".join([rows[0], "", "{oops", *rows[1:]]))
    with pytest.raises(SettingError, match=r"1 bad row: line 3"):
        opened(str(path))
    kept = opened(str(path), skip_bad_rows=True)
    assert kept.connection.execute("select count(*) from changes").fetchone() == (4,)


@pytest.mark.parametrize("name", ["none.csv", "log.txt", "."])
def test_what_is_no_log_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "log.txt").write_text(LOG)
    with pytest.raises(SettingError, match=r"give a CSV|end its name in"):
        opened(str(tmp_path / name))


def test_a_world_without_a_log_says_so() -> None:
    with pytest.raises(SettingError, match=r"world\.log is not given"):
        run(Recorded(), plan_once())


def test_a_sweep_over_no_log_is_refused_before_it_runs(tmp_path: Path) -> None:
    spec = {"world": "recorded", "policy": "gated", "seeds": 2, "grid": {"volatility": [60, 600]}}
    with pytest.raises(SettingError, match=r"world\.log is not given"):
        sweep(spec, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_changed_log_is_read_anew(log: Path) -> None:
    opened(str(log))
    log.write_text(LOG + "400,a,a4,s6,bo\n")
    assert opened(str(log)).span == 400


def test_volatility_is_the_speed_of_the_replay() -> None:
    """Twice as fast, the same changes come in half the time."""
    logs = [
        list(moves(scene, dict(scene.first)))
        for v, horizon in ((100.0, 40.0), (200.0, 20.0))
        for scene in [Recorded(volatility=v, log=history()).begin(Streams(1), horizon)]
    ]
    assert logs[0]
    assert [change[1:] for change in logs[0]] == [change[1:] for change in logs[1]]
    assert [t / 2 for t, _, _ in logs[0]] == pytest.approx([t for t, _, _ in logs[1]])


def test_it_is_said_how_many_foreign_writes_met_the_plan(log: Path) -> None:
    """Set 2 of bo's, at 100: others write c at 150, b and c at 190 and a at 300."""
    world = Recorded(log=str(log), volatility=10.0, from_first=0.6)
    seed = next(s for s in range(40) if _scene(world, s).goals == {"a": "a1", "b": "b1"})
    scene = _scene(world, seed)
    metrics = run(world, plan_once(), seed=seed).metrics
    remark = Description.of(scene).remark
    soon, later = (replace(metrics, duration=d) for d in (4.0, 9.0))
    assert remark(soon).startswith("meanwhile there were 0 writes by others, 0 of them")
    # b is written first, 90 s later: at 22.5 s a unit of time the plan would meet it.
    assert remark(soon).endswith("the first comes after 90 s: try --volatility 22.5 or more, or --find")
    assert remark(later) == "meanwhile there were 3 writes by others, 1 of them to fluents of the plan"


def test_a_plan_that_others_meet_is_found_with_its_speed(log: Path, tmp_path: Path) -> None:
    """Of two that are met, set 2 at the lowest speed: ana writes b 90 s later, just before its turn."""
    words = ("run", "recorded", "--set", f"world.log={log}", "--set", "world.from_first=1", "--find")
    done = plandrift(*words, "--policy", "plan-once", "--json", cwd=tmp_path)
    episode = json.loads(done.stdout)
    assert [step["outcome"] for step in episode["steps"]] == ["effective", "harmful"]
    seed = seed_of(log, 2)
    assert done.stderr.startswith(f"--seed {seed} --volatility 180: the seeds below 1000 pick 6 change sets")
    assert "hits the plan of 2 of them" in done.stderr
    assert "b is written 90 s after the change set, here just before step 2" in done.stderr
    same = (
        "run",
        "recorded",
        "--set",
        f"world.log={log}",
        "--set",
        "world.from_first=1",
        "--seed",
        str(seed),
    )
    again = plandrift(*same, "--volatility", "180", "--policy", "plan-once", "--json", cwd=tmp_path)
    assert json.loads(again.stdout) == episode
    looked = plandrift(*words, "--policy", "look-first", "--json", cwd=tmp_path)
    assert json.loads(looked.stdout)["metrics"]["harm"] == 0
    assert "leave these out, or --find" in refused(*words, "--volatility", "2", cwd=tmp_path)
    # Nobody else comes back to what a plan changes second.
    log.write_text("\n".join(line for line in LOG.splitlines() if ",b," not in line or ",b0," in line))
    assert "hits no plan of two or more fluents" in refused(*words, cwd=tmp_path)


def _scene(world: Recorded, seed: int) -> Replay:
    scene = world.begin(Streams(seed), 60.0)
    assert isinstance(scene, Replay)
    return scene
