"""The agent's settings: how its planner thinks, how its executor acts, and how both go wrong."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.settings.fields import Settings, setting

ZERO = Distribution.constant(0.0)
Rate = float | dict[str, float]
"""A probability for every call, or one for each action by name."""


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
        "what a request does to thinking under way: follow it, or throw it away and begin again",
        choices=("finish", "restart"),
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
    slip: Rate = setting(0.0, "how often the executor makes a confusable sibling of the call", low=0, high=1)
    lost_ack: Rate = setting(0.0, "how often the acknowledgment of a call is lost", low=0, high=1)
    ack_timeout: Distribution = setting(
        Distribution.constant(5.0),
        "from firing a call to giving up on its acknowledgment",
        unit="time",
        above=0,
    )
    silent_success: Rate = setting(0.0, "how often nothing is done and ok is reported", low=0, high=1)
    side_effects: Rate = setting(
        0.0,
        "how often a call that does its work also changes what nobody planned, as a formatter does; told by "
        "the next observation only",
        low=0,
        high=1,
    )
    minds: int = setting(
        2,
        "2: planner and executor, apart by the hand-off; 1: one agent, so no hand-off and no slips",
        low=1,
        high=2,
    )
    planner_error: float = setting(
        0.0,
        "how often a step of a plan is wrong for the belief that it was given",
        low=0,
        high=1,
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
    fidelity: float = setting(1.0, "how likely each argument is to survive a summary (q)", low=0, high=1)
    delay: Distribution = setting(ZERO, "how long the hand-off takes", unit="time", low=0)


ORACLE: dict[str, dict[str, object]] = {
    "agent": {"thinking_time": ZERO},
    "channel": {"sampling": "push", "latency": ZERO, "loss": 0.0, "scope": ("*",)},
}
"""The oracle: the settings that it replaces. It hears everything at once and thinks in no time."""


def rate_for(rate: Rate, action: str) -> float:
    """The probability for this action; an action that a table does not name has none."""
    return rate.get(action, 0.0) if isinstance(rate, dict) else rate
