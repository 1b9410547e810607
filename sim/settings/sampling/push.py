"""Push sampling: each change of the world is sent."""

from plandrift.sim.settings.sampling.mode import SamplingMode


class Push(SamplingMode):
    """Sampling that sends each change, so that silence is news as well."""

    word = "push"
    meaning = "each change is sent"
    pushes = True
    tells_by_silence = True
