"""`plandrift agent calibrate`: the simulator's settings, fitted to a real trace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.agents.audit.calibrate import calibrate, predict, settings_toml
from plandrift.experiments.agents.audit.ledger import read_ledger
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

    It fits rates of change, thinking times and tool times.

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
    print_rows(rows)
    print(f"\n{out}: a spec for `plandrift sweep`; one unit of its time is a second")
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


def _row(name: str, interval: Interval, known: str) -> dict[str, object]:
    ends = f"[{shown(interval.low)}, {shown(interval.high)}]" if interval.low == interval.low else ""
    return {"figure": name, "value": shown(interval.mean), "95 %": ends, "n": interval.n, "from": known}
