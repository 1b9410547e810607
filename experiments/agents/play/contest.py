"""A contest: an agent's own program, one process per seed, each with its own server over stdio."""

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

from plandrift.experiments.agents.play.player_session import (
    OUTCOME,
    SERVED_BY,
    PlayerSession,
    metrics_of,
    runs,
    served_by,
)
from plandrift.experiments.sweeps.batch import Columns, Crash
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.manifest import manifest_of_conditions
from plandrift.experiments.sweeps.store import ResultsWriter, open_folder
from plandrift.sim import PlandriftError
from plandrift.sim.measure.metrics import COUNTS, METRICS

CONFIG = "mcp.json"
"""The file with which the agent finds its server, in the form that most MCP clients accept."""
CONFIG_AT = "PLANDRIFT_MCP"
"""The environment variable with the path of that file."""
SESSIONS = "sessions"
"""The folder in a contest that holds one folder per seed."""
GRACE = 10.0
"""The seconds that a server has to save its session after its agent has ended."""


def contest(
    agent: str,
    sessions: Sequence[PlayerSession],
    out: Path,
    *,
    workers: int = 1,
    limit: float = 600.0,
    transcript: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Let an agent play each session not played yet; return how many sessions were not saved.

    Args:
        agent: the agent's command. It finds its server in the file named by ``PLANDRIFT_MCP``, which also
            replaces ``{config}`` in the command.
        sessions: the players' sessions of one condition, one per seed.
        out: the folder: a sweep's, for `compare` and `table`, with a folder per seed in ``sessions``.
        workers: number of agents that run at once.
        limit: seconds after which an agent is stopped.
        transcript: the file to write a single session to as a transcript; None for none.
        tell: called with one line per session.

    Raises:
        PlandriftError: the command cannot be run, or the folder belongs to another contest.
    """
    words = _words(agent)
    one = contest_condition(sessions[0])
    manifest = manifest_of_conditions(f"{one.policy} in {one.world}", [one], len(sessions))
    with open_folder(out, manifest, "", extend=False) as writer:
        writer.forget_failures()
        played = writer.done()[one.id]
        left = [player for player in sessions if player.seed not in played]
        return _Contest(words, out, limit, transcript).play(left, workers, writer, tell)


def contest_condition(player: PlayerSession) -> Condition:
    """Return a contest's condition: the agent replaces the policy, behind its guard if it has one."""
    title = player.name + (f" behind {player.guard}" if player.guard else "")
    words = json.dumps([player.condition.id, title, player.pace])
    name = hashlib.sha256(words.encode()).hexdigest()[:12]
    settings = player.condition.settings | {"pace": player.pace}
    return dataclasses.replace(player.condition, id=name, policy=title, settings=settings)


def _words(agent: str) -> list[str]:
    try:
        words = shlex.split(agent)
    except ValueError as error:
        raise PlandriftError(f"--agent {agent}: {error}: close the open quote") from None
    if not words:
        raise PlandriftError("--agent: give a command, such as 'python my_agent.py'")
    return words


def server_words(player: PlayerSession, folder: Path, transcript: Path | None = None) -> list[str]:
    """Return the command of the server for a player's session."""
    one = player.condition
    words = [sys.executable, "-m", "plandrift.experiments.cli", "serve", one.world]
    words += ["--seed", str(player.seed), "--pace", player.pace, "--name", player.name, "--out", str(folder)]
    if player.guard:
        words += ["--guard", player.guard]
    if transcript is not None:
        words += ["--transcript", str(transcript.resolve())]
    for name, value in one.given.items():
        words += ["--set", f"{name}={_text(value)}"]
    return words


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


class _Contest:
    """A contest in progress."""

    def __init__(self, words: Sequence[str], out: Path, limit: float, transcript: Path | None) -> None:
        self._words, self._out, self._limit, self._transcript = words, out, limit, transcript
        self._agents: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def play(
        self,
        sessions: Sequence[PlayerSession],
        workers: int,
        writer: ResultsWriter,
        tell: Callable[[str], None],
    ) -> int:
        """Play these sessions, write each row in turn, and return how many sessions were not saved."""
        lost = 0
        with ThreadPoolExecutor(workers) as pool:
            try:
                for player, (came, said) in zip(sessions, pool.map(self._play, sessions), strict=True):
                    if came:
                        _write(writer, player, self._out)
                    else:
                        one = writer.manifest.conditions[0].id
                        writer.record([Crash(0, one, player.seed, said, said)])
                    lost += not came
                    tell(said)
            except BaseException:
                self._stopped = True
                pool.shutdown(wait=False, cancel_futures=True)
                for agent in list(self._agents):
                    _kill(agent.pid)
                raise
        return lost

    def _play(self, player: PlayerSession) -> tuple[bool, str]:
        """Play one session; return whether it was saved, and a remark."""
        folder = (self._out / SESSIONS / f"seed-{player.seed}").resolve()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / OUTCOME).unlink(missing_ok=True)
        config, server = folder / CONFIG, server_words(player, folder, self._transcript)
        served = {"mcpServers": {"world": {"command": server[0], "args": server[1:]}}}
        config.write_text(json.dumps(served, indent=1), encoding="utf-8")
        said = self._run([word.replace("{config}", str(config)) for word in self._words], config, folder)
        if not (folder / OUTCOME).exists():
            return False, f"seed {player.seed}: the agent never played: {said}: see {folder / 'agent.log'}"
        figures = metrics_of(folder)
        return True, (
            f"seed {player.seed}: {figures['steps_fired']:g} calls, {figures['misfires']:g} misfires, "
            f"{figures['harm']:g} harmful, goals met {figures['goals_met']:.0%}; {said}"
        )

    def _run(self, command: list[str], config: Path, folder: Path) -> str:
        """Run the agent to its end, and return how it ended."""
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
                raise PlandriftError(
                    f"--agent {command[0]}: {error.strerror}: give a command that runs"
                ) from None
            self._agents.add(agent)
            try:
                if self._stopped:
                    _kill(agent.pid)
                return f"it ended with code {agent.wait(self._limit)}"
            except subprocess.TimeoutExpired:
                return f"it took more than {self._limit:g} seconds"
            finally:
                _end(agent, folder)
                self._agents.discard(agent)


def _end(agent: subprocess.Popen[bytes], folder: Path) -> None:
    """End whatever the agent has left running, after its server has saved the session."""
    server = served_by(folder)
    _kill(agent.pid)
    agent.wait()
    # Without its agent the server ends by itself; it may be in a process session of its own.
    until = time.monotonic() + GRACE
    while server is not None and runs(server) and time.monotonic() < until:
        time.sleep(0.05)
    if server is not None and runs(server):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(server, signal.SIGKILL)
    (folder / SERVED_BY).unlink(missing_ok=True)


def _kill(group: int) -> None:
    """End a process started here, together with its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _write(writer: ResultsWriter, player: PlayerSession, out: Path) -> None:
    """Write the row of a saved session."""
    row = metrics_of(out / SESSIONS / f"seed-{player.seed}")
    columns: Columns = {"number": np.zeros(1, np.int64), "seed": np.array([player.seed], np.int64)}
    for name in METRICS:
        columns[name] = np.array([row[name]], np.int64 if name in COUNTS else np.float64)
    writer.write(columns)
