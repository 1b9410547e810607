"""Scaffold: describe in one line how this planner plans.

plandrift run records --policy gated --planner scaffold_module:scaffold_name
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plandrift import Call, Value


def scaffold_name(belief: Mapping[str, Value], goals: Mapping[str, Value]) -> Sequence[Call] | None:
    """Bring each outdated record up to date in the place where it is believed to be.

    This function replaces the world's own planner, so every policy can guard it. You can put a language model
    here: write belief and goals into its prompt, and parse its answer into calls. The setting
    `agent.thinking_time` says how much of the world's time a plan costs.

    Args:
        belief: the believed value of each fluent. Right or wrong, it is all that the agent knows.
        goals: the value that each goal fluent should hold.

    Returns:
        The calls in order, an empty list if nothing is left to do, or None if there is no plan; the agent
        then waits for news.
    """
    calls = []
    for goal, wanted in goals.items():
        if belief[goal] == wanted:
            continue
        record = goal.partition(".")[0]
        calls.append(
            # An action of the world `records`, with its arguments.
            Call.of(
                "update_record",
                record=int(record.removeprefix("record-")),
                endpoint=belief[f"{record}.endpoint"],
                schema=belief[f"{record}.schema"],
                owner=belief[f"{record}.owner"],
            )
        )
    return calls
