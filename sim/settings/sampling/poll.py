"""Polling: a snapshot at a fixed interval."""

from plandrift.sim.settings.sampling.mode import Sampled, SamplingMode


class Poll(SamplingMode):
    """Sampling that takes a snapshot every `channel.poll_every`."""

    word = "poll"
    meaning = "a snapshot at a fixed interval"

    def begin(self, channel: Sampled) -> None:
        """Schedule snapshots, the first of them one interval from now."""
        channel.repeat(channel.poll_every, lambda: channel.snapshot(self.word))
