"""The world of a PDDL problem, in which others act or named actions happen by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from plandrift.sim import Scene, Streams, World, setting
from plandrift.worlds.pddl.fast_downward import program, revision
from plandrift.worlds.pddl.generator import DOMAINS
from plandrift.worlds.pddl.grounded_problem import GroundedProblem, grounded_problem
from plandrift.worlds.pddl.others import HOW
from plandrift.worlds.pddl.scene import AUTO, BUILT_IN, FAST_DOWNWARD, PddlScene
from plandrift.worlds.pddl.task import Task

ALONE, FIRST = (60_000, 200_000, 1_000_000_000), (200, 2_000, 2_000_000)
"""The default budget of the built-in search, alone and before Fast Downward, which is soon faster.

Each is the least and greatest number of states, and the number of actions examined.
"""


@dataclass(frozen=True)
class Pddl(World):
    """Any planning problem in PDDL: others act in its domain, or an overlay says what happens by itself.

    Without an overlay, others carry out random applicable actions of the domain, at such a rate that a fact
    changes about as often as the volatility says. With an overlay, the actions that it names happen by
    themselves, at rates that are multiples of the volatility, and the agent has the remaining actions.

    It needs Fast Downward's translator, which ``plandrift[planning]`` installs. Each fluent is a fact:

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
    planner: str = setting(
        BUILT_IN,
        "the built-in search, the program Fast Downward, or the program after the built-in search has used "
        "up its budget",
        choices=(BUILT_IN, FAST_DOWNWARD, AUTO),
    )
    planner_limit: int = setting(
        60,
        "CPU time that Fast Downward may take for one plan; taking more is an error",
        unit="s",
        low=1,
        high=86_400,
    )
    budget: int | None = setting(
        None,
        "states that the built-in search may expand; if not given, 1,000 million / the number of actions, "
        "but from 60,000 to 200,000; with auto, 2 million / the number of actions, but from 200 to 2,000",
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
        """Read the problem, and check that its planner is installed."""
        self.grounded(self.number or 0)
        self.programs()

    def programs(self) -> Mapping[str, str]:
        """Return Fast Downward's revision, if its search is used."""
        return {} if self.planner == BUILT_IN else {"fast-downward": revision(program())}

    def grounded(self, number: int) -> GroundedProblem:
        """Return the grounded problem with this number; it is read only once per process."""
        return grounded_problem(self.domain, self.problem, self.overlay, self.size, number)

    def states(self, task: Task) -> int:
        """Return how many states the built-in search of a task may expand."""
        if self.budget is not None:
            return self.budget
        least, most, work = FIRST if self.planner == AUTO else ALONE
        return max(least, min(most, work // len(task.actions)))

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return a scene of the problem, which is read and grounded once per process."""
        number = self.number
        if number is None:
            number = int(random["world"].integers(10))
        grounded = self.grounded(number)
        watched = bool(self.opportunity) and float(random["opportunity"].random()) < self.opportunity
        return PddlScene(self, grounded, random, watched)
