"""Scaffold: say in a line how this planner plans.

plandrift run records --policy gated --planner scaffold_module:scaffold_name
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plandrift import Call, Value


def scaffold_name(belief: Mapping[str, Value], goals: Mapping[str, Value]) -> Sequence[Call] | None:
    """Bring each outdated record up to date where it is believed to be.

    It stands in the place of the world's own planner, so that every policy can guard it. A language model
    fits here: write belief and goals into its prompt, and read its answer into calls. What it costs in the
    world's time is `agent.thinking_time`.

    Args:
        belief: the believed value of each fluent. Right or not, it is all that the agent knows.
        goals: the value that each goal fluent is to hold.

    Returns:
        The calls in order, none if nothing is left to do; None if there is no plan, and the agent then
        waits for news.
    """
    calls = []
    for goal, wanted in goals.items():
        if belief[goal] == wanted:
            continue
        record = goal.partition(".")[0]
        calls.append(
            # An action and its arguments, as the world of `records` takes them.
            Call.of(
                "update_record",
                record=int(record.removeprefix("record-")),
                endpoint=belief[f"{record}.endpoint"],
                schema=belief[f"{record}.schema"],
                owner=belief[f"{record}.owner"],
            )
        )
    return calls
