"""`plandrift agent calibrate`: the simulator's settings, fitted to a real trace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.agents.audit.calibrate import FittedTime, calibrate, predict, settings_toml
from plandrift.experiments.agents.audit.ledger import read_ledger
from plandrift.experiments.agents.audit.shared_files import SharedFiles, shared_files
from plandrift.experiments.agents.transcripts.operation import operations
from plandrift.experiments.cli.printing import print_rows
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.text import shown
from plandrift.sim import PlandriftError
from plandrift.sim.terms.whole_file import whole_file


def calibrate_command(
    trace: Annotated[
        Path, typer.Argument(metavar="OPS", help="operations written by `plandrift agent import`")
    ],
    out: Annotated[Path, typer.Option(help="file to write the spec for `plandrift sweep` to: .toml")],
    against: Annotated[
        Path | None,
        typer.Option(help="operations of another agent, to check whether these rates predict its writes"),
    ] = None,
) -> None:
    """Fit the simulator's settings to a trace, as a spec.

    It fits rates of change, thinking times and tool times, and says how much tasks meet on the same files.

    Example, in a folder with ops.parquet of your own agent:
      plandrift agent calibrate ops.parquet --out mine.toml
    """
    if out.suffix != ".toml":
        raise PlandriftError(f"--out {out}: end its name in .toml")
    if not out.parent.is_dir():
        raise PlandriftError(f"--out {out}: there is no folder {out.parent}: make it first")
    ledger = read_ledger(operations(trace))
    found = calibrate(ledger)
    with whole_file(out) as beside:
        beside.write_text(settings_toml(found, trace.name, out.parent, out.stem), encoding="utf-8")
    r = found.rates
    rows = [
        _row("one rate, changes per second", r.rate, f"negative log-likelihood {r.exponential_loss:.1f}"),
        _row("rates spread: mean, changes per second", r.mean, f"negative log-likelihood {r.gamma_loss:.1f}"),
        _row("rates spread: shape a (world.spread)", r.shape, "1 − (1 + t/b)^(−a)"),
        _row("rates spread: scale b, seconds", r.scale, "1 − (1 + t/b)^(−a)"),
        *(
            [
                _row(
                    "rate of other authors only",
                    found.others.rate,
                    f"one rate; {found.others.changed} changes",
                )
            ]
            if found.others is not None
            else []
        ),
        _row("writes per turn", found.steps, "turns with writes"),
        _row("own writes with a side effect", found.side_effects, "inferred from what ran in between"),
    ]
    for time in found.times:
        fitted = f"lognormal(mean={shown(time.mean)}, shape={shown(time.shape)})"
        rows.append({"figure": time.name, "value": shown(time.mean), "95 %": "", "n": time.n, "from": fitted})
    shared = shared_files(ledger.operations)
    if shared is not None:
        rows += _shared_rows(shared)
    print_rows(rows)
    print(f"\n{out}: a spec for `plandrift sweep`; one unit of its time is a second")
    if shared is not None:
        steps = max(1, round(found.steps.mean))
        print(
            f"for a crew of such agents: plandrift agent advise --agents 1..16 --shared-files {shared.files} "
            f"--steps {steps} --reads-per-step {max(1, round(shared.each.mean / steps))}"
            + (f" --set world.zipf={round(shared.zipf, 2):g}" if shared.zipf == shared.zipf else "")
            + "".join(
                f" {option} {round(time.mean, 3):g}s" for time in found.times for option in _option(time)
            )
        )
    if against is not None:
        other = predict(ledger.writes, read_ledger(operations(against)).writes)
        p, o = other.predicted, other.observed
        verdict = "within" if other.holds else "outside"
        print(
            f"{against}: these rates predict that {p.mean:.2%} [{p.low:.2%}, {p.high:.2%}] of its {p.n} "
            f"writes rest on something that somebody else had changed; it was {o.mean:.2%} [{o.low:.2%}, "
            f"{o.high:.2%}], "
            f"{verdict} that interval"
        )


def _option(time: FittedTime) -> list[str]:
    """Return the option of `advise` for a time, if it has one."""
    options = {"thinking_time": "--think", "step_duration": "--tool", "read_latency": "--read"}
    return [option for name, option in options.items() if time.name == f"agent.{name}"]


def _shared_rows(shared: SharedFiles) -> list[dict[str, object]]:
    return [
        _row("files that a task reads or writes", shared.each, "turns with writes"),
        {
            "figure": "popularity of files (world.zipf)",
            "value": shown(shared.zipf),
            "95 %": "",
            "n": shared.files,
            "from": "the r-th most used by 1/r to this power",
        },
        _row("pairs of tasks that meet", shared.overlap, "one wrote a file that the other used"),
    ]


def _row(name: str, interval: Interval, known: str) -> dict[str, object]:
    ends = f"[{shown(interval.low)}, {shown(interval.high)}]" if interval.low == interval.low else ""
    return {"figure": name, "value": shown(interval.mean), "95 %": ends, "n": interval.n, "from": known}
