"""Runs episodes of the tree that it is started in, as asked over pipes: one side of a comparison.

It is passed by path, with a tree's root as its folder, and takes from that tree nothing but `run`, worlds and
policies, of which it knows the names before and after they became `plandrift`'s. It then answers each line
on its input, the JSON of (world, its settings, policy, first seed, count), by the CPU seconds that those
episodes took and the SimPy events in them. With `load` for an argument it only says the CPU seconds from the
start of Python to when `run`, a world and a policy are imported.
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
    """Import what an episode needs, as a user does."""
    package = "plandrift" if IS_PACKAGE else "sim"
    exec(f"from {package} import run; from {WITHIN}worlds import Records; from {WITHIN}policies import gated")
    print(time.process_time())


def serve() -> None:
    """Answer until the input ends."""
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
    sys.path[0] = str(ROOT)  # in place of this file's folder
    load() if sys.argv[1:] == ["load"] else serve()
