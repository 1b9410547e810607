"""Event logs of processes, in both forms, become the change log that one would write by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb

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
