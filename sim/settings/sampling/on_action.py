"""On action: a snapshot with each answer, the ReAct loop."""

from plandrift.sim.settings.sampling.mode import Sampled, SamplingMode


class OnAction(SamplingMode):
    """A snapshot with each answer to a call."""

    word = "on-action"
    meaning = "one with each answer"

    def answered(self, channel: Sampled) -> None:
        """Take a snapshot."""
        channel.snapshot(self.word)
