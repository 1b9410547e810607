"""How many agents are worth having in one world, and what keeps them out of each other's way."""

from __future__ import annotations

from typing import Any, Literal

from plandrift.experiments.analysis.claims import Claim
from plandrift.experiments.book.questions.question import Question
from plandrift.experiments.figures.kinds.crew import crew

APART = ["crew.agents", "crew.coordination", "crew.models", "crew.repair"]


def _claim(expected: str, between: str, verdict: Literal["less", "more"], **where: Any) -> Claim:
    """A claim on the speedup; what is not compared varies, or is fixed in `where`."""
    setting = between.partition("=")[0]
    chosen = {f"crew.{name}": values for name, values in where.items()}
    return Claim(expected, between, "speedup", verdict, [one for one in APART if one != setting], chosen)


CREW = (
    Question(
        "how-many-agents",
        [("Right tasks per time over one agent alone, against the number of agents", crew)],
        [
            _claim(
                "With a model each, optimistic beats blocking: a check at the world's door beats locks taken "
                "as needed, at 8 and 32 agents",
                "crew.coordination=none,plan-lock",
                "more",
                agents=[8.0, 32.0],
                models="none",
            ),
            _claim(
                "It does so with two models as well, unlike where databases run out of disks (Agrawal, Carey "
                "and Livny 1987)",
                "crew.coordination=none,plan-lock",
                "more",
                agents=[8.0, 32.0],
                models=2.0,
            ),
            _claim(
                "With locks taken as needed, 32 agents do less than one",
                "crew.agents=32,1",
                "less",
                coordination="plan-lock",
            ),
            _claim(
                "A merge queue gains less than the check, at 8 and 32 agents with a model each",
                "crew.coordination=merge-queue,none",
                "less",
                agents=[8.0, 32.0],
                models="none",
            ),
            _claim(
                "With two models, 32 agents gain less from the check than with a model each",
                "crew.models=2,none",
                "less",
                agents=32.0,
                coordination="none",
            ),
            _claim(
                "Planning anew only what is stale pays, at 32 agents with the check and a model each",
                "crew.repair=part,whole",
                "more",
                agents=32.0,
                coordination="none",
                models="none",
            ),
        ],
        quick=4,
    ),
)
