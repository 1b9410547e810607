"""A sweep's folder that a kill, a disk or a hand has harmed: said in one line, and mended by the next run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plandrift.experiments.sweeps.chunk_records import FILE, installed
from plandrift.experiments.sweeps.results import DamagedError, Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.sim import PlandriftError, SettingError
from tests.command import plandrift, refused

RAW: dict[str, Any] = {
    "world": "telegraph",
    "seeds": 8,
    "grid": {"policy": ["plan-once", "gated"]},
    "horizon": 20,
}


def rows(folder: Path) -> list[Any]:
    with Results(folder).connect() as connection:
        episodes = connection.execute("select * from episodes order by condition, seed").fetchall()
        steps = connection.execute("select * from steps order by condition, seed, time, step").fetchall()
    return [episodes, steps]


@pytest.fixture(scope="module", autouse=True)
def in_this_process() -> Iterator[None]:
    """Processes take longer to start than these episodes to run, and have nothing to do with damage."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
        yield


@pytest.fixture(scope="module")
def whole(in_this_process: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    folder = tmp_path_factory.mktemp("whole") / "out"
    # Each half of the rows in a chunk of its own, so that one can be lost and one is left.
    sweep(RAW | {"seeds": 4}, folder, steps=True, workers=1)
    sweep(RAW, folder, steps=True, workers=1, extend=True)
    assert len(list((folder / "episodes").iterdir())) == 2
    return folder, rows(folder)


@pytest.fixture
def folder(whole: tuple[Path, list[Any]], tmp_path: Path) -> Path:
    shutil.copytree(whole[0], tmp_path / "out")
    return tmp_path / "out"


EPISODES, STEPS = "episodes/part-00000000.parquet", "steps/part-00000000.parquet"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def garble(path: Path) -> None:
    held = path.read_bytes()
    path.write_bytes(held[:4] + bytes(len(held) // 2) + held[4 + len(held) // 2 :])


def into_folder(folder: Path) -> None:
    (folder / EPISODES).unlink()
    (folder / EPISODES).mkdir()


def again_as_number_7(folder: Path) -> None:
    for part in (EPISODES, STEPS):
        shutil.copy(folder / part, folder / part.replace("0.", "7."))


HARM: dict[str, tuple[Callable[[Path], object], int]] = {
    "episodes cut short": (lambda f: cut(f / EPISODES), 8),
    "steps cut short": (lambda f: cut(f / STEPS), 8),
    "episodes empty": (lambda f: (f / EPISODES).write_bytes(b""), 8),
    "steps empty": (lambda f: (f / STEPS).write_bytes(b""), 8),
    "episodes of garbage": (lambda f: (f / EPISODES).write_bytes(b"\x93" * 5000), 8),
    "episodes with nothing in their middle": (lambda f: garble(f / EPISODES), 8),
    "steps with nothing in their middle": (lambda f: garble(f / STEPS), 8),
    "episodes that are a folder": (into_folder, 8),
    "a manifest cut short": (lambda f: cut(f / "manifest.json"), 0),
    "a manifest that is no text": (lambda f: (f / "manifest.json").write_bytes(b"\xff\xfe\x00{"), 0),
    "a manifest of another shape": (lambda f: (f / "manifest.json").write_text("[]"), 0),
}


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARM)
def test_what_is_damaged_is_named_and_its_episodes_are_run_again(
    harm: str, folder: Path, whole: tuple[Path, list[Any]]
) -> None:
    do, again = HARM[harm]
    do(folder)
    with pytest.raises(DamagedError) as said:
        rows(folder)
    assert str(folder) in str(said.value)
    assert "plandrift sweep" in str(said.value)
    assert "8 are left" in str(said.value) or not again
    outcome = sweep(RAW, folder, steps=True, workers=1)
    assert outcome.ran == again
    assert len(outcome.repaired) == 1
    assert rows(folder) == whole[1]
    assert sweep(RAW, folder, steps=True, workers=1).repaired == []


GONE: dict[str, tuple[Callable[[Path], object], int, int]] = {
    "steps deleted": (lambda f: (f / STEPS).unlink(), 8, 1),
    "episodes deleted": (lambda f: (f / EPISODES).unlink(), 8, 0),
    "all steps deleted": (lambda f: shutil.rmtree(f / "steps"), 16, 2),
    "a part copied": (again_as_number_7, 0, 2),
    "steps of other episodes": (
        lambda f: shutil.copy(f / STEPS.replace("0.", "1."), f / STEPS),
        8,
        1,
    ),
    "a stray": (lambda f: (f / "episodes" / "part-abc.parquet").write_text("x"), 0, 1),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), 0, 1),
    "progress of another shape": (lambda f: (f / "progress.json").write_text('["rate"]'), 0, 0),
    "progress without a rate": (lambda f: (f / "progress.json").write_text('{"done": 3}'), 0, 0),
    "failures that are no text": (lambda f: (f / "failures.jsonl").write_bytes(b"\xff\n[1]\n{}\n"), 0, 0),
}


@pytest.mark.slow
@pytest.mark.parametrize("harm", GONE)
def test_what_is_gone_or_strange_is_made_whole(
    harm: str, folder: Path, whole: tuple[Path, list[Any]]
) -> None:
    do, again, lines = GONE[harm]
    do(folder)
    outcome = sweep(RAW, folder, steps=True, workers=1)
    assert outcome.ran == again
    assert len(outcome.repaired) == lines, outcome.repaired
    assert rows(folder) == whole[1]


def test_rows_of_another_spec_are_never_mixed_in(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")
    with pytest.raises(PlandriftError, match="rows from another spec"):
        sweep(RAW | {"seeds": 5}, folder, steps=True)


def test_half_a_chunk_is_not_read(folder: Path) -> None:
    shutil.copy(folder / STEPS, folder / "steps" / "part-00000009.parquet")
    with Results(folder).connect() as connection:
        twice = connection.execute(
            "select count(*) - count(distinct (condition, seed, time, plan, step)) from steps"
        )
        assert twice.fetchone() == (0,)


def test_a_folder_is_named_by_no_pattern(tmp_path: Path, whole: tuple[Path, list[Any]]) -> None:
    for name in ("a1", "a[12]", "a*", "a?", "a'b", "a[1"):
        shutil.copytree(whole[0], tmp_path / name)
    for name in ("a[12]", "a*", "a?", "a'b", "a[1"):
        assert rows(tmp_path / name) == whole[1]
    (tmp_path / "a1" / EPISODES).unlink()
    assert rows(tmp_path / "a[12]") == whole[1]


def test_status_and_reports_say_it_in_one_line(folder: Path) -> None:
    (folder / "progress.json").write_text('["rate"]')
    assert "not running" in plandrift("status", "out", cwd=folder.parent).stdout
    cut(folder / EPISODES)
    for command in ("status", "table", "report"):
        assert EPISODES in refused(command, "out", cwd=folder.parent)


def test_stopped_at_the_very_start_it_can_be_begun_again(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json.tmp").write_text('{"tit')
    assert sweep(RAW, tmp_path / "out", workers=1).ran == 16


def rewrite(path: Path, query: str) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"create table held as from read_parquet('{path}')")
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")


def swap(folder: Path) -> None:
    one, other = sorted((folder / "episodes").iterdir())
    one.rename(folder / "held")
    other.rename(one)
    (folder / "held").rename(other)


CHANGED: dict[str, tuple[Callable[[Path], object], int]] = {
    "a figure is another": (
        lambda f: rewrite(f / EPISODES, "select * replace (misfires + 5 as misfires) from held"),
        8,
    ),
    "doubled": (lambda f: rewrite(f / EPISODES, "from held union all from held"), 8),
    "halved": (lambda f: rewrite(f / EPISODES, "from held where seed < 2"), 8),
    "written again with the same rows": (lambda f: rewrite(f / EPISODES, "from held order by seed desc"), 8),
    "steps halved": (lambda f: rewrite(f / STEPS, "from held where step < 2"), 8),
    "swapped": (swap, 16),
    "put in the place of another": (
        lambda f: shutil.copy(f / EPISODES, f / EPISODES.replace("0.", "1.")),
        8,
    ),
    "the digest is another": (
        lambda f: (f / FILE).write_text((f / FILE).read_text().replace('"episodes": "', '"episodes": "f', 1)),
        8,
    ),
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_part_that_has_changed_is_named_and_its_episodes_are_run_again(
    change: str, folder: Path, whole: tuple[Path, list[Any]]
) -> None:
    do, again = CHANGED[change]
    do(folder)
    with pytest.raises(DamagedError, match=rf"{again} episodes are lost, .* {16 - again} are left"):
        rows(folder)
    assert "part-0000000" in refused("status", "out", cwd=folder.parent)
    outcome = sweep(RAW, folder, steps=True, workers=1)
    assert outcome.ran == again
    assert rows(folder) == whole[1]


@pytest.mark.slow
@given(
    where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), kind=st.sampled_from([EPISODES, STEPS])
)
@example(where=0.9375, bit=0, kind=STEPS)  # which makes DuckDB's connection unusable
@settings(max_examples=60, deadline=None)
def test_no_bit_can_change_unseen(where: float, bit: int, kind: str, whole: tuple[Path, list[Any]]) -> None:
    path = whole[0] / kind
    held = path.read_bytes()
    flipped = bytearray(held)
    flipped[int(where * len(held))] ^= 1 << bit
    try:
        path.write_bytes(flipped)
        with pytest.raises(DamagedError), Results(whole[0]).connect():
            pass
    finally:
        path.write_bytes(held)


def test_a_folder_that_is_older_than_digests_is_read_and_said_to_be_unverified(
    folder: Path, whole: tuple[Path, list[Any]]
) -> None:
    (folder / FILE).unlink()
    assert rows(folder) == whole[1]
    assert "2 of 2 parts are unverified" in plandrift("status", "out", cwd=folder.parent).stdout
    assert (
        "2 of 2 parts are unverified" in plandrift("table", "out", "--by", "policy", cwd=folder.parent).stdout
    )
    sweep(RAW | {"seeds": 9}, folder, steps=True, workers=1, extend=True)
    assert "2 of 3 parts are unverified" in plandrift("status", "out", cwd=folder.parent).stdout
    again_as_number_7(folder)
    with pytest.raises(DamagedError, match="the sweep did not write it"):
        rows(folder)


def test_a_line_of_digests_that_was_not_finished_harms_nothing(folder: Path) -> None:
    with (folder / FILE).open("a") as file:
        file.write('{"number": 2, "rows"')
    assert sweep(RAW | {"seeds": 9}, folder, steps=True, workers=1, extend=True).ran == 2
    assert len(rows(folder)[0]) == 18


def test_rows_of_two_versions_are_mixed_only_by_name(folder: Path) -> None:
    path = folder / FILE
    path.write_text(
        path.read_text().replace(f'"plandrift": "{installed("plandrift")}"', '"plandrift": "0.0.9"')
    )
    with pytest.raises(SettingError, match=r"rows of plandrift 0\.0\.9 are in it.*--mixed-versions"):
        sweep(RAW, folder, steps=True, workers=1)
    assert "made by plandrift 0.0.9, numpy" in plandrift("status", "out", cwd=folder.parent).stdout
    sweep(RAW | {"seeds": 9}, folder, steps=True, workers=1, extend=True, mixed_versions=True)
    said = plandrift("table", "out", "--by", "policy", cwd=folder.parent).stdout
    assert f"Rows from plandrift 0.0.9 and {installed('plandrift')} are mixed." in said


def test_a_worker_of_another_version_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plandrift.experiments.sweeps.chunk_records.installed", lambda _: "0.0.9")
    with pytest.raises(PlandriftError, match=r"process \d+ of .* has plandrift 0\.0\.9, and this is"):
        sweep(RAW, tmp_path / "out", workers=1)
    assert not Results(tmp_path / "out").parts()
