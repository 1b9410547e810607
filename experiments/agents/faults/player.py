"""The players of a history: a policy, optionally with a user's planner, or an agent's own program."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from plandrift.experiments.agents.faults.history import FREE, History, HistoryWorld, write_history
from plandrift.experiments.playback.episode_from_trace import episode_from_trace
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.sweeps.names import planner_named, policy_named
from plandrift.experiments.sweeps.wall_clock_limit import wall_clock_limit
from plandrift.sim import Episode, OwnPlanner, PlandriftError, Policy, read_lines, run
from plandrift.sim.usercode.answers import answering
from plandrift.sim.usercode.own_code import blamed

Player = Callable[[History], Episode]
"""Plays a history to its end."""


def played_by_policy(policy: Policy | str, planner: OwnPlanner | str | None = None) -> Player:
    """Return a player that uses a policy.

    Args:
        policy: a policy, or its name as on the command line.
        planner: a planner instead of the world's own, or its name ``package.module:name``.

    Raises:
        SettingError: a name is unknown.
    """
    chosen = policy_named(policy) if isinstance(policy, str) else policy
    plans = planner_named(planner) if isinstance(planner, str) else planner

    def play(history: History) -> Episode:
        parts = history.parts
        with wall_clock_limit(), blamed():
            return run(
                history.happening,
                answering(chosen),
                seed=history.seed,
                horizon=history.horizon,
                channel=parts.channel,
                agent=parts.agent,
                handoff=parts.handoff,
                planner=plans,
            )

    return play


@dataclass(frozen=True)
class ProgramPlayer:
    """A player that runs an agent's own program as an MCP client (docs/howto/own-agent.md).

    Attributes:
        command: the command that starts it.
        limit: limit in seconds for an episode.
        pace: the cost of its thinking.
    """

    command: str
    limit: float = 600.0
    pace: str = "fixed:0"

    def __call__(self, history: History) -> Episode:
        """Let the program play.

        Raises:
            PlandriftError: the program does not start, or never played.
        """
        from plandrift.experiments.agents.play.contest import SESSIONS, contest
        from plandrift.experiments.agents.play.player_session import TRACE, PlayerSession

        with tempfile.TemporaryDirectory(prefix="plandrift-") as place:
            file = Path(place) / "history.toml"
            write_history(replace(history, title=history.title or "a history"), file)
            agent = {
                n: v for n, v in history.settings.items() if n.startswith(("agent.", "channel.", "handoff."))
            }
            world = f"{HistoryWorld.__module__}:{HistoryWorld.__qualname__}"
            settings = {**agent, "world.history": str(file), "horizon": history.horizon}
            player = PlayerSession(condition(world, FREE, settings), history.seed, "agent", self.pace)
            lines: list[str] = []
            if contest(self.command, [player], Path(place) / "out", limit=self.limit, tell=lines.append):
                raise PlandriftError(f"--agent {self.command}: {'; '.join(lines)}")
            return episode_from_trace(
                read_lines(Path(place) / "out" / SESSIONS / f"seed-{history.seed}" / TRACE)
            )
