"""Event logs of processes, in both forms, become the change log that one would write by hand."""

from __future__ import annotations

import csv
import gzip
import json
import tracemalloc
from pathlib import Path

import duckdb
import pytest

from tests.command import plandrift, refused

CSV = """id,did,at,by
7,open,2026-03-02 09:00:00,ana
8,open,2026-03-02 09:30:00,ana
7,check,2026-03-02 10:00:00,bo
7,close,2026-03-03 10:00:00.500,ana
"""
XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
 <global scope="event"><string key="concept:name" value="none"/></global>
 <string key="concept:name" value="a log"/>
 <trace><string key="concept:name" value="7"/>
  {seven}
 </trace>
 <trace><string key="concept:name" value="8"/>
  <event><string key="concept:name" value="open"/><date key="time:timestamp" value="2026-03-02T09:30:00Z"/>
   <string key="org:resource" value="ana"/></event>
 </trace>
</log>
"""
EVENT = """<event><string key="concept:name" value="{}"/><string key="org:resource" value="{}"/>
  <date key="time:timestamp" value="{}"/></event>"""
SEVEN = [
    ("open", "ana", "2026-03-02T10:00:00+01:00"),
    ("check", "bo", "2026-03-02T10:00:00.000Z"),
    ("close", "ana", "2026-03-03T10:00:00.500+00:00"),
]
NAMED = ("--case", "id", "--activity", "did", "--time", "at", "--who", "by")


def rows(path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as db:
        return db.execute(f"select time, fluent, value, who from '{path}' order by time").fetchall()


def test_both_forms_give_the_same_log(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(CSV)
    with gzip.open(tmp_path / "log.xes.gz", "wt") as file:
        file.write(XES.format(seven="".join(EVENT.format(*event) for event in SEVEN)))
    said = plandrift("import", "events", "log.csv", *NAMED, "--out", "a.parquet", cwd=tmp_path).stdout
    assert said.startswith(
        "a.parquet: 4 events of 2 cases, 3 activities by 2 resources, 2026-03-02 to 2026-03-03"
    )
    plandrift("import", "events", "log.xes.gz", "--authors", "--out", "b.parquet", cwd=tmp_path)
    plandrift("import", "events", "log.csv", *NAMED, "--authors", "--out", "c.parquet", cwd=tmp_path)
    found = rows(tmp_path / "b.parquet")
    assert found == rows(tmp_path / "c.parquet")
    assert [(fluent, value, who) for _, fluent, value, who in found] == [
        ("7", "open", "ana"),
        ("8", "open", "ana"),
        ("7", "check", "bo"),
        ("7", "close", "ana"),
    ]
    assert found[3][0] == 1772532000.5
    assert {who for *_, who in rows(tmp_path / "a.parquet")} == {"resource-1", "resource-2"}


def test_what_only_opens_a_case_is_no_plan(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(CSV)
    plandrift("import", "events", "log.csv", *NAMED, "--out", "a.parquet", cwd=tmp_path)
    [curve] = json.loads(plandrift("survival", "a.parquet", "--format", "json", cwd=tmp_path).stdout)
    assert (curve["sets"], curve["censored"], curve["left_out"]) == (2, 0, 2)
    assert curve["valid_after"]["86400"] == 0.5
    assert "2 of 4 change sets that only create" in plandrift("survival", "a.parquet", cwd=tmp_path).stdout


def test_wrong_input_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(CSV.replace("2026-03-02 10:00:00", "soon"))
    (tmp_path / "log.xes").write_text("<log><trace>")
    (tmp_path / "log.txt").touch()
    (tmp_path / "none.csv").write_text("id,did,at\n")
    out = ("--out", "a.csv")
    assert "line 4: time 'soon'" in refused("import", "events", "log.csv", *NAMED, *out, cwd=tmp_path)
    assert "--case is not given" in refused("import", "events", "log.csv", *out, cwd=tmp_path)
    wrong = ("--case", "ident", *NAMED[2:])
    assert "--case ident" in refused("import", "events", "log.csv", *wrong, *out, cwd=tmp_path)
    assert "not an XES file" in refused("import", "events", "log.xes", *out, cwd=tmp_path)
    assert "no events" in refused("import", "events", "none.csv", *NAMED[:6], *out, cwd=tmp_path)
    assert "No such file" in refused("import", "events", "gone.csv", *NAMED, *out, cwd=tmp_path)
    assert ".xes.gz" in refused("import", "events", "log.txt", *NAMED, *out, cwd=tmp_path)
    assert not (tmp_path / "a.csv").exists()


def test_what_a_csv_may_be(tmp_path: Path) -> None:
    (tmp_path / "log.tsv.csv").write_text(CSV.replace(",", "\t"))
    said = plandrift("import", "events", "log.tsv.csv", *NAMED, "--out", "a.csv", cwd=tmp_path).stdout
    assert "4 events" in said
    assert "4 times have no time zone, and are taken as UTC" in said
    (tmp_path / "ms.csv").write_text("id,did,at,by\n7,open,1620000000000,ana\n7,shut,1620000000500,bo\n")
    words = ("import", "events", "ms.csv", *NAMED)
    assert "give --time-format ms" in refused(*words, "--out", "b.csv", cwd=tmp_path)
    assert not list(tmp_path.glob("b.csv*"))
    said = plandrift(*words, "--time-format", "ms", "--out", "b.csv", cwd=tmp_path).stdout
    assert "2021-05-03 to 2021-05-03" in said
    assert "zone" not in said
    assert [row[0] for row in rows(tmp_path / "b.csv")] == [1620000000, 1620000000.5]


def test_bad_rows_end_it_or_are_left_out(tmp_path: Path) -> None:
    bad = ["7,check,,bo", "7,check,inf,bo", "7,check,soon,bo", ",check,2026-03-02,bo"]
    (tmp_path / "log.csv").write_text(CSV + "\n".join(bad) + "\n")
    words = ("import", "events", "log.csv", *NAMED, "--out", "a.csv")
    assert "line 6: it has no time: correct it, or skip it with --skip-bad-rows" in refused(
        *words, cwd=tmp_path
    )
    said = plandrift(*words, "--skip-bad-rows", cwd=tmp_path).stdout
    assert "4 events of 2 cases" in said
    assert "4 events could not be read, and are left out" in said


@pytest.mark.parametrize(
    ("name", "held", "says"),
    [
        ("twice.csv", b"id,did,at,by,at\n", "has 2 columns of this name: rename one"),
        ("latin.csv", CSV.replace("ana", "añá").encode("latin-1"), "not UTF-8 text"),
        ("wide.csv", CSV.encode() + b"7," + b"x" * 200_000 + b",2026-03-02,bo\n", "it is not CSV"),
        ("plain.xes.gz", XES.encode(), "it is not gzipped: name it plain.xes"),
        ("cut.xes.gz", gzip.compress(XES.encode())[:-20], "it is gzipped, and damaged"),
        (
            "x.jsonocel",
            b'{"ocel:events": {"e": {"ocel:omap": []}}}',
            "(OCEL), whose events belong to several",
        ),
        ("x.json", b'{"objectTypes": [], "events": [3]}', "damaged (AttributeError"),
        ("x.json", b'{"objectTypes": [], "events": []}', "there are no events: nothing to import"),
        (
            "x.xes",
            b"<log><object-types/></log>",
            "(OCEL), whose events belong to several objects: give it as",
        ),
        (
            "x.sqlite",
            b"SQLite format 3\0",
            "(OCEL), whose events belong to several objects: give it as .json",
        ),
    ],
)
def test_a_file_is_named_as_what_it_is(name: str, held: bytes, says: str, tmp_path: Path) -> None:
    csv.field_size_limit(131072)
    (tmp_path / name).write_bytes(held)
    assert says in refused("import", "events", name, *NAMED, "--out", "a.csv", cwd=tmp_path)
    assert not list(tmp_path.glob("a.csv*"))


@pytest.mark.parametrize("many", ["spaces", "attribute"])
def test_a_log_that_swells_is_refused(many: str, tmp_path: Path) -> None:
    begin, block = {"spaces": ("<log>", b" "), "attribute": ('<log><trace><string value="', b"x")}[many]
    with gzip.open(tmp_path / "log.xes.gz", "wb", compresslevel=1) as file:
        file.write(begin.encode())
        for _ in range(60):
            file.write(block * (1 << 20))
    tracemalloc.start()
    try:
        said = refused("import", "events", "log.xes.gz", "--out", "a.csv", cwd=tmp_path)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "16 MB without a complete event" in said
    assert most < 100 << 20


TWICE = """case,did,begun,ended,state,by
7,open,2026-03-02,2026-03-03,complete,ana
7,check,2026-03-03,2026-03-05,Complete,bo
7,ship,2026-03-06,,schedule,bo
8,open,2026-03-03,2026-03-04,complete,ana
8,check,2026-03-05,,,bo
"""
DONE = "2026-03-02,2026-03-03,2026-03-06"
"""When all but the last of them began, which has not been completed."""
NAMES = ("--case", "case", "--activity", "did", "--time", "ended", "--who", "by")
DAYS = {day: 1772323200 + 86400 * day for day in range(1, 6)}


def written(tmp_path: Path, *words: str) -> tuple[str, list[tuple[object, ...]]]:
    said = plandrift("import", "events", *words, "--authors", "--out", "a.parquet", cwd=tmp_path).stdout
    return said, rows(tmp_path / "a.parquet")


def test_an_activity_that_starts_and_completes_is_one_change_or_two(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(TWICE)
    said, found = written(tmp_path, "log.csv", *NAMES, "--transition", "state", "--where", "begun=" + DONE)
    assert "1 events do not complete an activity, and are left out" in said
    assert "all times are whole days" in said
    assert "two resources did everything" in said
    once = [(DAYS[2], "7", "open", "ana"), (DAYS[3], "8", "open", "ana"), (DAYS[4], "7", "check", "bo")]
    assert found == once
    both = written(tmp_path, "log.csv", *NAMES, "--transition", "state", "--start", "begun")[1]
    starts = [
        (1, "7", "open", "ana"),
        (2, "7", "check", "bo"),
        (2, "8", "open", "ana"),
        (4, "8", "check", "bo"),
    ]
    begun = [(DAYS[day], case, f"{did}+start", by) for day, case, did, by in starts]
    assert sorted(both) == sorted([*once, *begun])
    event = EVENT.replace("</event>", '<string key="lifecycle:transition" value="{}"/></event>')
    days = [("open", "ana", "2026-03-02", "START"), ("open", "ana", "2026-03-03", "COMPLETE")]
    (tmp_path / "log.xes").write_text(XES.format(seven="".join(event.format(*one) for one in days)))
    assert [row[2] for row in written(tmp_path, "log.xes")[1]] == ["open", "open"]
    one = written(tmp_path, "log.xes", "--transitions", "start", "--where", "org:resource=ana,bo")[1]
    assert one == [(DAYS[1], "7", "open+start", "ana")]
    said = refused(
        "import", "events", "log.xes", "--where", "org:resource=bo", "--out", "b.csv", cwd=tmp_path
    )
    assert "there are no events" in said


def test_rows_are_chosen_by_a_column(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(TWICE)
    found = written(tmp_path, "log.csv", *NAMES, "--where", "by=ana", "--where", "case=8,9")[1]
    assert found == [(DAYS[3], "8", "open", "ana")]
    words = ("import", "events", "log.csv", *NAMES, "--out", "b.csv", "--where")
    assert "give COLUMN=VALUE" in refused(*words, "by", cwd=tmp_path)
    assert "--where bi: log.csv has no such column: known: begun, by" in refused(
        *words, "bi=ana", cwd=tmp_path
    )


def test_the_objects_of_an_event_change_together(tmp_path: Path) -> None:
    said = [("e1", "pack", "2026-03-02", ["o1", "i1"], "ana"), ("e2", "ship", "2026-03-03", ["o1"], "bo")]
    old = {
        name: {"ocel:activity": did, "ocel:timestamp": at, "ocel:omap": on, "ocel:vmap": {"resource": by}}
        for name, did, at, on, by in said
    }
    new = [
        {"id": name, "type": did, "time": at, "relationships": [{"objectId": one} for one in on]}
        | {"attributes": [{"name": "resource", "value": by}]}
        for name, did, at, on, by in said
    ]
    for log, name in ({"ocel:events": old}, "old.jsonocel"), ({"objectTypes": [], "events": new}, "new.json"):
        (tmp_path / name).write_text(json.dumps(log))
        found = sorted(written(tmp_path, name)[1])
        packed = [(DAYS[1], "i1", "pack", "ana"), (DAYS[1], "o1", "pack", "ana")]
        assert found == [*packed, (DAYS[2], "o1", "ship", "bo")]
        with duckdb.connect() as db:
            sets = db.execute(f"select \"set\" from '{tmp_path / 'a.parquet'}' order by time").fetchall()
        assert sets == [("1",), ("1",), ("2",)]


def test_survival_says_what_two_resources_and_rounded_times_do_to_it(tmp_path: Path) -> None:
    lines = [f"{day},{case},{day},{'ab'[day % 2]}" for day in range(1, 5) for case in "xyz"]
    (tmp_path / "log.csv").write_text(
        "\n".join(["time,fluent,value,who", *(f"2026-03-0{line}" for line in lines)])
    )
    words = ("survival", "log.csv", "--writes-by")
    said = " ".join(plandrift(*words, "others", cwd=tmp_path).stdout.split())
    assert "Two authors made 100% of the sets, so 'others' means one of them" in said
    assert "Others write to 100% of the plans that change 1 fluents at exactly 1 day" in said
    assert "Two authors" not in plandrift(*words, "anyone", cwd=tmp_path).stdout


def test_what_is_no_text_in_an_object_centric_log_is_taken_as_its_text(tmp_path: Path) -> None:
    named = [{"name": "resource", "value": None}]
    event = {"id": 1, "type": ["a"], "time": 60, "relationships": [{"objectId": 7}], "attributes": named}
    (tmp_path / "log.json").write_text(json.dumps({"objectTypes": [], "events": [event]}))
    assert written(tmp_path, "log.json")[1] == [(60, "7", "['a']", None)]
