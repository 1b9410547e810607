"""`plandrift sweep`: run a sweep, or estimate what it would take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.cli.options import WallClockLimit
from plandrift.experiments.cli.progress import Display, duration, print_outcome, size
from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.estimate import estimate
from plandrift.experiments.sweeps.horizon import HorizonTrial, try_horizon, undisturbed
from plandrift.experiments.sweeps.run import sweep as run_sweep
from plandrift.experiments.sweeps.spec import Spec, read_spec
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit
from plandrift.sim import PlandriftError

HORIZON_SECONDS = 3.0
"""Seconds for which the dry run tries the given horizon; longer horizons get up to twice as long."""

HORIZONS = 12
"""How many conditions the horizon is tried on, the most volatile first."""


def sweep(
    spec: Annotated[Path, typer.Argument(metavar="SPEC.toml", help="the spec of the sweep")],
    out: Annotated[Path | None, typer.Option(help="folder for the results")] = None,
    workers: Annotated[int, typer.Option(help="processes", min=1, max=512)] = 2,
    address: Annotated[
        str | None, typer.Option("--cluster", help="run on a dask scheduler, tcp://HOST:PORT")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="episodes per condition, instead of the spec's number", min=1)
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help="also keep one row per fired step")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="estimate time and space, and run nothing")
    ] = False,
    extend: Annotated[bool, typer.Option("--extend", help="add conditions or seeds to the folder")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="run failed episodes again")] = False,
    mixed_versions: Annotated[
        bool,
        typer.Option("--mixed-versions", help="continue a folder that another version of plandrift began"),
    ] = False,
    engine: Annotated[str, typer.Option(help="what runs the episodes: auto, simpy or compiled")] = "auto",
    patience: WallClockLimit = None,
) -> None:
    """Run a sweep; the same command resumes one that was stopped.

    Example, after `plandrift demo --seeds 10`:
      plandrift sweep results/demo/spec.toml --seeds 4 --out results/small
    """
    set_wall_clock_limit(patience)
    read, text = read_spec(spec)
    read = read.with_seeds(seeds)
    if dry_run:
        _foretell(read, text, str(spec), workers, steps)
        return
    if out is None:
        raise PlandriftError("--out: give a folder for the results")
    with Display(read.title or spec.stem) as display:
        outcome = run_sweep(
            read,
            out,
            workers=workers,
            address=address,
            steps=steps,
            extend=extend,
            retry_failed=retry_failed,
            text=text,
            place=str(spec),
            tell=display,
            engine=engine,
            mixed_versions=mixed_versions,
        )
    print_outcome(outcome, out)


def _foretell(spec: Spec, text: str, place: str, workers: int, steps: bool) -> None:
    conditions = conditions_of(spec, text, place)
    each = spec.seeds if spec.seeds is not None else spec.until.at_most if spec.until else 0
    most = "at most " if spec.until is not None else ""
    tried = estimate(conditions, steps, spec.regret)
    seconds = tried.seconds * each * len(conditions) / workers
    print(f"{len(conditions)} conditions × {most}{each} seeds = {most}{each * len(conditions)} episodes")
    print(
        f"{most}about {duration(seconds)} on {workers} workers "
        f"({1000 * tried.seconds:.2f} ms per episode over {tried.episodes} tried)"
    )
    print(
        f"{most}about {size(tried.bytes * each * len(conditions))} on disk "
        f"({tried.bytes:.0f} bytes per episode)"
    )
    if tried.failed:
        print(f"{tried.failed} of the {tried.episodes} tried failed")
    else:
        print(_horizon(conditions))


def _horizon(conditions: Sequence[Condition]) -> str:
    """Say how long an undisturbed episode takes, the share cut off, and which horizon would be ample."""
    some = sorted(conditions, key=lambda one: -one.parts.world.volatility)
    some = some[:: max(1, len(some) // HORIZONS)]
    times = [time for time in map(undisturbed, some) if time is not None]
    if not times:
        return "no episode ends before its horizon, however long the horizon is"
    trial, horizon = try_horizon(some, HORIZON_SECONDS), max(one.parts.horizon for one in some)
    return (
        f"an undisturbed episode takes {max(times):.3g}; horizon {horizon:g} cut off {trial.cut:.1%} of "
        f"{trial.episodes} episodes tried: {_ample(trial, horizon)}"
    )


def _ample(trial: HorizonTrial, horizon: float) -> str:
    if trial.ample:
        return "ample" if trial.factor == 1 else f"horizon {horizon * trial.factor:g} would be ample"
    assert trial.endless is not None
    return (
        f"no horizon tried is ample ({trial.left:.1%} do not end, for example with {trial.endless.policy} at "
        f"volatility {trial.endless.parts.world.volatility:g})"
    )
