"""On-action sampling: a snapshot with each answer, as in the ReAct loop."""

from plandrift.sim.settings.sampling.mode import Sampled, SamplingMode


class OnAction(SamplingMode):
    """Sampling that takes a snapshot with each answer to a call."""

    word = "on-action"
    meaning = "a snapshot with each answer"

    def answered(self, channel: Sampled) -> None:
        """Take a snapshot."""
        channel.snapshot(self.word)
