"""`plandrift data status`: the progress of a sweep."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from plandrift.experiments.cli.options import Folder
from plandrift.experiments.statistics.visible import on_one_line
from plandrift.experiments.sweeps.results import Results


def status(folder: Folder) -> None:
    """Show a sweep's progress, also while it runs.

    It shows the episodes done, left and failed, and the rate.

    Example, after `plandrift demo --seeds 10`:
      plandrift data status results/demo
    """
    results = Results(folder)
    manifest, said = results.manifest, results.progress()
    done = sum(len(seeds) for seeds in results.done().values())
    failed = len(results.failures())
    most = manifest.most
    running = _running(folder)
    rule = f"until {manifest.until.metric} ± {manifest.until.half_width:g}, " if manifest.until else ""
    left = max(0, most - done - failed)
    if manifest.until is not None and said and not running and not said.get("left", 1):
        left = 0
    print(f"{on_one_line(manifest.title or str(folder))}")
    print(f"  {len(manifest.conditions)} conditions, {rule}{'at most ' if rule else ''}{most} episodes")
    old = results.unverified()
    print(f"  done {done}  left {'at most ' if rule and left else ''}{left}  failed {failed}")
    print(
        f"  {'running' if running else 'not running'}"
        + (f", {said['rate']:.0f} episodes per second" if said else "")
    )
    made = [
        f"{name} {', '.join(found)}" for name in ("plandrift", "numpy") if (found := results.versions(name))
    ]
    if made:
        print(f"  made by {', '.join(made)}")
    if old:
        print(
            f"  {old} of {len(results.parts())} parts are unverified: they were written before digests "
            "existed"
        )


def _running(folder: Path) -> bool:
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False
