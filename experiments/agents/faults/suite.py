"""The suite: a folder of histories and the tests that an agent has to pass in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from plandrift.experiments.agents.faults.carried import carry_files, carry_modules
from plandrift.experiments.agents.faults.history import write_history
from plandrift.experiments.agents.faults.search import FaultMap, MapEntry
from plandrift.sim import PlandriftError

HISTORIES, MAP = "histories", "map.html"
"""The names in the folder: the histories, and the page."""

TESTS = '''"""Each history is one way in which an agent failed, shrunk to the changes that still make it fail.

An agent passes if it is right: it fires no call that no longer fits, none that its plan does not name and
none whose work is done, and it reaches its goals. Plug yours in with --policy, --planner or --agent, or in
conftest.py. `plandrift agent faults` wrote this; it needs plandrift and pytest, nothing else.
"""

from pathlib import Path

import pytest

from plandrift.experiments.agents.faults.history import read_history
from plandrift.experiments.agents.faults.verdict import fault

FILES = sorted((Path(__file__).parent / "histories").glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_agent_is_right(path, player):
    history = read_history(path)
    said = fault(history, player(history))
    if said:
        pytest.fail(f"{said}. {history.right[:1].upper()}{history.right[1:]}.", pytrace=False)
'''

CONFTEST = '''"""Plug your agent in here, or by an option; `plandrift agent faults` wrote this."""

import pytest

from plandrift.experiments.agents.faults.player import ProgramPlayer, played_by_policy

POLICY = POLICY_NAME
"""A policy by name, or an object that is one."""
PLANNER = None
"""A function of a belief and the goals that plans in place of the world, or package.module:name."""
AGENT = AGENT_COMMAND
"""A command that starts your agent: an MCP client; the file that PLANDRIFT_MCP names tells of its server."""


def pytest_addoption(parser):
    parser.addoption("--policy", default=POLICY, help="a policy, or package.module:Name")
    parser.addoption("--planner", default=PLANNER, help="a planner, package.module:name")
    parser.addoption("--agent", default=AGENT, help="a command that plays: an MCP client")


@pytest.fixture(scope="session")
def player(request):
    """What plays a history."""
    command = request.config.getoption("--agent")
    if command:
        return ProgramPlayer(command)
    return played_by_policy(request.config.getoption("--policy"), request.config.getoption("--planner"))
'''


def check_folder(out: Path) -> None:
    """Refuse a folder with other contents before the search begins.

    Raises:
        PlandriftError: the folder is not empty, and was not written by `plandrift agent faults`.
    """
    if out.is_file():
        raise PlandriftError(f"--out {out}: it is a file: give a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / HISTORIES).is_dir():
        raise PlandriftError(f"--out {out}: it contains something else: give another folder")
    if not out.parent.is_dir():
        raise PlandriftError(f"--out {out}: there is no folder {out.parent}: make it first")


def write_suite(found: FaultMap, out: Path, page: str, policy: str, agent: str = "") -> list[str]:
    """Write the folder, including copies of the files and modules that its settings name.

    Returns the names of the tests in the order of the map; empty where there is no test.

    Args:
        found: the map.
        out: the folder.
        page: the map as a page.
        policy: the policy that the suite tests by default.
        agent: the command that it tests instead of the policy.

    Raises:
        PlandriftError: the folder cannot be written.
    """
    names = names_of(found.entries)
    try:
        (out / HISTORIES).mkdir(parents=True, exist_ok=True)
        for old in (out / HISTORIES).glob("*.toml"):
            old.unlink()
        (out / "test_faults.py").write_text(TESTS, encoding="utf-8")
        plugged = CONFTEST.replace("POLICY_NAME", repr(policy)).replace("AGENT_COMMAND", repr(agent))
        (out / "conftest.py").write_text(plugged, encoding="utf-8")
        (out / MAP).write_text(page, encoding="utf-8")
        carried: dict[Path, str] = {}
        settings = [carry_files(entry.history.settings, out, carried) for entry in found.entries]
        carry_modules({entry.history.world for entry in found.entries} | {policy}, out)
    except OSError as error:
        raise PlandriftError(f"--out {out}: {error.strerror}: give a folder that can be written") from None
    for name, entry, needs in zip(names, found.entries, settings, strict=True):
        if name:
            write_history(entry.history, out / HISTORIES / f"{name}.toml", needs)
    return names


def names_of(entries: Sequence[MapEntry]) -> list[str]:
    """Return the name of each entry's test; empty if no correct agent is known to pass."""
    names = []
    for number, entry in enumerate(entries, 1):
        kind = entry.kind
        words = "-".join(part for part in (kind.action, kind.outcome, kind.fluent, kind.when) if part)
        short = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60]
        names.append(f"{number:02}-{short}" if entry.testable else "")
    return names
