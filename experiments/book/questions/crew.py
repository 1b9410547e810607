"""How many agents are worth having in one world, and which coordination helps."""

from __future__ import annotations

from typing import Any, Literal

from plandrift.experiments.analysis.claims import Claim
from plandrift.experiments.book.questions.question import Question
from plandrift.experiments.figures.kinds.crew import crew

APART = {
    "agents": "crew.agents",
    "coordination": "crew.coordination",
    "policy": "policy",
    "repair": "crew.repair",
    "thinking": "agent.thinking_time",
    "shared": "world.shared",
    "models": "crew.models",
}
"""What varies, by a short name."""
SHORT, MANY, TWO = "exponential(1)", [8.0, 32.0], "2"


def _claim(
    expected: str, between: str, verdict: Literal["less", "more"], metric: str = "speedup", **where: Any
) -> Claim:
    """A claim about a metric; settings that are not compared vary, or are fixed in `where`."""
    setting = between.partition("=")[0]
    by = [name for name in APART.values() if name != setting]
    return Claim(expected, between, metric, verdict, by, {APART[k]: v for k, v in where.items()})


CREW = (
    Question(
        "how-many-agents",
        [("Right tasks per time over one agent alone, against the number of agents", crew)],
        [
            _claim(
                "Without a check or a lock, 32 agents on 100 shared fluents get less right than one",
                "crew.agents=32,1",
                "less",
                "right_rate",
                policy="plan-once",
                shared=100.0,
            ),
            _claim(
                "If each agent has its own model, optimistic control beats locking on 100 shared fluents: "
                "the world's own check beats locks taken as needed, at 8 and 32 agents, with short and long "
                "thinking",
                "crew.coordination=none,plan-lock",
                "more",
                agents=MANY,
                models="none",
                shared=100.0,
            ),
            _claim(
                "With two models it does so at 8 agents as well, unlike in databases that run out of disks "
                "(Agrawal, Carey and Livny 1987)",
                "crew.coordination=none,plan-lock",
                "more",
                agents=8.0,
                models=TWO,
            ),
            _claim(
                "With locks taken as needed and a model each, 32 agents on 100 shared fluents do less than "
                "one alone",
                "crew.agents=32,1",
                "less",
                coordination="plan-lock",
                models="none",
                shared=100.0,
            ),
            _claim(
                "On 2,000 shared fluents they do more than one alone",
                "crew.agents=32,1",
                "more",
                coordination="plan-lock",
                shared=2000.0,
            ),
            _claim(
                "With short thinking, a merge queue gains less than the world's own check, at 8 and 32 "
                "agents",
                "crew.coordination=merge-queue,none",
                "less",
                agents=MANY,
                thinking=SHORT,
            ),
            _claim(
                "With the world's own check, 32 agents gain less with two models than with a model each",
                "crew.models=2,none",
                "less",
                agents=32.0,
                policy="if-match",
                coordination="none",
            ),
            _claim(
                "Replanning only what is stale pays off, at 32 agents with the world's own check and a model "
                "each on 100 shared fluents",
                "crew.repair=part,whole",
                "more",
                agents=32.0,
                coordination="none",
                models="none",
                shared=100.0,
            ),
        ],
        quick=2,
    ),
)
