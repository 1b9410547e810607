"""The engine, in rooms. A room imports only those that stand before it in the order below.

To know the engine, read *terms*, *interfaces* and *engine*, in this order; the other rooms are for when a
question leads there. An episode begins at `engine.episode.run`. SimPy's environment is `setup.clock`, its one
process `Executor.run`; all else is called back.

- `terms`, what everything is. `calls` and `plan`: calls, steps, plans and their basis. `effects`: what calls
  and the world do. `fluents`: the truth and the belief. `dependencies`, `staleness`: what a plan rests on, as
  bit masks, and what of it is stale. `streams`: the random streams. `clock`: SimPy's events, used again, and
  what goes first at one instant. `errors`: what goes wrong, in one line. `whole_file`: files written to the
  end or not at all.
- `settings`, what can be set. `agent` (with its hand-off) and `channel`, with its modes of `sampling`, a
  file each; `faults`: how an agent goes wrong, each declared once; `fields`, `distribution` and `real_time`:
  what a setting is, times that are drawn, and times in people's words; `exogenous`: ready-made changes for
  worlds; `assembly`: settings put together and listed by name.
- `companions`, what a world says beside its scene, by a `companion`: its `description` in words, with the
  `introduction` for agents and the `landscape` for the eye; its `planning`, what its planner is asked besides
  plans; and an `array_scene` for the compiled engine.
- `interfaces`, what people implement, `world` and `policy`, with what holds where they say nothing; and
  `view`, what a policy sees.
- `trace`, what happened: `events`, and the `files` that hold them.
- `measure`, every figure. `tracked_plan`: the plan in hand against truth and belief, the one place where
  staleness is kept, with `meter` (over time), `missed_alternative`, and `dependency_graph` to read;
  `attempt`: a call from its fire to its answer; `records`: what is kept of it; `causes`: why it failed, and
  `blame`: by whose doing;
  `plan_history`: how plans follow one another; `metrics`: the figures, each declared once.
- `usercode`, people's own code. `answers` and `own_planner` hold it to the interfaces, `checks` holds
  settings against each other and against the world, `own_code` says whose code an error comes from.
- `engine`, the SimPy side. `episode`, then `stage` and `setup`: an episode put together. `environment`: the
  world at work. `agent_process`: one agent, all that it has. `channel_process`: news on its way, as
  `settings.channel` says. `agent_state`: what comes of news, plans and a policy's decisions. `planner`
  (with `planned_steps`), `handoff_process` and `executor` do what `settings.agent` says: a plan is made,
  handed over (`done_steps`: what of it is done already) and fired.
- `session`, a real agent in the place of planner and executor. `session`, then `session_agent` and
  `submitted_plans`: the agent's calls and plans; `guarded_agent`: its guard; `fresh_read`: what it reads;
  `answer`: what it is told; `pace` and `turns`: what its thinking costs, and how to play it again.
"""

from plandrift.sim.companions.array_scene import ArrayForm, ArrayScene
from plandrift.sim.companions.companion import Companion
from plandrift.sim.companions.description import Description
from plandrift.sim.companions.introduction import Argument, CallForm, Introduction
from plandrift.sim.companions.landscape import Hierarchy, Landscape, Mark
from plandrift.sim.companions.planning import Planning
from plandrift.sim.engine.episode import Episode, run
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
