"""The sampling modes, by name. To add your own, write one file here and one line below."""

from plandrift.sim.settings.sampling.mode import SamplingMode
from plandrift.sim.settings.sampling.on_action import OnAction
from plandrift.sim.settings.sampling.poll import Poll
from plandrift.sim.settings.sampling.push import Push

SAMPLING: dict[str, SamplingMode] = {mode.word: mode for mode in (Push(), Poll(), OnAction())}
"""Every sampling mode, by the word that selects it in `channel.sampling`."""
