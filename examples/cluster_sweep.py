"""A sweep on a dask cluster: a local one, or the one whose address you give.

    python examples/cluster_sweep.py
    python examples/cluster_sweep.py tcp://HOST:8786

It needs `pip install 'plandrift[cluster]'`. The workers need plandrift too; this machine writes the results.
"""

import sys
from pathlib import Path

from distributed import LocalCluster

from plandrift.experiments.analysis.tables import compare
from plandrift.experiments.sweeps.run import Progress, sweep

SPEC = {
    "title": "What is a fresh read worth?",
    "world": "records",
    "seeds": 100,
    "grid": {"policy": ["gated", "read-back"], "volatility": [0.02, 0.1]},
    "fixed": {"channel.latency": 1.0, "agent.read_latency": 0.2},
}


def tell(progress: Progress) -> None:
    """Show the progress, a few times per second."""
    print(f"\r{progress.done} of {progress.total}, {progress.rate:.0f} per second", end="", file=sys.stderr)


def main(address: str | None = None, folder: Path = Path("results/cluster")) -> None:
    """Run the sweep on the cluster, and compare the two policies seed by seed."""
    if address is None:
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as own:
            main(own.scheduler_address, folder)
        return
    results = sweep(SPEC, folder, address=address, tell=tell).results
    for row in compare(results, "policy=read-back,gated", "misfires", ["volatility"]):
        print(f"\nvolatility {row['volatility']}: {row['difference']:+.2f} misfires ({row['verdict']})")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
