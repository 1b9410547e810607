"""A contest: an agent's own program, a process a seed, each with a server of its own over stdio."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from experiments.play.seat import OUTCOME, SERVED_BY, Seat, metrics_of, runs, served_by
from experiments.sweeps.batch import Columns, Crash
from experiments.sweeps.condition import Condition
from experiments.sweeps.manifest import manifest_of_conditions
from experiments.sweeps.store import Writer, open_folder
from sim import PlandriftError
from sim.metrics import COUNTS, METRICS

CONFIG = "mcp.json"
"""How the agent is told of its server: the file that most MCP clients take."""
CONFIG_AT = "PLANDRIFT_MCP"
"""The environment variable that holds the path of that file."""
SEATED = "sessions"
"""The folder of a contest in which each seed has one of its own."""
GRACE = 10.0
"""Seconds that a server gets to keep its session after its agent has ended."""


def contest(
    agent: str,
    seats: Sequence[Seat],
    out: Path,
    *,
    workers: int = 1,
    limit: float = 600.0,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Let an agent play each seat that it has not played yet. Returns how many sessions were not kept.

    Args:
        agent: its command. It finds its server in the file that ``PLANDRIFT_MCP`` names, and that stands
            in place of ``{config}``.
        seats: of one condition, a seed each.
        out: the folder: a sweep's, for `compare` and `table`, with a folder a seed in ``sessions``.
        workers: agents that run at once.
        limit: seconds after which one is stopped.
        tell: called with a line a session.

    Raises:
        PlandriftError: the command cannot be run, or the folder is another contest's.
    """
    words = _words(agent)
    one = contender_of(seats[0])
    manifest = manifest_of_conditions(f"{one.policy} in {one.world}", [one], len(seats))
    with open_folder(out, manifest, "", extend=False) as writer:
        writer.forget_failures()
        played = writer.done()[one.id]
        left = [seat for seat in seats if seat.seed not in played]
        with ThreadPoolExecutor(workers) as pool:
            crashes = list(pool.map(lambda seat: _play(words, seat, out, limit, tell), left))
        kept = [seat for seat, crash in zip(left, crashes, strict=True) if crash is None]
        _write(writer, kept, out)
        lost = [
            Crash(0, one.id, seat.seed, crash, crash)
            for seat, crash in zip(left, crashes, strict=True)
            if crash is not None
        ]
        writer.record(lost)
    return len(lost)


def contender_of(seat: Seat) -> Condition:
    """The condition of a contest: the agent stands in place of the policy, behind its guard if it has one."""
    title = seat.name + (f" behind {seat.guard}" if seat.guard else "")
    words = json.dumps([seat.condition.id, title, seat.pace])
    name = hashlib.sha256(words.encode()).hexdigest()[:12]
    settings = seat.condition.settings | {"pace": seat.pace}
    return dataclasses.replace(seat.condition, id=name, policy=title, settings=settings)


def _words(agent: str) -> list[str]:
    try:
        words = shlex.split(agent)
    except ValueError as error:
        raise PlandriftError(f"--agent {agent}: {error}: close what is open") from None
    if not words:
        raise PlandriftError("--agent: give a command, such as 'python my_agent.py'")
    return words


def server_words(seat: Seat, folder: Path) -> list[str]:
    """The command of a seat's server."""
    one = seat.condition
    words = [sys.executable, "-m", "experiments.cli", "serve", one.world, "--seed", str(seat.seed)]
    words += ["--pace", seat.pace, "--name", seat.name, "--out", str(folder)]
    if seat.guard:
        words += ["--guard", seat.guard]
    for name, value in one.given.items():
        words += ["--set", f"{name}={_text(value)}"]
    return words


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _play(
    words: Sequence[str], seat: Seat, out: Path, limit: float, tell: Callable[[str], None]
) -> str | None:
    """One session. Returns what went wrong, None if it was kept."""
    folder = (out / SEATED / f"seed-{seat.seed}").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / OUTCOME).unlink(missing_ok=True)
    config, server = folder / CONFIG, server_words(seat, folder)
    served = {"mcpServers": {"world": {"command": server[0], "args": server[1:]}}}
    config.write_text(json.dumps(served, indent=1), encoding="utf-8")
    command = [word.replace("{config}", str(config)) for word in words]
    with (folder / "agent.log").open("wb") as log:
        try:
            agent = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {CONFIG_AT: str(config)},
                start_new_session=True,
            )
        except OSError as error:
            raise PlandriftError(f"--agent {words[0]}: {error.strerror}: give a command that runs") from None
        try:
            said = f"it ended with code {agent.wait(limit)}"
        except subprocess.TimeoutExpired:
            said = f"it took more than {limit:g} seconds"
        finally:
            _end(agent, folder)
    if not (folder / OUTCOME).exists():
        tell(f"seed {seat.seed}: {said} and never played: see {folder / 'agent.log'}")
        return f"the agent never played: {said}"
    figures = metrics_of(folder)
    tell(
        f"seed {seat.seed}: {figures['steps_fired']:g} calls, {figures['misfires']:g} misfires, "
        f"{figures['harm']:g} harmful, goals met {figures['goals_met']:.0%}; {said}"
    )
    return None


def _end(agent: subprocess.Popen[bytes], folder: Path) -> None:
    """End whatever the agent has left running, and let its server keep the session first."""
    server = served_by(folder)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(agent.pid, signal.SIGKILL)
    agent.wait()
    # Without its agent the server ends by itself; it may stand in a session of its own.
    until = time.monotonic() + GRACE
    while server is not None and runs(server) and time.monotonic() < until:
        time.sleep(0.05)
    if server is not None and runs(server):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(server, signal.SIGKILL)
    (folder / SERVED_BY).unlink(missing_ok=True)


def _write(writer: Writer, seats: Sequence[Seat], out: Path) -> None:
    """The rows of the sessions that were kept."""
    if not seats:
        return
    rows = [metrics_of(out / SEATED / f"seed-{seat.seed}") for seat in seats]
    columns: Columns = {
        "number": np.zeros(len(rows), np.int64),
        "seed": np.array([seat.seed for seat in seats], np.int64),
    }
    for name in METRICS:
        columns[name] = np.array([row[name] for row in rows], np.int64 if name in COUNTS else np.float64)
    writer.write("episodes", columns)
