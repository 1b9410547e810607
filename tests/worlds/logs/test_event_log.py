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
    assert "4 times name no zone, and are taken as UTC" in said
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
    assert "line 6: it has no time: mend it, or go on without by --skip-bad-rows" in refused(
        *words, cwd=tmp_path
    )
    said = plandrift(*words, "--skip-bad-rows", cwd=tmp_path).stdout
    assert "4 events of 2 cases" in said
    assert "4 events could not be read, and are left out" in said


@pytest.mark.parametrize(
    ("name", "held", "says"),
    [
        ("twice.csv", b"id,did,at,by,at\n", "has 2 columns of this name: rename one"),
        ("latin.csv", CSV.replace("ana", "añá").encode("latin-1"), "no text in UTF-8"),
        ("wide.csv", CSV.encode() + b"7," + b"x" * 200_000 + b",2026-03-02,bo\n", "it is no CSV"),
        ("plain.xes.gz", XES.encode(), "it is not gzipped: name it plain.xes"),
        ("cut.xes.gz", gzip.compress(XES.encode())[:-20], "it is gzipped, and broken"),
        ("x.jsonocel", b'{"ocel:global-log": {}}', "object-centric log (OCEL)"),
        ("x.json", b'{"objectTypes": [], "events": []}', "object-centric log (OCEL)"),
        ("x.xes", b"<log><object-types/></log>", "object-centric log (OCEL)"),
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
    assert "16 MB of it hold no whole event" in said
    assert most < 100 << 20
