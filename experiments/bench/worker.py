"""Runs episodes of the tree it is started in, on request over pipes: one side of a comparison.

It is passed by path, with a tree's root as its working folder. From that tree it uses only `run`, worlds
and policies, whose module names it knows both before and after they moved into `plandrift`. Each input line
is the JSON of (world, its settings, policy, first seed, count); the answer is the CPU seconds that those
episodes took and the number of SimPy events in them. With the argument `load` it only prints the CPU
seconds from the start of Python until `run`, a world and a policy are imported.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path

ROOT = Path.cwd()
IS_PACKAGE = (ROOT / "plandrift/__init__.py").exists()
WITHIN = "plandrift." if IS_PACKAGE else ""


def load() -> None:
    """Import what an episode needs, as a user would."""
    package = "plandrift" if IS_PACKAGE else "sim"
    exec(f"from {package} import run; from {WITHIN}worlds import Records; from {WITHIN}policies import gated")
    print(time.process_time())


def serve() -> None:
    """Answer requests until the input ends."""
    run = import_module(WITHIN + "sim").run
    worlds, policies = import_module(WITHIN + "worlds").WORLDS, import_module(WITHIN + "policies").POLICIES
    assert ROOT in Path(run.__code__.co_filename).parents, f"{run.__code__.co_filename} is not of {ROOT}"
    for line in sys.stdin:
        world, settings, policy, first, count = json.loads(line)
        made, by = worlds[world](**settings), policies[policy]()
        began = time.process_time()
        events = sum(run(made, by, seed=seed).events for seed in range(first, first + count))
        print(json.dumps([time.process_time() - began, events]), flush=True)


if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # instead of this file's folder
    load() if sys.argv[1:] == ["load"] else serve()
