"""How stale does a plan get as the world changes faster? A sweep, a table and a figure.

    python examples/headline_sweep.py

If you run it again, it resumes where it stopped; delete the folder to start over.
"""

from pathlib import Path

from plandrift.experiments.analysis.tables import table
from plandrift.experiments.figures.kinds import KINDS
from plandrift.experiments.figures.style import save
from plandrift.experiments.sweeps.run import sweep

SPEC = {
    "title": "How stale does a plan get as the world changes faster?",
    "world": "records",
    "seeds": 30,
    "horizon": 60,
    "grid": {
        "policy": ["plan-once", "replan-each", "gated"],
        "volatility": [0.001, 0.0056, 0.0316, 0.178, 1.0],
    },
    "fixed": {"channel.latency": 1, "agent.thinking_time": 0.2},
}


def main(folder: Path = Path("results/headline")) -> None:
    """Run the sweep, print one row per condition, and draw the figure."""
    results = sweep(SPEC, folder).results
    for row in table(results, ["policy", "volatility"], ["plan_staleness"]):
        interval = f"{row['low']:.3f} to {row['high']:.3f}"
        print(f"{row['policy']:12} {row['volatility']:<7g} {row['mean']:.3f}  ({interval})")
    save(KINDS["staleness-volatility"](results), folder / "staleness.svg")
    print(f"figure: {folder / 'staleness.svg'}")


if __name__ == "__main__":  # needed: the sweep's processes import this file
    main()
