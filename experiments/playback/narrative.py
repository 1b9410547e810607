"""An episode narrated in words: what the world did, what the agent believed, and how it reacted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plandrift.experiments.playback.playback import Playback
from plandrift.sim import Description, Episode, Event, Streams
from plandrift.sim.trace.crew_events import (
    Deadlock,
    LockAsked,
    LockGranted,
    LockReleased,
    SlotGranted,
    TaskEnded,
    TaskTaken,
    Undone,
    Validated,
)
from plandrift.sim.trace.events import (
    Acknowledged,
    Asked,
    Delivered,
    Ended,
    Exogenous,
    HandedOver,
    Landed,
    ReplanRequested,
    Retried,
    SideEffect,
    Skipped,
)


def narrate(episode: Episode) -> Iterator[str]:
    """Narrate an episode in sentences, one per line, each preceded by the time.

    Args:
        episode: an episode run with ``trace=True``.
    """
    for number, text in narrated(episode):
        event = episode.trace[number]
        outer = isinstance(event, Exogenous | SideEffect | Landed | Ended)
        yield f"{event.t:8.2f}  {'' if outer else '    '}{text}"


def narrated(episode: Episode) -> Iterator[tuple[int, str]]:
    """Return the sentences, each with the position in the trace of the event it narrates."""
    description = Description.of(episode.world.begin(Streams(episode.seed), episode.horizon))
    playback = Playback(episode.trace)
    crowd = len(playback.plans) > 1
    # The first events are the start, which has no sentence.
    for number, event in enumerate(playback.events(), playback.opening):
        line = _sentence(event, playback, description, episode)
        if line:
            if crowd:
                line = _of_crew(event, line)
            yield number, line[0].upper() + line[1:]


def _sentence(event: Event, playback: Playback, description: Description, episode: Episode) -> str:
    match event:
        case Exogenous(told=what):
            return what + "."
        case SideEffect(told=what):
            return f"As a side effect, {what}: nobody planned that."
        case Delivered(own=False, fluents=(reading,), taken=taken):
            return f"The agent hears that {reading.fluent} is {reading.value!r} (as of {taken:.2f})."
        case ReplanRequested(t=t, reason=reason) if t > 0:
            return f"The agent wants a new plan: {reason}."
        case HandedOver(steps=None):
            return "No plan reaches the goals from what it believes; it waits for news."
        case HandedOver(plan=number):
            return f"Plan {number} arrives: {len(playback.steps) - len(event.done)} steps to go."
        case Asked(verdict=verdict, call=call, reason=reason) if verdict not in ("fire", "if-match"):
            return f"The gate says {verdict} to {call}{f': {reason}' if reason else ''}."
        case Landed():
            return _landing(event, playback, description)
        case Acknowledged(reported=None, call=call):
            return f"No answer to {call} arrives: the agent does not know what happened to it."
        case Skipped(step=place):
            return f"The agent skips {playback.steps[place].call}."
        case Retried(step=place):
            return f"The agent will try {playback.steps[place].call} again."
        case TaskTaken(task=task, again=again):
            return (
                f"The agent begins task {task} again: {again}." if again else f"The agent takes task {task}."
            )
        case TaskEnded(task=task, how="done"):
            return f"The agent is done with task {task}" + ("." if event.met else ", but it is not done.")
        case TaskEnded(task=task):
            return f"The agent gives up, in the middle of task {task}."
        case LockAsked(lock=lock):
            return f"The agent waits for {lock}."
        case LockGranted(lock=lock, waited=float()):
            return f"The agent gets {lock}, after {event.waited:.2f}."
        case LockReleased(lock=lock, why="expired"):
            return f"The agent's lease on {lock} has expired."
        case Deadlock(cycle=cycle):
            return f"A deadlock of agents {', '.join(map(str, cycle))}: the agent is aborted."
        case Undone(fluent=fluent, value=value):
            return f"The agent's write is taken back: {fluent} is {value!r} again."
        case SlotGranted(granted=True):
            return f"The agent gets a model, after {event.waited:.2f}."
        case Validated(conflicts=()):
            return "The agent's work is merged."
        case Validated(conflicts=conflicts):
            return f"The agent's work is thrown away: {', '.join(conflicts)} changed meanwhile."
        case Ended(agent=-1) if len(episode.agents) > 1:
            return f"The crew ends ({episode.end}): {episode.metrics.right_tasks:g} tasks were done right."
        case Ended(agent=0) if playback.crew is None:
            return _ending(episode)
        case Ended(agent=-1):
            return _ending(episode)
    return ""


def _of_crew(event: Event, line: str) -> str:
    """Say which agent of a crew a sentence is about."""
    if isinstance(event, Exogenous) or event.agent < 0:
        return line
    named = re.sub(r"\b[Tt]he agent\b", f"agent {event.agent}", line)
    return named if named != line else f"for agent {event.agent}: {line[0].lower()}{line[1:]}"


def _landing(event: Landed, playback: Playback, description: Description) -> str:
    attempt = playback.attempt
    assert attempt is not None
    line = f"The agent {description.call(event.call)}: {_came_of_it(event.outcome)}"
    if attempt.record.violated:
        line += " " + _why(attempt.record.violated, attempt.record.shown)
    planned = attempt.step.call
    return line + ("." if event.call == planned else f". But the plan said {planned}.")


def _came_of_it(outcome: str) -> str:
    return {
        "effective": "it works",
        "repeat": "that was already done",
        "recognized": "the world knows its key, and does nothing a second time",
        "rejected": "the world rejects it",
        "harmful": "the wrong thing is done, and it looks like success",
        "void": "nothing happens, and it looks like success",
        "refused": "the world refuses it, and nothing is done",
    }[outcome]


def _why(violated: tuple[tuple[str, float], ...], shown: tuple[str, ...]) -> str:
    parts = [
        f"{fluent} was not as planned from {since:.2f} on"
        + (", and it had heard so" if fluent in shown else ", and it had not heard so")
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
