"""A planner of your own in place of the world's: any callable that takes a belief and the goals.

    python examples/own_planner.py
    plandrift run records --set world.linked=0 --policy gated --planner examples.own_planner:riskiest_first

It can be a language model: write the belief into its prompt, and parse its answer into calls. Every policy
can then guard it, and `agent.thinking_time` says how long its thinking takes.
"""

from collections.abc import Mapping, Sequence

from plandrift import Call, Value, run
from plandrift.policies import gated, plan_once
from plandrift.worlds import Records


def riskiest_first(belief: Mapping[str, Value], goals: Mapping[str, Value]) -> Sequence[Call] | None:
    """Update the records in production before those in staging, since later steps are staler.

    Returns:
        The calls in order; an empty list when every goal is believed to hold. None would mean that there
        is no plan, and the agent would wait for news.
    """
    names = [goal.partition(".")[0] for goal, wanted in goals.items() if belief[goal] != wanted]
    names.sort(key=lambda name: belief[f"{name}.endpoint"] == "staging")
    return [
        Call.of(
            "update_record",
            record=int(name.removeprefix("record-")),
            endpoint=belief[f"{name}.endpoint"],
            schema=belief[f"{name}.schema"],
            owner=belief[f"{name}.owner"],
        )
        for name in names
    ]


def main() -> None:
    """Compare the world's own planner with this one, with and without a guard."""
    world = Records(volatility=0.05, linked=0.0)
    for policy in (plan_once(), gated()):
        for name, planner in (("the world's", None), ("riskiest first", riskiest_first)):
            episodes = [run(world, policy, planner=planner, latency=1.0, seed=seed) for seed in range(100)]
            harm = sum(episode.metrics.harm for episode in episodes)
            print(f"{policy.name:10} {name:15} {harm:4} updates that did harm")


if __name__ == "__main__":
    main()
