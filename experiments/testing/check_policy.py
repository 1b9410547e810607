"""Checks of a policy: it uses only its view, is repeatable, and lets time pass."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile, zip_longest
from typing import Any

from plandrift.experiments.testing.check_world import CheckedPromise
from plandrift.sim import Episode, Event, PlandriftError, Policy, World, run
from plandrift.sim.trace.events import Acknowledged, News
from plandrift.sim.usercode.answers import answering
from plandrift.sim.usercode.own_code import in_words, own_code_error
from plandrift.worlds import Records, Telegraph

SEEDS = range(6)
CHANNELS: tuple[dict[str, Any], ...] = (
    {},
    {"latency": 1.0, "thinking_time": 0.5},
    {"latency": "exponential(1)", "thinking_time": 0.5, "thinking": "concurrent", "prepare_time": 0.4},
    {"sampling": "poll", "poll_every": 2.0, "thinking_time": 1.5, "interrupted": "restart"},
    {"sampling": "on-action", "lost_ack": 0.2, "silent_success": 0.2, "slip": 0.2, "read_latency": 0.3},
    {"loss": 1.0, "mode": "summary", "fidelity": 0.3, "delay": 1.0, "planner_error": 0.2},
)
"""The channels and agents with which a policy is tried."""
DECIDED = ("verdict", "replan-requested", "fire")
"""The events that a policy's answers cause."""


def check_policy(policy: Policy) -> list[CheckedPromise]:
    """Check a policy against what the engine and the sweeps expect of it.

    Returns:
        A finding for each check; no check raises.
    """
    checks: dict[str, Callable[[], str]] = {
        "an episode ends, whatever the channel, and each answer is an allowed one": lambda: _ends(
            answering(policy)
        ),
        "it decides from its view alone, never from the truth": lambda: _sees(policy),
        "the same seed gives the same trace twice: it keeps no state between questions": lambda: _same(
            policy
        ),
        "it can be sent to another process": lambda: _travels(policy),
    }
    return [CheckedPromise(promise, _fault(check)) for promise, check in checks.items()]


def _fault(check: Callable[[], str]) -> str:
    try:
        return check()
    except PlandriftError as error:
        return str(error)
    except (Exception, SystemExit) as error:
        return str(own_code_error(error) or in_words(error))


def _ends(policy: Policy) -> str:
    for world in (Records(volatility=0.05), Telegraph(volatility=0.2)):
        for mix in CHANNELS:
            for seed in SEEDS:
                run(world, policy, seed=seed, horizon=80.0, **mix)
    return ""


def _sees(policy: Policy) -> str:
    """Compare two worlds that look alike to an agent that hears nothing and whose calls seem to succeed."""
    for seed in SEEDS:
        for mix in CHANNELS[:2]:
            still, moving = (
                _decisions(
                    run(_deaf(v), policy, seed=seed, horizon=80.0, trace=True, **(mix | {"loss": 1.0}))
                )
                for v in (0.0, 0.5)
            )
            place = _fork(still, moving, min(len(still), len(moving)))
            if place is not None:
                logs = [_words(log, place) for log in (still, moving)]
                return (
                    f"seed {seed}: in two worlds that look the same to it, it did {logs[0]} and {logs[1]}: "
                    "decide only from the public attributes of the view"
                )
    return ""


def _deaf(volatility: float) -> World:
    return Telegraph(volatility=volatility, steps=12)


def _decisions(episode: Episode) -> list[dict[str, object]]:
    """Return what the policy did up to its first read or refusal, which may reveal a difference."""
    unread = takewhile(lambda event: not _tells(event), episode.trace)
    return [event.row() for event in unread if event.kind in DECIDED]


def _tells(event: Event) -> bool:
    """Say whether the agent learns something about the world from an event, although nothing is sent."""
    return (isinstance(event, News) and event.by == "read") or (
        isinstance(event, Acknowledged) and event.reported == "refused"
    )


def _rows(episode: Episode) -> list[dict[str, object]]:
    return [event.row() for event in episode.trace]


def _fork(one: Sequence[object], two: Sequence[object], most: int) -> int | None:
    """Return where two logs diverge, if they do so within their first `most` entries."""
    both = enumerate(zip_longest(one, two))
    return next((i for i, (a, b) in both if i < most and a != b), None)


def _words(log: Sequence[Mapping[str, object]], place: int) -> str:
    if place >= len(log):
        return "nothing more"
    event = log[place]
    return f"{event['event']} {event.get('verdict', '')} at {event['t']}".replace("  ", " ")


def _same(policy: Policy) -> str:
    for mix in CHANNELS:
        for seed in SEEDS:
            one, two = (
                _rows(run(Records(volatility=0.1), policy, seed=seed, horizon=60.0, trace=True, **mix))
                for _ in range(2)
            )
            place = _fork(one, two, max(len(one), len(two)))
            if place is not None:
                logs = [_words(log, place) for log in (one, two)]
                return (
                    f"seed {seed}: the first run gave {logs[0]}, the second {logs[1]}: keep no "
                    "state, draw no random numbers"
                )
    return ""


def _travels(policy: Policy) -> str:
    again = pickle.loads(pickle.dumps(policy))
    if again.name != policy.name:
        return f"it arrives as {again.name!r}: define it at the top of a module"
    return ""
