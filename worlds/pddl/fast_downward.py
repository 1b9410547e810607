"""Fast Downward's search, run as a separate program, alone or after the built-in search.

It is given our ground task and searches like LAMA's first iteration (Richter and Westphal 2010). It runs in a
temporary folder, with limits on its CPU time and memory, and is ended together with its process group.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from plandrift.sim import PlandriftError, SettingError
from plandrift.worlds.pddl.sas import sas
from plandrift.worlds.pddl.search import Found
from plandrift.worlds.pddl.task import Action, Kernel, Task

PACKAGE, INSIDE = "up_fast_downward", "downward/builds/release/bin/downward"
"""The package that contains the program, and the program's path in it."""
LAMA = (
    "let(hlm,eval_modify_costs(landmark_sum(lm_factory=lm_reasonable_orders_hps(lm_rhw()),pref=false),"
    "cost_type=one),let(hff,eval_modify_costs(ff(),cost_type=one),"
    "lazy_greedy([hff,hlm],preferred=[hff,hlm],cost_type=one,reopen_closed=false)))"
)
"""The search that Fast Downward's driver calls ``lama-first``."""
MEMORY = 4 * 2**30
"""The greatest number of bytes that the program may take."""
WAIT = 20
"""How many times its CPU time it may take in real time, because a machine may be busy."""
NO_PLAN, MEMORY_OUT, TIME_OUT = (11, 12), (22, 24), (23, -signal.SIGXCPU)
"""The exit codes for a search that has exhausted the states, and for reaching the limits."""
START = """import os, resource, sys
for kind, most in zip((resource.RLIMIT_CPU, resource.RLIMIT_AS), map(int, sys.argv[1:3])):
    hard = resource.getrlimit(kind)[1]
    try:
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    except (OSError, ValueError):
        pass  # macOS limits no memory
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Sets the limits and then becomes the program: setting them after a fork is unsafe with threads."""


def program() -> str:
    """Return the path of the program: from its package or, failing that, from PATH.

    Raises:
        SettingError: it is not installed.
    """
    package = find_spec(PACKAGE)
    inside = Path(package.origin or "").parent / INSIDE if package else Path()
    found = str(inside) if inside.is_file() else shutil.which("downward")
    if found is None:
        raise SettingError(
            name="world.planner",
            problem="needs Fast Downward's program downward, which is not installed",
            fix="pip install up-fast-downward, put downward on PATH, or use built-in",
        )
    return str(Path(found).absolute())


@lru_cache(maxsize=4)
def revision(path: str) -> str:
    """Return the revision of the code from which the program at this path was built, as it reports it.

    Raises:
        SettingError: it cannot be run, or does not report it.
    """
    command = [path, "--internal-git-revision"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        said = ""
    if not said.strip():
        fix = "pip install up-fast-downward, or use built-in"
        raise SettingError(name="world.planner", problem=f"runs {path}, which is not Fast Downward", fix=fix)
    return said.strip()


def planned(task: Task, state: int, goal: Kernel, limit: int) -> Found:
    """Plan from a state to a goal that does not hold there; no plan if the program says there is none.

    Args:
        task: the task.
        state: the state in which the plan begins; its derived facts are computed anew.
        goal: what must hold at the end.
        limit: the CPU time that it may take, in seconds.

    Raises:
        PlandriftError: it is not installed, fails, reaches a limit, or gives something that is not a plan. A
            limit is an error because whether it is reached depends on the machine.
    """
    code, said, plan = _run(sas(task, state, goal), limit)
    count = re.search(r"Expanded (\d+) state", said)
    expansions = int(count[1]) if count else 0
    if code in NO_PLAN:
        return Found(None, expansions)
    numbers = map(int, re.findall(r"^\((\d+) ?\)$", plan, re.MULTILINE))
    actions = tuple(task.actions[number] for number in numbers if number < len(task.actions))
    if code == 0 and _reaches(task, state, goal, actions):
        return Found(actions, expansions)
    raise _failed(
        f"no plan within {limit} s of CPU time: raise world.planner_limit or"
        if code in TIME_OUT
        else f"it needs more than {MEMORY >> 30} GiB of memory:"
        if code in MEMORY_OUT
        else f"it failed with exit code {code}:"
        if code
        else "what it gave is not a plan:"
    )


def _failed(why: str) -> PlandriftError:
    return PlandriftError(f"world.planner: Fast Downward: {why} use built-in")


def _reaches(task: Task, state: int, goal: Kernel, actions: Iterable[Action]) -> bool:
    there = task.closed(state)
    for action in actions:
        if not action.applies(there):
            return False
        there = task.after(action, there)
    return goal.holds(there)


def _run(text: str, limit: int) -> tuple[int, str, str]:
    """Return the program's exit code, its output, and the plan that it wrote."""
    command = [sys.executable, "-I", "-S", "-c", START, str(limit), str(MEMORY), program()]
    with (
        TemporaryDirectory(prefix="plandrift-") as folder,
        subprocess.Popen(
            [*command, "--search", LAMA, "--internal-plan-file", "plan"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        try:
            said, _ = process.communicate(text, timeout=WAIT * limit)
        except subprocess.TimeoutExpired:
            raise _failed(f"no plan after {WAIT * limit} s: raise world.planner_limit or") from None
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS, of a group that has ended
                os.killpg(process.pid, signal.SIGKILL)
        plan = Path(folder, "plan")
        return process.returncode, said, plan.read_text(encoding="utf-8") if plan.is_file() else ""
