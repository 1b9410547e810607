"""Calibration: known rates come back, the spec that it writes runs, and one trace predicts another."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plandrift.experiments.agents.audit import calibrate
from plandrift.experiments.agents.audit.calibrate import fit_rates, predict
from plandrift.experiments.agents.audit.change_log import changes_of
from plandrift.experiments.agents.audit.ledger import AuditedWrite, AuditLedger, KnownBasis, read_ledger
from plandrift.experiments.agents.transcripts.importing import import_path
from plandrift.experiments.agents.transcripts.operation import Operation, operations
from plandrift.experiments.statistics.theory import any_written, any_written_unevenly
from plandrift.sim import PlandriftError
from tests.command import plandrift, refused
from tests.experiments.agents.transcripts.samples import FOLDER, Claude, claude_session


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "RESAMPLES", 60)


def drawn(shape: float, scale: float, n: int, seed: int) -> list[AuditedWrite]:
    """Writes whose fluents change at rates of a gamma distribution, each looked at once."""
    random = np.random.default_rng(seed)
    ages = random.lognormal(3.5, 2.0, n)
    rates = random.gamma(shape, 1 / scale, n)
    made = []
    for i, (age, rate) in enumerate(zip(ages, rates, strict=True)):
        now = "new" if random.random() < -np.expm1(-rate * age) else "old"
        op = Operation(
            called=1000 + age,
            answered=1001 + age,
            session=f"s{i % 40}",
            agent="",
            turn=1,
            call=str(i),
            tool="Edit",
            kind="write",
            fluent=f"f{i}",
            before=now,
            after="next",
            whole=True,
        )
        basis = KnownBasis("old", "old", 1000.0, 1000.0, 1000.0)
        made.append(AuditedWrite(op, basis, False, None))
    return made


def test_the_rates_that_were_put_in_come_out() -> None:
    found = fit_rates(drawn(shape=0.3, scale=100.0, n=2500, seed=1))
    assert found.shape.low < 0.3 < found.shape.high
    assert found.scale.low < 100.0 < found.scale.high
    assert found.mean.low < 0.003 < found.mean.high
    assert found.gamma_loss < found.exponential_loss - 10
    assert found.share(60.0) == pytest.approx(any_written_unevenly(60.0, found.mean.mean, found.shape.mean))


def test_even_rates_are_found_to_be_even() -> None:
    found = fit_rates(drawn(shape=1e4, scale=1e6, n=1500, seed=4))
    assert found.rate.low < 0.01 < found.rate.high
    assert found.gamma_loss == pytest.approx(found.exponential_loss, abs=2)


def test_without_end_the_spread_is_no_spread() -> None:
    assert any_written_unevenly(3.0, 0.2, 1e7, 2) == pytest.approx(any_written(3.0, 0.2, 2), rel=1e-5)


def test_one_trace_predicts_another_of_the_same_kind_and_not_of_another() -> None:
    mine, same = (drawn(0.3, 100.0, 1500, seed) for seed in (11, 111))
    assert predict(mine, same).holds
    assert not predict(mine, drawn(3.0, 100.0, 1500, 5)).holds


def test_what_own_commands_changed_is_a_side_effect_and_no_volatility(tmp_path: Path) -> None:
    """Half of the changes are by an own formatter: the rate of the others is fitted without them."""
    random, made = np.random.default_rng(5), Claude("s1")
    at, own, others = 0.0, 0, 0
    for i in range(120):
        path, kind = f"{FOLDER}/f{i}.py", i % 4
        made.says(at, "go on")
        made.reads(path, at + 1, "x = 1\n")
        made.edits(path, at + 3, "x = 1\n", "1", "2")
        if kind == 1:
            made.call("Bash", at + 4, at + 5, {"command": "ruff format ."}, {"stdout": "", "stderr": ""})
        changed = kind < 2
        own, others = own + (kind == 1), others + (kind == 0)
        gap = float(random.uniform(5, 20))
        made.edits(path, at + 5 + gap, "x = 2\n" + "# more\n" * changed, "2", "3")
        at += gap + 30
    made.save(tmp_path / "s.jsonl")
    found = calibrate.calibrate(ledger_of(tmp_path))
    assert (found.rates.changed, found.side_effects.mean) == (own + others, own / 120)
    assert found.others is not None
    assert found.others.changed == others
    written = calibrate.settings_toml(found, "ops", tmp_path, "mine")
    assert f'"agent.side_effects" = {own / 120:.6g}' in written
    assert f"volatility = {found.others.mean.mean:.6g}" in written
    assert f'"world.spread" = {found.others.shape.mean:.6g}' in written
    few = replace(found, others=replace(found.others, changed=3))
    written = calibrate.settings_toml(few, "ops", tmp_path, "mine")
    # Of three changes anything can be fitted: the spec takes one rate.
    assert f"volatility = {found.others.rate.mean:.6g}" in written
    assert "world.spread" not in written


def test_what_cannot_be_fitted_is_said() -> None:
    with pytest.raises(PlandriftError, match="0 of 1 writes"):
        fit_rates(drawn(1e-9, 1e9, 1, 1))
    with pytest.raises(PlandriftError, match="known as a whole"):
        fit_rates([])


def busy_session(seed: int) -> Claude:
    """Files that are read and edited, a third of them after somebody's change."""
    random, made = np.random.default_rng(seed), Claude(f"s{seed}")
    at = 0.0
    for i in range(30):
        path, gap = f"{FOLDER}/f{i}.py", float(random.lognormal(3, 1))
        made.says(at, "go on")
        made.reads(path, at + 2, f"x = {i}\n")
        before = f"x = {i}\n" + "# changed\n" * (random.random() < 0.01 * gap)
        made.edits(path, at + 2 + gap, before, f"x = {i}", f"x = {i + 1}")
        at += gap + 10
    return made


@pytest.mark.slow
def test_the_spec_that_it_writes_runs(tmp_path: Path) -> None:
    busy_session(1).save(tmp_path / "s.jsonl")
    plandrift("import", "claude-code", "s.jsonl", "--out", "ops.parquet", cwd=tmp_path)
    said = plandrift(
        "calibrate", "ops.parquet", "--out", "mine.toml", "--against", "ops.parquet", cwd=tmp_path
    )
    assert "world.spread" in said.stdout
    assert "within that interval" in said.stdout
    assert "agent advise --agents 1..16 --shared-files 30 --steps 1 --reads-per-step 1 " in said.stdout
    times = (tmp_path / "mine-thinking_time.txt").read_text().split()
    assert times == sorted(times, key=float)
    plandrift("sweep", "mine.toml", "--out", "res", "--seeds", "2", cwd=tmp_path)
    rows = plandrift(
        "table", "res", "--by", "policy", "--metric", "steps_fired", "--format", "json", cwd=tmp_path
    )
    assert len(json.loads(rows.stdout)) == 4
    line = refused("calibrate", "ops.parquet", "--out", "mine.csv", cwd=tmp_path)
    assert "end its name in .toml" in line


def ledger_of(folder: Path) -> AuditLedger:
    import_path(folder / "s.jsonl", "claude-code", folder / "ops.parquet")
    return read_ledger(operations(folder / "ops.parquet"))


def test_the_changes_of_a_trace_are_a_log(tmp_path: Path) -> None:
    claude_session().save(tmp_path / "s.jsonl")
    rows = changes_of(ledger_of(tmp_path))
    # Two edits, one write of the whole, and between them the formatter's and a colleague's change.
    assert [who for *_, who in rows] == ["s1", "nobody named", "s1", "nobody named", "s1"]
    assert {set_ for _, _, _, set_, who in rows if who == "s1"} == {"s1 1", "s1 2"}


@pytest.mark.slow
def test_the_log_goes_into_survival_as_it_is(tmp_path: Path) -> None:
    claude_session().save(tmp_path / "s.jsonl")
    ledger_of(tmp_path)
    plandrift("audit", "ops.parquet", "--log", "log.parquet", cwd=tmp_path)
    said = plandrift("survival", "log.parquet", cwd=tmp_path).stdout
    assert said.split()[:2] == ["fluents", "sets"]
    assert "end its name in" in refused("audit", "ops.parquet", "--log", "log.txt", cwd=tmp_path)
