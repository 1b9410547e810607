"""The world of a PDDL problem, in which others act or named actions happen by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from plandrift.sim import Scene, Streams, World, setting
from plandrift.worlds.pddl.generator import DOMAINS
from plandrift.worlds.pddl.grounded_problem import GroundedProblem, grounded_problem
from plandrift.worlds.pddl.others import HOW
from plandrift.worlds.pddl.scene import PddlScene, engine_plan
from plandrift.worlds.pddl.search import BUILT_IN
from plandrift.worlds.pddl.task import Task

LEAST, MOST, WORK = 60_000, 200_000, 1_000_000_000
"""The default budget of a search: its least and greatest number of states, and the actions examined."""


@dataclass(frozen=True)
class Pddl(World):
    """Any planning problem in PDDL: others act in its domain, or an overlay says what happens by itself.

    Without an overlay, others carry out random applicable actions of the domain, at such a rate that a fact
    changes about as often as the volatility says. With an overlay, the actions that it names happen by
    themselves, at rates that are multiples of the volatility, and the agent has the remaining actions.

    It needs unified-planning, which comes with ``plandrift[planning]``. A fluent is a fact, true or false:

    >>> scene = Pddl(domain="ferry", size=1).begin(Streams(7), horizon=60.0)
    >>> print(scene.plan(scene.first)[0])
    board(c='car1', l='landing3')
    """

    alone: ClassVar[str] = "its planner makes one plan for all goals"

    domain: str = setting("ferry", f"a PDDL file, or one of {', '.join(DOMAINS)}")
    problem: str | None = setting(None, "a PDDL file; if not given, a random problem of a built-in domain")
    overlay: str | None = setting(
        None, "a TOML file, or ferry: which actions happen by themselves, and how often"
    )
    size: int = setting(3, "size of the random problem", low=1, high=5)
    number: int | None = setting(
        None,
        "number of the problem of that size; if not given, each seed draws one of ten",
        low=0,
        high=1_000_000,
    )
    planner: str = setting(BUILT_IN, "built-in, or the name of an engine of unified-planning")
    planner_limit: float = setting(
        60.0,
        "seconds of wall-clock time that a named engine may take for one plan; taking more is an error",
        unit="s",
        above=0,
        high=86_400,
    )
    budget: int | None = setting(
        None,
        "states that a search may expand; if not given, 1,000 million / the number of actions, but from "
        "60,000 to 200,000",
        unit="states",
        low=1,
        high=1_000_000,
    )
    others: str = setting(
        "uniform",
        "how others choose without an overlay: uniformly among the applicable actions, by their own goals, "
        "or undoing what differs from the initial state",
        choices=HOW,
    )
    opportunity: float = setting(
        0.0,
        "share of the episodes in which the planner is asked at each change what it would now choose",
        low=0,
        high=1,
    )

    def check(self) -> None:
        """Read the problem, and check that the engine is installed."""
        grounded = self.grounded(self.number or 0)
        if self.planner != BUILT_IN:
            engine_plan(self, grounded, grounded.task.init)

    def grounded(self, number: int) -> GroundedProblem:
        """Return the grounded problem with this number; it is read only once per process."""
        return grounded_problem(self.domain, self.problem, self.overlay, self.size, number)

    def states(self, task: Task) -> int:
        """Return how many states a search of a task may expand."""
        if self.budget is not None:
            return self.budget
        return max(LEAST, min(MOST, WORK // len(task.actions)))

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return a scene of the problem, which is read and grounded once per process."""
        number = self.number
        if number is None:
            number = int(random["world"].integers(10))
        grounded = self.grounded(number)
        watched = bool(self.opportunity) and float(random["opportunity"].random()) < self.opportunity
        return PddlScene(self, grounded, random, watched)
