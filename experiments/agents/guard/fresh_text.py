"""What an agent is told instead of a call, or after one: exactly the same text for the same state.

Agents retried more often when the text varied from try to try.
"""

from __future__ import annotations

from difflib import unified_diff

from plandrift.experiments.agents.guard.disk import secret
from plandrift.experiments.agents.transcripts.digest import plain_text

LONGEST = 4000
"""The longest diff or file that is handed back, in characters."""
MOST_TOLD = 8000
"""The most characters of diffs in one answer: hosts cut it at 10,000, and the rest is not known."""
MOST_LINES = 3000
"""The most differing lines that are compared; more would take too long."""


def refusal(fluent: str) -> str:
    """Return the text that refuses a call."""
    return (
        f"{fluent} has changed since you last saw it, so this call was not made. Read it again, then "
        "decide whether the call is still right."
    )


def blind_refusal(fluent: str) -> str:
    """Return the text that refuses to write over something that the agent has not seen."""
    return (
        f"{fluent} exists and you have not seen what it holds now, so this call was not made. Read it first."
    )


def handed_back(fluent: str, shown: str) -> str:
    """Return the text that hands back what has changed."""
    return (
        f"{fluent} has changed since you last saw it, so this call was not made. What changed, as a diff:\n"
        f"{shown}\nYou know the file as it is now. Decide whether the call is still right, and make it again "
        "if it is."
    )


def told(fluent: str, shown: str | None) -> str:
    """Return the text that reports a change after a call."""
    if shown is None:
        return f"{fluent} has changed since you last saw it. Read it again before you rely on it."
    return f"{fluent} has changed since you last saw it. What changed, as a diff:\n{shown}"


def asked_person(fluent: str) -> str:
    """Return the text that asks the person about a call that was refused several times."""
    return f"The same call on {fluent} was refused several times, because it has changed: make it anyway?"


def difference(fluent: str, known: str | None, now: str | None) -> str | None:
    """Return how a content differs from what the agent knew, as a diff; None if it cannot be shown
    completely.

    Args:
        fluent: its name.
        known: what the agent knew of the whole.
        now: the current content.
    """
    if known is None or now is None or secret(fluent):
        return None
    old, new = plain_text(known).split("\n"), plain_text(now).split("\n")
    first, last = 0, 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    if max(len(old), len(new)) - first - last > MOST_LINES:
        return None
    lines = list(unified_diff(old, new, "as you knew it", "as it is", lineterm="", n=5))
    text = "\n".join(lines)
    return text if len(text) <= LONGEST else None
