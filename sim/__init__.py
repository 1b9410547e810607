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

from sim.agent import Agent, Handoff
from sim.calls import Call, Step, Value
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
from sim.events import Event, plain
from sim.exogenous import arrivals, jumps
from sim.introduction import Argument, CallForm, Introduction
from sim.landscape import Hierarchy, Landscape, Mark
from sim.metrics import METRICS, Metrics
from sim.own_planner import OwnPlanner, PlannerError
from sim.pace import Pace
from sim.plan import Basis, Plan
from sim.policy import (
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
from sim.session import Session
from sim.settings import setting
from sim.step_record import StepRecord
from sim.streams import Streams
from sim.table import Table
from sim.told import Answer, Known
from sim.trace import read_lines, write_lines
from sim.turns import Turn, read_turns, write_turns
from sim.view import Compares, View
from sim.world import EVENT, Change, Effect, Nature, Scene, World

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
    "Basis",
    "Call",
    "CallForm",
    "Change",
    "Channel",
    "Compares",
    "Decision",
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
    "Table",
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
