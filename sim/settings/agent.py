"""The agent's settings: how its planner thinks, how its executor acts, and how both go wrong."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.settings.faults import Fault, Rate, fault, faults_of
from plandrift.sim.settings.fields import Settings, setting

ZERO = Distribution.constant(0.0)


@dataclass(frozen=True)
class Agent(Settings):
    """Planner and executor. What is not set is not there: every time and every fault is 0.

    >>> agent = Agent(thinking_time=Distribution.parse("exponential(2)"), slip=0.1)
    >>> agent.thinking_time.mean, agent.thinking
    (2.0, 'blocking')
    """

    thinking_time: Distribution = setting(ZERO, "how long a plan takes to make", unit="time", low=0)
    thinking: str = setting(
        "blocking",
        "whether the executor waits while the planner thinks, or goes on with the old plan",
        choices=("blocking", "concurrent"),
    )
    interrupted: str = setting(
        "finish",
        "what a request does to thinking under way: it is met afterwards (finish), or it throws the thinking "
        "away for as much once more (restart) or for a new thought of a time of its own (replace)",
        choices=("finish", "restart", "replace"),
    )
    step_duration: Distribution = setting(
        Distribution.constant(1.0), "from firing a call to its answer (d)", unit="time", above=0
    )
    action_latency: Distribution = setting(
        ZERO, "from firing a call to its reaching the world (a)", unit="time", low=0
    )
    prepare_time: Distribution = setting(
        ZERO, "from binding a call to firing it: a queue, an approval", unit="time", low=0
    )
    read_latency: Distribution = setting(
        ZERO, "round trip of a fresh read, the value taken half-way (R)", unit="time", low=0
    )
    slip: Rate = fault(
        Fault(
            cause="slip",
            meaning="the executor made a sibling of the planned call",
            failing="a sibling of the planned call is fired",
            right="sends no call that the plan does not name",
            rank=1,
            mast=("FM-2.6",),
            mismatch=True,
        ),
        "how often the executor makes a confusable sibling of the call",
    )
    lost_ack: Rate = fault(
        Fault(
            cause="lost_ack",
            meaning="work already done was done again because its acknowledgment was lost",
            failing="work is done again because its acknowledgment was lost",
            right="looks before it does again what it has not heard of",
            rank=5,
            outcome="repeat",
        ),
        "how often the acknowledgment of a call is lost",
    )
    ack_timeout: Distribution = setting(
        Distribution.constant(5.0),
        "from firing a call to giving up on its acknowledgment",
        unit="time",
        above=0,
    )
    silent_success: Rate = fault(
        Fault(
            cause="silent_success",
            meaning="nothing was done and ok was reported",
            failing="nothing is done, ok is reported, and nobody looks",
            right="looks at what a call has done before it goes on",
            rank=3,
            unchecked=("FM-3.2",),
            passed=("FM-3.3",),
        ),
        "how often nothing is done and ok is reported",
    )
    side_effects: Rate = fault(
        Fault(
            cause="side_effect",
            meaning="earlier calls of the agent's own had changed besides all that the step needed otherwise",
            failing="a step is fired that no longer fits, for what an earlier call changed besides",
            right="looks at what its own calls have changed besides",
            rank=7,
            drifts=True,
        ),
        "how often a call that does its work also changes what nobody planned, as a formatter does; told by "
        "the next observation only",
    )
    minds: int = setting(
        2,
        "2: planner and executor, apart by the hand-off; 1: one agent, so no hand-off and no slips",
        low=1,
        high=2,
    )
    planner_error: float = fault(
        Fault(
            cause="planner_error",
            meaning="the step was wrong for the belief that it was planned from",
            failing="a step that was wrong for its own belief is fired",
            right="looks whether what a step rests on holds before it is fired",
            rank=4,
        ),
        "how often a step of a plan is wrong for the belief that it was given",
    )


@dataclass(frozen=True)
class Handoff(Settings):
    """How a plan gets from the planner to the executor.

    >>> Handoff(mode="summary", fidelity=0.8).delay.mean
    0.0
    """

    mode: str = setting(
        "shared",
        "shared: the executor holds plan, assumptions and belief; summary: calls with arguments lost",
        choices=("shared", "summary"),
    )
    fidelity: float = fault(
        Fault(
            cause="handoff",
            meaning="an argument was lost in the hand-off and filled in wrongly",
            failing="an argument lost in the hand-off is filled in wrongly",
            right="sends no call that the plan does not name",
            rank=2,
            mast=("FM-2.6", "FM-2.4"),
            mismatch=True,
        ),
        "how likely each argument is to survive a summary (q)",
        default=1.0,
    )
    delay: Distribution = setting(ZERO, "how long the hand-off takes", unit="time", low=0)


ORACLE: dict[str, dict[str, object]] = {
    "agent": {"thinking_time": ZERO},
    "channel": {"sampling": "push", "latency": ZERO, "loss": 0.0, "scope": ("*",)},
}
"""The oracle: the settings that it replaces. It hears everything at once and thinks in no time."""

FAULTS = faults_of(Agent, Handoff)
"""Every fault by its cause, in the order in which they are blamed."""
