"""Whether an agent acted correctly in a history and, if not, what it did wrong, in a sentence."""

from __future__ import annotations

from plandrift.experiments.agents.faults.history import History
from plandrift.sim import Description, Episode, StepRecord


def fault(history: History, episode: Episode) -> str:
    """Say what the agent did wrong; empty if it acted correctly.

    An agent is correct if it fires no call that misfires, is not named by its plan, or does work already
    done (a call that the world refuses because of its assumptions is not wrong); if it blocks at most as
    many correct calls as there were changes; and if it reaches every goal by the horizon where that is
    possible.
    """
    description, words = (
        Description.of(history.scene),
        dict(zip(history.changes, history.narrated, strict=True)),
    )
    for step in episode.steps:
        said = _of_step(description, step)
        if said:
            return said + _because(step, history, words)
    blocked = episode.metrics.false_blocks
    if blocked > len(history.changes):
        return (
            f"it blocked {blocked} calls that were correct, although only {len(history.changes)} things had "
            "changed: it mistakes something else for a change"
        )
    if history.goals and not episode.metrics.success:
        ended = {"done": "declared itself done", "gave-up": "gave up"}.get(
            episode.end, "was not done in time"
        )
        return f"it {ended} at {episode.metrics.duration:g} with {episode.metrics.goals_met:.0%} of its goals"
    return ""


def _of_step(description: Description, step: StepRecord) -> str:
    call = f"at {step.time:g} the agent {description.call(step.call)}"
    if step.mismatch:
        return f"{call}, which its plan did not contain (the plan said: {description.call(step.planned)})"
    if step.silent:
        return f"{call}; nothing was done, ok was reported, and it never checked" if not step.verified else ""
    if step.outcome == "repeat":
        return f"{call}, although that was already done"
    if step.misfire:
        came = {"harmful": "it did harm", "void": "nothing happened"}.get(
            step.outcome, f"it was {step.outcome}"
        )
        reported = f" and was told {step.reported}" if step.reported else ""
        return f"{call}, although its assumptions no longer held: {came}{reported}"
    return ""


def _because(step: StepRecord, history: History, words: dict[tuple[float, str, object], str]) -> str:
    before = [change for change in history.changes if change[0] <= step.landed]
    if not before or step.mismatch or step.silent or step.outcome == "repeat":
        return ""
    last = before[-1]
    when = f"{step.time - last[0]:.2g} before" if last[0] <= step.time else f"{last[0] - step.time:.2g} after"
    return f" ({when}: {words[last]})"
