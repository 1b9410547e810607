"""A policy of your own: look before actions that cannot be undone, and trust the belief for the rest.

plandrift run tickets --policy examples.careful_policy:Careful --latency 1 --volatility 0.05
plandrift check examples.careful_policy:Careful
"""

from dataclasses import dataclass

from plandrift import FIRE, KEEP, Call, Decision, Observation, Policy, Step, Verdict, View, run, setting
from plandrift.policies import gated, look_first
from plandrift.worlds import Tickets


@dataclass(frozen=True)
class Careful(Policy):
    """Read fresh before the actions that cannot be undone; trust the belief for all others."""

    actions: tuple[str, ...] = setting(("reply", "close"), "actions before which to look")

    def observed(self, view: View, observation: Observation) -> Decision:
        """The first question: news came. Replan if it breaks the rest of the plan."""
        fluent = view.unsettles(observation.news)
        return KEEP if fluent is None else Decision("replan", f"{fluent} changed")

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """The second question: this call is about to fire. It is asked again after a read."""
        if call.action in self.actions and not view.fresh:
            return Verdict("read")
        violated = view.violated()
        return Verdict("block", f"{', '.join(violated)} changed") if violated else FIRE


def main() -> None:
    """Compare it with a gate that never reads and one that always does."""
    world = Tickets(volatility=0.05)
    for policy in (gated(), Careful(), look_first()):
        episodes = [run(world, policy, latency=1.0, read_latency=0.3, seed=seed) for seed in range(50)]
        harm = sum(episode.metrics.harm for episode in episodes)
        time = sum(episode.metrics.duration for episode in episodes) / len(episodes)
        print(f"{policy.name:12} {harm:3} replies that did harm, {time:.1f} units of time an episode")


if __name__ == "__main__":
    main()
