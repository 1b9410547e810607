"""The engine: time, fluents, calls, plans, staleness, channel, planner, executor, episode, metrics."""

from sim.agent import Agent, Handoff
from sim.channel import Channel
from sim.dependencies import GOALS, dependency_graph, stale_in_graph
from sim.distribution import Distribution
from sim.episode import Episode, run
from sim.errors import (
    PlandriftError,
    PolicyError,
    RunawayError,
    SettingError,
    WorldError,
)
from sim.exogenous import jumps
from sim.metrics import METRICS, Metrics
from sim.plan import Basis, Call, Plan, Step, Value
from sim.policy import (
    FIRE,
    GO_ON,
    KEEP,
    VERIFY,
    Answered,
    Decision,
    Observation,
    Policy,
    Reaction,
    Verdict,
)
from sim.settings import setting
from sim.step_record import StepRecord
from sim.streams import Streams
from sim.trace import plain, write_lines
from sim.view import View
from sim.world import EVENT, Answer, Change, Scene, World

__all__ = [
    "EVENT", "FIRE", "GOALS", "GO_ON", "KEEP", "METRICS", "VERIFY",
    "Agent", "Answer", "Answered", "Basis", "Call", "Change", "Channel", "Decision", "Distribution",
    "Episode", "Handoff", "Metrics", "Observation", "Plan", "PlandriftError", "Policy",
    "PolicyError", "Reaction", "RunawayError", "Scene", "SettingError", "Step", "StepRecord",
    "Streams", "Value", "Verdict", "View", "World", "WorldError",
    "dependency_graph", "jumps", "plain", "run", "setting", "stale_in_graph", "write_lines",
]  # fmt: skip
