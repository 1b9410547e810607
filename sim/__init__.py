"""The engine. SimPy's environment is `setup.clock`, its one process `Executor.run`; all else is called back.

Settings and what works by them go in pairs: `Channel` and `Line`, `Handoff` and `Briefing`, `World` and its
`Scene`, which `Environment` moves. Read it in this order, or begin where an episode does, at `episode`:

- `calls`, `fluents`, `plan`: what calls, steps and plans are, and what a fluent holds.
- `dependencies`, `staleness`: what a plan rests on, as a graph and as bit masks, and what of it is stale.
- `world`, `policy`, `view`: the two interfaces to implement, and what a policy sees.
- `agent`, `channel`, `distribution`, `settings`, `parts`: the settings of an episode.
- `tracked_plan`, with `meter` and `opportunity`: the plan in hand, the one place where staleness is kept.
- `environment`, `line`, `planner`, `agent_state`, `executor`: the SimPy side, on `clock` and `setup`;
  `handoff`, `recognition`, `attempt`, `succession` and `own_planner` are what they hand to each other.
- `stage`, `episode`: all of it put together, and run by `run`.
- `session`: a real agent in place of planner and executor, on the same `stage`; with `pace`, `turns`,
  `introduction`, `told`, `contender`, `hands`, `look`, `submitted_plans` and `session_stage`.
- `events`, `trace`, `step_record`, `causes`, `metrics`: what is kept of an episode.
- `exogenous`, `streams`, `errors`: ready-made changes for worlds, the random streams, what goes wrong;
  `real_time`: times and rates in people's words; `landscape`: how a world that has places is drawn.
"""

from plandrift.sim.descriptions.array_scene import ArrayForm, ArrayScene
from plandrift.sim.descriptions.companion import Companion
from plandrift.sim.descriptions.description import Description
from plandrift.sim.descriptions.introduction import Argument, CallForm, Introduction
from plandrift.sim.descriptions.landscape import Hierarchy, Landscape, Mark
from plandrift.sim.engine.episode import Episode, run
from plandrift.sim.interfaces.planning import Planning
from plandrift.sim.interfaces.policy import (
    FIRE,
    GO_ON,
    KEEP,
    REFRESH,
    VERIFY,
    Acknowledgment,
    Decision,
    Observation,
    Policy,
    Reaction,
    Verdict,
)
from plandrift.sim.interfaces.view import Compares, View
from plandrift.sim.interfaces.world import Scene, World
from plandrift.sim.measure.metrics import METRICS, Metrics
from plandrift.sim.measure.records import StepRecord
from plandrift.sim.session.call_report import Answer, Known
from plandrift.sim.session.pace import Pace
from plandrift.sim.session.session import Session
from plandrift.sim.session.turns import Turn, read_turns, write_turns
from plandrift.sim.settings.agent import Agent, Handoff
from plandrift.sim.settings.channel import Channel
from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.settings.exogenous import arrivals, jumps
from plandrift.sim.settings.fields import setting
from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.dependencies import GOALS, dependency_graph, stale_in_graph
from plandrift.sim.terms.effects import EVENT, Change, Effect, Nature
from plandrift.sim.terms.errors import (
    PlandriftError,
    PolicyError,
    RunawayError,
    SettingError,
    WorldError,
)
from plandrift.sim.terms.plan import Basis, Plan
from plandrift.sim.terms.streams import Streams
from plandrift.sim.trace.events import Event, plain
from plandrift.sim.trace.files import read_lines, write_lines
from plandrift.sim.usercode.own_planner import OwnPlanner, PlannerError

__all__ = [
    "EVENT",
    "FIRE",
    "GOALS",
    "GO_ON",
    "KEEP",
    "METRICS",
    "REFRESH",
    "VERIFY",
    "Acknowledgment",
    "Agent",
    "Answer",
    "Argument",
    "ArrayForm",
    "ArrayScene",
    "Basis",
    "Call",
    "CallForm",
    "Change",
    "Channel",
    "Companion",
    "Compares",
    "Decision",
    "Description",
    "Distribution",
    "Effect",
    "Episode",
    "Event",
    "Handoff",
    "Hierarchy",
    "Introduction",
    "Known",
    "Landscape",
    "Mark",
    "Metrics",
    "Nature",
    "Observation",
    "OwnPlanner",
    "Pace",
    "Plan",
    "PlandriftError",
    "PlannerError",
    "Planning",
    "Policy",
    "PolicyError",
    "Reaction",
    "RunawayError",
    "Scene",
    "Session",
    "SettingError",
    "Step",
    "StepRecord",
    "Streams",
    "Turn",
    "Value",
    "Verdict",
    "View",
    "World",
    "WorldError",
    "arrivals",
    "dependency_graph",
    "jumps",
    "plain",
    "read_lines",
    "read_turns",
    "run",
    "setting",
    "stale_in_graph",
    "write_lines",
    "write_turns",
]

if __name__ == "sim":
    raise ImportError("this folder is a part of plandrift: import plandrift.sim")
