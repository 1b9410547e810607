"""A small repository with a known history, imported; and the survival of its plans, worked out by hand."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from plandrift.experiments.analysis.survival import survival
from plandrift.worlds.logs.change_log import opened
from tests.command import plandrift, refused

START = 1_700_000_000
HOUR = 3600
LONG = "".join(f"line {i}\n" for i in range(30))


class Repository:
    """A git repository whose commits are made at given hours by given people."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str, **env: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=os.environ | env, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, hour: float, who: str, **files: str | None) -> None:
        for name, text in files.items():
            path = self.folder / name.replace("_py", ".py")
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        self.git("add", "-A")
        self.record(hour, who, "commit", "-q", "-m", f"at {hour}")

    def record(self, hour: float, who: str, *words: str) -> None:
        when = f"{START + int(hour * HOUR)} +0200"
        person = {"NAME": who.title(), "EMAIL": f"{who}@example.org"}
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        people = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in person.items()}
        self.git(*words, **dates, **people)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = Repository(tmp_path_factory.mktemp("git") / "repo")
    made.commit(0, "ana", a_py=LONG, b_py="b\n")
    made.commit(1, "bo", a_py=LONG + "by bo\n")
    made.git("mv", "a.py", "c d é.py")
    made.commit(3, "ana")
    made.commit(4, "bo", a_py="another file\n", b_py=None)
    made.git("checkout", "-q", "-b", "side")
    made.commit(5, "chen", side_py="1\n")
    made.commit(6, "chen", side_py="2\n")
    made.git("checkout", "-q", "main")
    made.commit(7, "bo", a_py="again\n")
    made.record(8, "ana", "merge", "-q", "--no-ff", "-m", "merge", "side")
    return made


def rows(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as db:
        return db.execute(f"select (time - {START}) / 3600, fluent, value, who from '{path}'").fetchall()


def imported(repository: Repository, tmp_path: Path, *options: str, name: str = "log.parquet") -> list[Any]:
    said = plandrift("import", "git", repository.folder, "--out", name, *options, cwd=tmp_path).stdout
    assert said.startswith(f"{name}: ")
    return rows(tmp_path / name)


def test_a_history_is_a_row_a_file_a_commit(repository: Repository, tmp_path: Path) -> None:
    found = imported(repository, tmp_path)
    blob = {name: repository.git("rev-parse", f"HEAD:{name}") for name in ("c d é.py", "a.py", "side.py")}
    assert [(hour, fluent, who) for hour, fluent, _, who in found] == [
        (0, "a.py", "author-1"),
        (0, "b.py", "author-1"),
        (1, "a.py", "author-2"),
        (3, "a.py", "author-1"),
        (4, "a.py#2", "author-2"),
        (4, "b.py", "author-2"),
        (7, "a.py#2", "author-2"),
        (8, "side.py", "author-3"),
    ]
    values = [value for _, _, value, _ in found]
    assert values[2] == values[3] == blob["c d é.py"]
    assert values[5] == "deleted"
    assert values[6:] == [blob["a.py"], blob["side.py"]]


def test_a_merge_is_the_merger_s_if_one_says_so(repository: Repository, tmp_path: Path) -> None:
    """By default what a merge brings is its authors', file by file: the merger has only brought it."""
    authors = {who for hour, _, _, who in imported(repository, tmp_path, "--authors") if hour == 8}
    merger = imported(repository, tmp_path, "--authors", "--merges", "merger", name="m.parquet")
    assert authors == {"Chen"}
    assert {who for hour, _, _, who in merger if hour == 8} == {"Ana"}


def test_the_last_author_of_a_path_on_the_branch_counts(tmp_path: Path) -> None:
    made = Repository(tmp_path / "repo")
    made.commit(0, "ana", a_py=LONG)
    made.git("checkout", "-q", "-b", "side")
    made.commit(1, "bo", a_py=LONG + "bo\n", b_py="1\n")
    made.commit(2, "chen", b_py="2\n")
    made.git("checkout", "-q", "main")
    made.commit(3, "ana", c_py="x\n")
    made.record(4, "dora", "merge", "-q", "--no-ff", "-m", "merge", "side")
    found = imported(made, tmp_path, "--authors")
    assert {(fluent, who) for hour, fluent, _, who in found if hour == 4} == {
        ("a.py", "Bo"),
        ("b.py", "Chen"),
    }


def test_a_history_merged_in_on_one_day_is_said(tmp_path: Path) -> None:
    made = Repository(tmp_path / "repo")
    for day in range(4):
        made.commit(24 * day, "ana", a_py=f"{day}\n")
    for n in range(110):
        made.commit(100 + n / 1000, "bo", b_py=f"{n}\n")
    said = plandrift("import", "git", made.folder, "--out", "log.csv", cwd=tmp_path).stdout
    assert "110 commits carry the same date, 2023-11-19" in said


def test_a_commit_beyond_every_calendar_is_named(tmp_path: Path) -> None:
    made = Repository(tmp_path / "repo")
    made.commit(0, "ana", a_py=LONG)
    late = made.git("cat-file", "commit", "HEAD").replace(f"> {START}", "> 999999999999")
    (made.folder / "late").write_text(late + "\n")
    made.git("update-ref", "HEAD", made.git("hash-object", "-t", "commit", "-w", "late"))
    assert "is beyond the year 9999" in refused("import", "git", made.folder, "--out", "x.csv", cwd=tmp_path)
    assert not list(tmp_path.glob("x.csv*"))


def test_a_snapshot_without_its_blobs_is_named_with_the_way_out(tmp_path: Path) -> None:
    made = Repository(tmp_path / "repo")
    made.commit(0, "ana", a_py=LONG)
    made.commit(1, "bo", a_py=None, b_py=LONG + "more\n")
    blob = made.git("rev-parse", "HEAD:b.py")
    (made.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert "--no-renames" in refused("import", "git", made.folder, "--out", "log.csv", cwd=tmp_path)
    assert (
        "3 changes"
        in plandrift("import", "git", made.folder, "--no-renames", "--out", "log.csv", cwd=tmp_path).stdout
    )


def test_all_commits_names_and_no_renames(repository: Repository, tmp_path: Path) -> None:
    found = imported(repository, tmp_path, "--all-commits", "--authors", "--no-renames", name="log.csv")
    assert [(hour, fluent, who) for hour, fluent, _, who in found][3:] == [
        (3, "a.py", "Ana"),
        (3, "c d é.py", "Ana"),
        (4, "a.py", "Bo"),
        (4, "b.py", "Bo"),
        (5, "side.py", "Chen"),
        (6, "side.py", "Chen"),
        (7, "a.py", "Bo"),
    ]
    assert found[3][2] == "deleted"


def test_a_bare_and_a_shallow_clone(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "-q", "--bare", str(repository.folder), str(tmp_path / "bare"))
    repository.git("clone", "-q", "--depth", "2", f"file://{repository.folder}", str(tmp_path / "shallow"))
    assert "8 changes of 4 files in 6 commits by 3 authors, 2023-11-14 to 2023-11-15" in (
        plandrift("import", "git", "bare", "--out", "bare.jsonl", cwd=tmp_path).stdout
    )
    said = plandrift("import", "git", "shallow", "--out", "shallow.csv", cwd=tmp_path).stdout
    assert "is a shallow clone" in said
    assert "missing" in said


def test_an_agent_works_on_the_imported_history(repository: Repository, tmp_path: Path) -> None:
    imported(repository, tmp_path)
    done = plandrift(
        "run",
        "recorded",
        "--set",
        "world.log=log.parquet",
        "--set",
        "world.from_first=1",
        "--json",
        cwd=tmp_path,
    )
    assert json.loads(done.stdout)["metrics"]["success"] == 1


def test_survival_of_a_known_history(repository: Repository, tmp_path: Path) -> None:
    """By hand, of the main line: who could have planned since when, for each commit.

    The ages of one file: at 1 broken by 0; at 3 by 1; at 7 Bo's own write at 4 does not count, so
    censored at 7; at 8 the file is created, which is no plan to break. Of two: so at 0; at 4 by 0 (b.py).
    """
    imported(repository, tmp_path)
    groups = json.loads(plandrift("survival", "log.parquet", "--format", "json", cwd=tmp_path).stdout)
    one, two = groups
    assert (one["fluents"], one["sets"], one["censored"]) == ("1", 3, 1)
    assert (one["left_out"], two["left_out"]) == (1, 1)
    # Ages 1, 2, 7+: two in three outlive an hour, a third two hours.
    assert one["valid_after"]["600"] == 1
    assert one["valid_after"]["3600"] == pytest.approx(2 / 3)
    # A day is more than anything was followed for.
    assert one["valid_after"]["86400"] is None
    assert one["median_s"] == 2 * HOUR
    assert (two["fluents"], two["sets"], two["censored"], two["median_s"]) == ("2–3", 1, 0, 4 * HOUR)
    anyone = json.loads(
        plandrift("survival", "log.parquet", "--writes-by", "anyone", "--format", "json", cwd=tmp_path).stdout
    )
    # Now Bo's own write at 4 counts against his plan of 7: ages 1, 2, 3.
    assert (anyone[0]["censored"], anyone[0]["median_s"]) == (0, 2 * HOUR)
    assert anyone[0]["valid_after"]["86400"] == 0


def test_survival_against_counting_one_by_one(tmp_path: Path) -> None:
    from tests.worlds.written_history import write_history

    write_history(tmp_path / "log.csv", sets=120)
    lines = [line.split(",") for line in (tmp_path / "log.csv").read_text().split()[1:]]
    writes = [(float(t), fluent, number, who) for t, fluent, _, number, who in lines]
    ages: dict[str, list[tuple[float, bool]]] = {"1": [], "2–3": []}
    first = writes[0][0]
    for number in dict.fromkeys(w[2] for w in writes):
        mine = [w for w in writes if w[2] == number]
        at, who = mine[0][0], mine[0][3]
        before = [
            t for t, fluent, _, other in writes if t < at and other != who and fluent in {w[1] for w in mine}
        ]
        names = {w[1] for w in mine}
        if not any(t < at and fluent in names for t, fluent, _, _ in writes):
            continue
        ages["1" if len(mine) == 1 else "2–3"].append((at - max(before, default=first), not before))
    curves = survival(opened(str(tmp_path / "log.csv")))
    for curve in curves:
        known = ages[curve.fluents]
        assert (curve.sets, curve.censored) == (len(known), sum(censored for _, censored in known))
        share = 1.0
        for age in sorted({age for age, censored in known if not censored}):
            at_risk = sum(a >= age for a, _ in known)
            share *= 1 - sum(a == age and not censored for a, censored in known) / at_risk
            after, low, high = curve.at(age + 0.004)
            assert after == pytest.approx(share, abs=1e-9)
            assert low <= after <= high


def test_survival_in_words_and_as_a_figure(tmp_path: Path) -> None:
    from tests.worlds.written_history import write_history

    write_history(tmp_path / "log.csv")
    said = plandrift("survival", "log.csv", "--figure", "curve.svg", cwd=tmp_path).stdout
    assert "median" in said
    assert "min" in said
    drawn = (tmp_path / "curve.svg").read_text()
    assert "2–3 fluents (n = 19" in drawn
    assert "that only create fluents" in said
    assert "age of the plan" in drawn


def test_wrong_input_is_one_line(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "is not a git repository" in refused("import", "git", "empty", "--out", "x.csv", cwd=tmp_path)
    assert "No such file" in refused("import", "git", "nowhere", "--out", "x.csv", cwd=tmp_path)
    repository.git("init", "-q", str(tmp_path / "new"))
    assert "has no commits" in refused("import", "git", "new", "--out", "x.csv", cwd=tmp_path)
    assert "end its name in" in refused("import", "git", repository.folder, "--out", "x.xls", cwd=tmp_path)
    lost = refused("import", "git", repository.folder, "--out", "no/x.csv", cwd=tmp_path)
    assert "there is no folder" in lost
    (tmp_path / "nameless.csv").write_text("time,fluent,value\n1,a,1\n2,a,2\nlater,a,3\n")
    assert "line 4" in refused("survival", "nameless.csv", cwd=tmp_path)
    assert "does not say who" in refused(
        "survival", "nameless.csv", "--skip-bad-rows", "--writes-by", "others", cwd=tmp_path
    )
    assert "--figure" in refused("survival", "nameless.csv", "--figure", "x.gif", cwd=tmp_path)
    assert "line 4" in refused("run", "recorded", "--set", "world.log=nameless.csv", cwd=tmp_path)
    went = plandrift(
        "run",
        "recorded",
        "--skip-bad-rows",
        "--set",
        "world.log=nameless.csv",
        "--set",
        "world.from_first=1",
        cwd=tmp_path,
    )
    assert "done" in went.stdout
