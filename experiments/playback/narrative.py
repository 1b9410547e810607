"""An episode told in words: what the world did, what the agent believed, and what it did about it."""

from __future__ import annotations

from collections.abc import Iterator

from sim import Episode
from sim.streams import Streams


def narrate(episode: Episode) -> Iterator[str]:
    """The episode as sentences, a line each, with the time in front.

    Args:
        episode: run with ``trace=True``.
    """
    for number, text in told(episode):
        event = episode.trace[number]
        inner = event["event"] not in ("exogenous", "outcome", "end")
        yield f"{event['t']:8.2f}  {'    ' * inner}{text}"


def told(episode: Episode) -> Iterator[tuple[int, str]]:
    """The sentences, each with the place in the trace of the event that it tells of."""
    scene = episode.world.begin(Streams(episode.seed), episode.horizon)
    fired = iter(episode.steps)
    for number, event in enumerate(episode.trace):
        line = ""
        kind = event["event"]
        if kind == "exogenous":
            line = event["told"] + "."
        elif kind == "observation-delivered" and not event["own"] and len(event["fluents"]) == 1:
            fluent, value, _ = event["fluents"][0]
            line = f"The agent hears that {fluent} is {value!r} (as of {event['taken']:.2f})."
        elif kind == "replan-requested" and event["t"] > 0:
            line = f"The agent wants a new plan: {event['reason']}."
        elif kind == "plan":
            steps = event["steps"]
            if steps is None:
                line = "No plan reaches the goals from what it believes; it waits for news."
            else:
                left = len(steps) - len(event["done"])
                line = f"Plan {event['plan']} is here: {left} steps to go."
        elif kind == "verdict" and event["verdict"] not in ("fire",):
            reason = f": {event['reason']}" if event["reason"] else ""
            line = f"The gate says {event['verdict']} to {event['call']}{reason}."
        elif kind == "outcome":
            step = next(fired, None)
            if step is not None:
                line = f"The agent {scene.tell(step.call)}: {_came_of_it(step.outcome)}"
                if step.violated:
                    line += " " + _why(step.violated, step.shown)
                line += "." if not step.mismatch else f". But the plan said {step.planned}."
        elif kind == "end":
            line = _ending(episode)
        if line:
            yield number, line[0].upper() + line[1:]


def _came_of_it(outcome: str) -> str:
    return {
        "effective": "it works",
        "repeat": "that was done already",
        "rejected": "the world refuses",
        "harmful": "the wrong thing is done, and it looks like success",
        "void": "nothing happens, and it looks like success",
    }[outcome]


def _why(violated: tuple[tuple[str, float], ...], shown: tuple[str, ...]) -> str:
    parts = [
        f"{fluent} was not as planned from {since:.2f} on"
        + (", which it had heard" if fluent in shown else ", which it had not heard")
        for fluent, since in violated
    ]
    return "(" + "; ".join(parts) + ")"


def _ending(episode: Episode) -> str:
    metrics = episode.metrics
    met = "every goal holds" if metrics.success else f"{metrics.goals_met:.0%} of the goals hold"
    if episode.end == "horizon":
        return f"The horizon: {met}."
    if episode.end == "gave-up":
        return f"The agent gives up ({episode.reason}): {met}."
    tail = "" if metrics.success else ", but it believes that it is finished"
    return f"The agent declares itself done: {met}{tail}."
