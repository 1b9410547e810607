"""Leave out what never changes in the episodes of a page: properties, and the arguments read from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def without_unchanging(told: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Leave out, in all episodes alike, the properties that nothing changes and no call gets wrong.

    A property is left out for all entities or for none, so that the rows of a page are alike. A step's text
    loses the arguments at its end that were read from such properties.

    Args:
        told: episodes as returned by `plandrift.experiments.pages.replay.replay_data`; they are modified.
    """
    alive = {told_of["fluents"][place][1] for told_of in told for place in _touched(told_of)}
    for data in told:
        dead = {place for place, (_, kind) in enumerate(data["fluents"]) if kind and kind not in alive}
        data["unchanging"] = sum(data["shown"][place] for place in dead)
        for place in dead:
            data["shown"][place] = 0
        shorter = {}
        for step in data["steps"]:
            words = step[1]
            whole = "".join(text for text, _ in words)
            while len(words) > 2 and words[-1][1] in dead:
                del words[-2:]
            shorter[whole] = "".join(text for text, _ in words)
        for event in data["events"]:
            if "say" in event:
                event["say"] = _shortened(event["say"], shorter)
        for moment in data["moments"]:
            moment[4] = _shortened(moment[4], shorter)
    return told


def _touched(data: dict[str, Any]) -> Iterator[int]:
    """Yield each fluent that changes in the world or in a belief, or that violates an assumption."""
    for event in data["events"]:
        for place, _ in (*event.get("w", ()), *event.get("b", ())):
            yield place
        for _, truth, belief in event.get("broken", ()):
            yield from (*truth, *belief)
    for moment in data["moments"]:
        yield from moment[3]


def _shortened(text: str, shorter: dict[str, str]) -> str:
    for whole, short in shorter.items():
        text = text.replace(whole, short)
    return text
