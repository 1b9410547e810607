"""How long does a plan for a commit stay valid? From a repository's history, and by letting an agent try.

python examples/git_staleness.py PATH/TO/REPOSITORY
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from plandrift import run
from plandrift.experiments.analysis.survival import survival
from plandrift.policies import gated, plan_once
from plandrift.worlds import Recorded
from plandrift.worlds.logs.change_log import opened
from plandrift.worlds.logs.git_history import import_git

HOUR, DAY = 3600.0, 86400.0


def main(repository: Path) -> None:
    """Print the share of plans still valid by age, and what an agent does in the same history."""
    with TemporaryDirectory() as folder:
        log = Path(folder) / "changes.parquet"
        found = import_git(repository, log)
        print(f"{found.changes} changes of {found.files} files in {found.commits} commits by {found.authors}")

        # Without simulation: a plan for a commit is broken by an earlier write to any of its files.
        print("files in a commit   valid after an hour   a day   a week")
        for curve in survival(opened(str(log)), "anyone"):
            shares = [f"{curve.at(age)[0]:.0%}" for age in (HOUR, DAY, 7 * DAY)]
            print(f"{curve.fluents:17} {shares[0]:>21} {shares[1]:>7} {shares[2]:>8}")

        # An agent makes one of the commits again, while everybody else's changes happen as they did. One
        # hour of history is one unit of time. The agent thinks for one, and hears of a change after eight.
        world = Recorded(log=str(log), volatility=HOUR)
        for policy in (plan_once(), gated()):
            episodes = [run(world, policy, latency=8.0, thinking_time=1.0, seed=seed) for seed in range(20)]
            lost = sum(episode.metrics.harm for episode in episodes)
            fired = sum(episode.metrics.steps_fired for episode in episodes)
            print(f"{policy.name}: {lost} lost updates in {fired} writes")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
