"""The engine, in rooms. A room imports only from the rooms listed before it.

To get to know the engine, read *terms*, *interfaces* and *engine*, in this order; read the other rooms when a
question leads you there. An episode begins at `crew.run.run`. SimPy's environment is `setup.clock`, and
its only process is `Executor.run`; everything else is a callback.

- `terms`, the basic concepts. `calls` and `plan`: calls, steps, plans and their basis. `effects`: what calls
  and the world do. `fluents`: the truth and the belief. `dependencies`, `staleness`: what a plan depends on,
  as bit masks, and which steps are stale. `streams`: the random streams. `clock`: reusable SimPy events, and
  what goes first at one instant. `errors`: the errors, one line each.
  `whole_file`: files written to the end or not at all.
- `settings`, everything that can be set. `agent` (with its hand-off) and `channel`, with its modes of
  `sampling`, one file each; `crew`, with its `coordinations`; `faults`: how an agent goes wrong, each fault
  declared once; `fields`,
  `distribution` and `real_time`: what a setting is, random times, and times with units; `exogenous`:
  ready-made changes for worlds; `assembly`: settings built from names and listed by name.
- `companions`, what a world offers beyond its scene, each a `companion`: its `description` in words, with the
  `introduction` for agents and the `landscape` to draw; its `planning`, what its planner can answer besides
  plans; its `sharing`, how a crew divides its goals; and an `array_scene` for the compiled engine.
- `interfaces`, what users implement: `world` and `policy`, with their defaults; and `view`, what a policy
  sees.
- `trace`, what happened: `events`, those that only a crew has (`crew_events`), and the `files` of both.
- `measure`, every figure. `tracked_plan`: the plan in hand compared with truth and belief, the one place
  where staleness is kept, with `meter` (integrals over time), `missed_alternative`, and a readable
  `dependency_graph`; `attempt`: a call from fire to answer; `records`: what is kept of it; `causes`: why it
  failed, and `blame`: whose fault that was; `plan_history`: the sequence of plans; `metrics`: the figures,
  each declared once, with the `crew_figures`.
- `usercode`, users' own code. `answers` and `own_planner` check that it keeps to the interfaces, `checks`
  compares settings with each other and with the world, `own_code` finds out whose code an error comes from.
- `engine`, the SimPy part. `episode`, then `stage` and `setup`: an episode put together. `environment`: the
  running world, with the idempotency `keys` that it remembers. `agent_process`: one agent with all its
  parts. `channel_process`: news on its way, as `settings.channel` says. `agent_state`: what news, plans and
  a policy's decisions lead to. `planner` (with `planned_steps`), `handoff_process` and `executor` do what
  `settings.agent` says: a plan is made, handed over (`done_steps`: which of its steps are already done) and
  fired.
- `session`, a real agent in place of planner and executor. `session`, then `session_agent` and
  `submitted_plans`: the agent's calls and plans; `guarded_agent`: its guard; `fresh_read`: what it reads;
  `answer`: what it is told; `pace` and `turns`: the cost of its thinking, and the record to replay it.
- `crew`, several agents in one world. `run` is the door for one agent and for many; `crew`
  and `crew_stage` put an episode together. `room`: what all share, with the `dealer` of tasks, the
  `lock_table`, the `slots` of models, the `environment`, the `clock` and the `streams`. `seat`: what one
  agent has, with its `seat_state`, `seat_planner` and `seat_executor`. `shared_truth` and `shared_plan`: who
  wrote what over whom; `tally` and `together`: the figures. `coordination` has one file for each.
"""

from plandrift.sim.companions.array_scene import ArrayForm, ArrayScene
from plandrift.sim.companions.companion import Companion
from plandrift.sim.companions.description import Description
from plandrift.sim.companions.introduction import Argument, CallForm, Introduction
from plandrift.sim.companions.landscape import Hierarchy, Landscape, Mark
from plandrift.sim.companions.planning import Planning
from plandrift.sim.companions.sharing import Sharing
from plandrift.sim.crew.run import run
from plandrift.sim.engine.episode import Episode
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
from plandrift.sim.measure.dependency_graph import dependency_graph, stale_in_graph
from plandrift.sim.measure.metrics import METRICS, Metrics
from plandrift.sim.measure.records import StepRecord
from plandrift.sim.session.answer import Answer, Known
from plandrift.sim.session.pace import Pace
from plandrift.sim.session.session import Session
from plandrift.sim.session.turns import Turn, read_turns, write_turns
from plandrift.sim.settings.agent import Agent, Handoff
from plandrift.sim.settings.channel import Channel
from plandrift.sim.settings.crew import CrewSettings
from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.settings.exogenous import arrivals, jumps
from plandrift.sim.settings.fields import setting
from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.dependencies import GOALS
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
    "CrewSettings",
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
    "Sharing",
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
