"""Poll: a snapshot at an interval."""

from plandrift.sim.settings.sampling.mode import Sampled, SamplingMode


class Poll(SamplingMode):
    """A snapshot every `channel.poll_every`."""

    word = "poll"
    meaning = "a snapshot at an interval"

    def begin(self, channel: Sampled) -> None:
        """Take the first snapshot an interval from now."""
        channel.repeat(channel.poll_every, lambda: channel.snapshot(self.word))
