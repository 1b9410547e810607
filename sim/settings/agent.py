"""The agent's settings: how its planner thinks, how its executor acts, and how both go wrong."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.settings.faults import Fault, Rate, fault, faults_of
from plandrift.sim.settings.fields import Settings, setting

ZERO = Distribution.constant(0.0)


@dataclass(frozen=True)
class Agent(Settings):
    """The planner and executor. By default nothing goes wrong, and only steps take time (one unit each).

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
        "what a new request does while the planner is thinking: wait its turn (finish), or discard the "
        "thinking and begin again, for the same thinking time (restart) or a newly drawn one (replace)",
        choices=("finish", "restart", "replace"),
    )
    step_duration: Distribution = setting(
        Distribution.constant(1.0), "from firing a call to its answer (d)", unit="time", above=0
    )
    action_latency: Distribution = setting(
        ZERO, "from firing a call to its landing in the world (a)", unit="time", low=0
    )
    prepare_time: Distribution = setting(
        ZERO, "from binding a call to firing it, such as a queue or an approval", unit="time", low=0
    )
    read_latency: Distribution = setting(
        ZERO, "round trip of a fresh read; the value is taken half-way (R)", unit="time", low=0
    )
    slip: Rate = fault(
        Fault(
            cause="slip",
            meaning="the executor fired a sibling of the planned call",
            failing="a sibling of the planned call is fired",
            right="fires only calls that the plan names",
            rank=1,
            mast=("FM-2.6",),
            mismatch=True,
        ),
        "probability that the executor fires a confusable sibling of the planned call",
    )
    lost_ack: Rate = fault(
        Fault(
            cause="lost_ack",
            meaning="finished work was done again because its acknowledgment had been lost",
            failing="work is done again because its acknowledgment was lost",
            right="looks before it repeats a call that was not acknowledged",
            rank=5,
            outcome="repeat",
        ),
        "probability that the acknowledgment of a call is lost",
    )
    ack_timeout: Distribution = setting(
        Distribution.constant(5.0),
        "how long after firing a call the executor stops waiting for its acknowledgment",
        unit="time",
        above=0,
    )
    silent_success: Rate = fault(
        Fault(
            cause="silent_success",
            meaning="the call did nothing, but ok was reported",
            failing="a call does nothing, ok is reported, and nobody checks",
            right="checks what a call has done before it goes on",
            rank=3,
            unchecked=("FM-3.2",),
            passed=("FM-3.3",),
        ),
        "probability that a call does nothing but is reported ok",
    )
    side_effects: Rate = fault(
        Fault(
            cause="side_effect",
            meaning="everything that violated the step's requirements was a side effect of earlier calls",
            failing="a step is fired that no longer fits because of a side effect of an earlier call",
            right="checks its own calls for side effects",
            rank=7,
            drifts=True,
        ),
        "probability that an effective call also changes something unplanned, as a formatter does; the "
        "agent learns of it only from its next observation",
    )
    minds: int = setting(
        2,
        "2: a planner and an executor joined by the hand-off; 1: one agent, so no hand-off and no slips",
        low=1,
        high=2,
    )
    planner_error: float = fault(
        Fault(
            cause="planner_error",
            meaning="the step was wrong even for the belief it was planned from",
            failing="a step is fired that was wrong even for the belief it was planned from",
            right="checks that a step's assumptions hold before firing it",
            rank=4,
        ),
        "probability that a step of a plan is wrong for the belief it was planned from",
    )


@dataclass(frozen=True)
class Handoff(Settings):
    """How a plan gets from the planner to the executor.

    >>> Handoff(mode="summary", fidelity=0.8).delay.mean
    0.0
    """

    mode: str = setting(
        "shared",
        "shared: the executor has the plan, its assumptions and the belief; summary: only the calls, and "
        "some arguments are lost",
        choices=("shared", "summary"),
    )
    fidelity: float = fault(
        Fault(
            cause="handoff",
            meaning="an argument was lost in the hand-off and filled in wrongly",
            failing="an argument lost in the hand-off is filled in wrongly",
            right="fires only calls that the plan names",
            rank=2,
            mast=("FM-2.6", "FM-2.4"),
            mismatch=True,
        ),
        "probability that an argument survives a summary (q)",
        default=1.0,
    )
    delay: Distribution = setting(ZERO, "how long the hand-off takes", unit="time", low=0)


ORACLE: dict[str, dict[str, object]] = {
    "agent": {"thinking_time": ZERO},
    "channel": {"sampling": "push", "latency": ZERO, "loss": 0.0, "scope": ("*",)},
}
"""The settings that the oracle overrides: it hears everything at once and thinks in no time."""

FAULTS = faults_of(Agent, Handoff)
"""Every fault by its cause, in the order in which failures are attributed to them."""
