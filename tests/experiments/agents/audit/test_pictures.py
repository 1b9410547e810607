"""The figure and the page of an audit: what they show is what was found, and the page loads nothing."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib.pyplot as plt

from plandrift.experiments.agents.audit.audit import Audit, audit
from plandrift.experiments.agents.audit.figure import audit_figure, busiest
from plandrift.experiments.agents.audit.page import audit_page
from plandrift.experiments.agents.transcripts.importing import import_path
from tests.command import refused_apart as refused
from tests.experiments.agents.transcripts.samples import claude_session, codex_rollout

GUARDS = ["none", "hash", "region"]


def found(folder: Path) -> Audit:
    claude_session().save(folder / "s.jsonl")
    import_path(folder / "s.jsonl", "claude-code", folder / "ops.parquet")
    return audit(folder / "ops.parquet", GUARDS)


def test_the_figure_shows_ages_guards_and_a_session(tmp_path: Path) -> None:
    made = found(tmp_path)
    figure = audit_figure(made, "Mine")
    ages, guards, session = figure.axes
    legend = guards.get_legend()
    assert legend is not None
    assert sorted(text.get_text() for text in legend.get_texts()) == ["hash", "none", "region"]
    assert [label.get_text() for label in session.get_yticklabels()] == ["total.py"]
    assert any("50.0%" in text.get_text() for text in ages.texts)
    assert busiest(made.ledger) == ("s1", "")
    plt.close(figure)


def test_a_trace_that_knows_no_whole_is_drawn_as_well(tmp_path: Path) -> None:
    rollout = codex_rollout(tmp_path / "r.jsonl")
    rollout.write_text(rollout.read_text().replace("cat a.py", "make"))
    import_path(tmp_path / "r.jsonl", "codex", tmp_path / "ops.parquet")
    made = audit(tmp_path / "ops.parquet", GUARDS)
    assert "cannot tell one guard from another" in made.sentence
    plt.close(audit_figure(made, "Codex"))


def test_the_page_is_whole_and_loads_nothing(tmp_path: Path) -> None:
    text = audit_page(found(tmp_path), "Mine & <yours>")
    assert "Mine &amp; &lt;yours&gt;" in text
    assert "co-occurrence, not proof" in text
    assert "What a transcript cannot tell" in text
    assert not re.search(r'(src|href)="https?://', text)
    assert "return sum" not in text


def test_a_wrong_path_is_said_before_anything_is_read(tmp_path: Path) -> None:
    assert "--figure" in refused("audit", "none.parquet", "--figure", "a.txt", cwd=tmp_path)
