"""The questions that the suites ask, the figures that answer them, and what is expected of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.claims import Check, Claim
from plandrift.experiments.analysis.selection import selected
from plandrift.experiments.book.checks import floor_holds, later_is_staler, turns, where_looking_pays
from plandrift.experiments.figures.kinds.ablation import ablation
from plandrift.experiments.figures.kinds.best import best
from plandrift.experiments.figures.kinds.effectiveness import effectiveness
from plandrift.experiments.figures.kinds.failure_mix import failure_mix
from plandrift.experiments.figures.kinds.latency import latency
from plandrift.experiments.figures.kinds.lines import lines
from plandrift.experiments.figures.kinds.mast import mast
from plandrift.experiments.figures.kinds.price import price
from plandrift.experiments.figures.kinds.step import step
from plandrift.experiments.figures.kinds.storm import storm
from plandrift.experiments.figures.kinds.volatility import staleness_volatility
from plandrift.experiments.sweeps.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[[Results], "Figure"]


@dataclass(frozen=True)
class Question:
    """One suite of `experiments/book/suites`.

    Attributes:
        suite: its file's name without the ending.
        figures: that answer it, each with a few words.
        claims: what is expected of it.
        steps: whether its steps are kept.
        quick: seeds a condition in the quick form.
    """

    suite: str
    figures: Sequence[tuple[str, Draw]]
    claims: Sequence[Claim | Check]
    steps: bool = False
    quick: int = 40


HEARD = ["volatility", "channel.latency"]
DRIFTING = [0.01, 0.0316, 0.1, 0.2]
REACTS = [5, 10, 15, 20, 30]
HEARD_IN_TIME = [0.0, 1.0, 4.0]
LATE = [1.0, 4.0, 8.0]
QUESTIONS = (
    Question(
        "demo",
        [
            ("How stale the plan is", lambda r: lines(r, y="plan_staleness")),
            ("Harm an episode", lambda r: lines(r, y="harm")),
        ],
        [
            Claim(
                "Reconciling the call before it fires stops mismatches: gated fires fewer than replan-each "
                "at each volatility from 0.001 to 0.2 (latency 1, slips 0.132)",
                "policy=gated,replan-each",
                "mismatches_fired",
                "less",
                ["volatility"],
            ),
            Claim(
                "A fresh read catches drift that a gate on the belief lets through: fewer first attempts "
                "misfire at each volatility from 0.01 to 0.2",
                "policy=look-first,gated",
                "first_misfire_rate",
                "less",
                ["volatility"],
                {"volatility": DRIFTING},
            ),
            Claim(
                "So does the world's own check, at each volatility from 0.01 to 0.2",
                "policy=if-match,gated",
                "first_misfire_rate",
                "less",
                ["volatility"],
                {"volatility": DRIFTING},
            ),
            Claim(
                "And it does less harm at each volatility from 0.0316 to 0.2 (in slower worlds a few seeds "
                "have it all)",
                "policy=if-match,gated",
                "harm",
                "less",
                ["volatility"],
                {"volatility": DRIFTING[1:]},
            ),
        ],
    ),
    Question(
        "guard-ladder",
        [
            (
                "The share of the goals met, a guard a line, at each latency",
                lambda r: lines(r, y="effectiveness"),
            ),
            ("Harm an episode: what the guards are for", lambda r: lines(r, y="harm")),
        ],
        [
            Claim(
                "Looking and replanning when a call fails, and never before, helps an agent that plans "
                "once, at each volatility from 0.0133 to 0.2 and latency from 0 to 8",
                "policy=on-error,plan-once",
                "effectiveness",
                "more",
                HEARD,
            ),
            Claim(
                "The trigger adds to that, replanning for news before a call fails, at each volatility and "
                "at latency 0 to 4 (at 8 the ten steps are over before most of the news arrives)",
                "policy=event-driven,on-error",
                "effectiveness",
                "more",
                HEARD,
                {"channel.latency": HEARD_IN_TIME},
            ),
            Claim(
                "A gate on the belief without a trigger adds to it on the same grid",
                "policy=gate-only,on-error",
                "effectiveness",
                "more",
                HEARD,
                {"channel.latency": HEARD_IN_TIME},
            ),
            Claim(
                "On top of the trigger a gate on the belief adds less than 0.001 of the goals on that grid, "
                "where no executor slips: the trigger has replanned for whatever the belief shows",
                "policy=gated,event-driven",
                "effectiveness",
                "within",
                HEARD,
                margin=0.001,
            ),
            Claim(
                "A gate that looks reaches more goals than one that believes, at each volatility and at "
                "latency 1 to 8, a read taking 0.2",
                "policy=look-first,gated",
                "effectiveness",
                "more",
                HEARD,
                {"channel.latency": LATE},
            ),
            Claim(
                "At latency 0 it adds less than 0.02 of the goals, at volatility 0.075 and 0.2 (in slower "
                "worlds too few seeds differ to decide by): the belief is as fresh as a read",
                "policy=look-first,gated",
                "effectiveness",
                "within",
                HEARD,
                {"channel.latency": 0.0, "volatility": [0.075, 0.2]},
                margin=0.02,
            ),
            Claim(
                "A world that checks at its own door lets fewer first attempts misfire than a gate that "
                "looks, at each volatility from 0.0316 to 0.2 and each latency",
                "policy=if-match,look-first",
                "first_misfire_rate",
                "less",
                HEARD,
                {"volatility": [0.0316, 0.075, 0.2]},
            ),
            Claim(
                "It does less harm at volatility 0.075 and 0.2, over latency 0 to 8 together (in slower "
                "worlds a few seeds have it all)",
                "policy=if-match,look-first",
                "harm",
                "less",
                ["volatility"],
                {"volatility": [0.075, 0.2]},
            ),
            Claim(
                "And it reaches more goals than a gate that believes, at each volatility and at latency 1 "
                "to 8",
                "policy=if-match,gated",
                "effectiveness",
                "more",
                HEARD,
                {"channel.latency": LATE},
            ),
        ],
    ),
    Question(
        "look-distance",
        [
            (
                "Misfires among first attempts against the time of a read, at latency 1",
                lambda r: lines(
                    selected(r, ["channel.latency = 1"]), "agent.read_latency", "first_misfire_rate"
                ),
            ),
            (
                "What a look costs in time, at latency 1",
                lambda r: lines(selected(r, ["channel.latency = 1"]), "agent.read_latency", "duration"),
            ),
        ],
        [
            Check(
                "A look saves misfires where a read takes less than twice the latency of the news, and none "
                "to speak of (0.03) beyond, at volatility 0.01 to 0.05 and latency 0.5 to 2",
                where_looking_pays,
            ),
            Claim(
                "Its price is time: episodes take longer than gated's at each read time from 0.2 to 4 and "
                "each volatility and latency of the grid",
                "policy=look-first,gated",
                "duration",
                "more",
                [*HEARD, "agent.read_latency"],
            ),
            Claim(
                "The world's own check needs no look: it reaches more goals than looking at each volatility "
                "and latency, reads taking 1 to 4",
                "policy=if-match,look-first",
                "effectiveness",
                "more",
                [*HEARD, "agent.read_latency"],
                {"agent.read_latency": [1.0, 2.0, 4.0]},
            ),
        ],
    ),
    Question(
        "staleness-volatility",
        [("Staleness, misfires and replans against volatility", staleness_volatility)],
        [
            Claim(
                "A plan that is gated is fresher than one made once, at each volatility from 0.003 to 0.1 "
                "and latency from 0 to 2",
                "policy=gated,plan-once",
                "plan_staleness",
                "less",
                HEARD,
                {"channel.latency": [0.0, 1.0, 2.0]},
            ),
            Check(
                "That turns before latency 8, at volatility 0.03 and 0.1: gated's retries make its episodes "
                "longer, and its news is older than a plan made once is for most of its ten steps",
                turns(
                    "policy=gated,plan-once",
                    "plan_staleness",
                    "channel.latency",
                    "volatility",
                    [0.03, 0.1],
                    "less",
                    "more",
                ),
            ),
            Claim(
                "The gate gets by with fewer replans than replanning on every observation, at each "
                "volatility from 0.003 to 0.1 and latency from 0 to 8",
                "policy=gated,replan-each",
                "replans",
                "less",
                HEARD,
            ),
            Claim(
                "It misfires no more for that: by less than 0.02 of its first attempts at each latency, "
                "over volatility 0.003 to 0.1 together, as in a slow world the two differ in a few seeds "
                "only, too few to decide by",
                "policy=gated,replan-each",
                "first_misfire_rate",
                "within",
                ["channel.latency"],
                margin=0.02,
            ),
        ],
    ),
    Question(
        "latency",
        [
            ("Staleness, misfires and replans against observation latency", latency),
            ("Which policy does best where", best),
            (
                "What each policy costs and gains, at latency 1",
                lambda r: price(selected(r, ["channel.latency = 1", "volatility = 0.03"])),
            ),
        ],
        [
            Claim(
                "Observation latency blinds the gate: more of its first attempts misfire at 8 than at 0, at "
                "each volatility from 0.01 to 0.2",
                "channel.latency=8,0",
                "first_misfire_rate",
                "more",
                ["policy", "volatility"],
                {"policy": "gated"},
            ),
            Claim(
                "It still misfires less than a plan made once up to latency 4, at each volatility from 0.01 "
                "to 0.2",
                "policy=gated,plan-once",
                "first_misfire_rate",
                "less",
                HEARD,
                {"channel.latency": [0.0, 1.0, 2.0, 4.0]},
            ),
            Check(
                "The order turns before latency 8, at volatility 0.1 and 0.2 (at 0.05 the turn is not "
                "decided): gated's retries make the steps that follow later, and its news of them is older "
                "than a plan made once is",
                turns(
                    "policy=gated,plan-once",
                    "first_misfire_rate",
                    "channel.latency",
                    "volatility",
                    [0.1, 0.2],
                    "less",
                    "more",
                ),
            ),
            Claim(
                "A fresh read before the fire is not blinded by it: fewer first attempts misfire at each "
                "volatility from 0.01 to 0.2 and latency from 1 to 8",
                "policy=read-back,gated",
                "first_misfire_rate",
                "less",
                HEARD,
                {"channel.latency": [1.0, 2.0, 4.0, 8.0]},
            ),
        ],
    ),
    Question(
        "step-within-plan",
        [("Staleness over the steps of a plan, and theory", step)],
        [
            Check(
                "Of a plan made once the sixteenth step is staler than the sixth, at each volatility from "
                "0.01 to 0.1",
                later_is_staler,
            )
        ],
        steps=True,
        quick=120,
    ),
    Question(
        "information-floor",
        [("Misfires against what theory allows", staleness_volatility)],
        [
            Check(
                "No policy that acts on news gets below what its latency allows, at each volatility from "
                "0.003 to 0.3",
                floor_holds,
            )
        ],
        quick=120,
    ),
    Question(
        "gate-ablation",
        [("What switching each gate on does", ablation)],
        [
            Claim(
                "Reconciling catches the mismatched call, at each volatility from 0.01 to 0.2 and under "
                "each of the three policies (slips 0.1, latency 0.5)",
                "policy.reconcile=true,false",
                "mismatches_fired",
                "less",
                ["policy", "agent.slip", "volatility"],
                {"agent.slip": 0.1},
            ),
            Claim(
                "The drift gate catches the drifted plan of an agent that plans once, at each volatility "
                "from 0.01 to 0.2",
                "policy.drift_gate=true,false",
                "first_misfire_rate",
                "less",
                ["policy", "volatility"],
                {"policy": "plan-once"},
            ),
            Claim(
                "Where news makes the agent replan and no executor slips it catches nothing more: without "
                "it no more than 0.001 of the first attempts misfire, at volatility 0.01 and 0.05, as the "
                "trigger has replanned for whatever the belief shows (at 0.2 one or two seeds in a thousand "
                "differ, too few to decide by)",
                "policy.drift_gate=false,true",
                "first_misfire_rate",
                "within",
                ["policy", "volatility", "agent.slip"],
                {"policy": ["event-driven", "replan-each"], "agent.slip": 0.0, "volatility": [0.01, 0.05]},
                margin=0.001,
            ),
            Claim(
                "The drift gate hardly blocks a good call: fewer than 0.05 an episode, at each volatility "
                "and under each policy",
                "policy.drift_gate=true,false",
                "false_blocks",
                "within",
                ["policy", "volatility"],
                margin=0.05,
            ),
            Claim(
                "It blocks none where news makes the agent replan: what it would block by then is planned "
                "anew",
                "policy.drift_gate=true,false",
                "false_blocks",
                "within",
                ["policy", "volatility"],
                {"policy": ["event-driven", "replan-each"]},
                margin=0.001,
            ),
        ],
        quick=30,
    ),
    Question(
        "handoff",
        [
            (
                "Misfires among first attempts against the fidelity of the summary",
                lambda r: lines(
                    selected(r, ["handoff.delay = 0"]),
                    "handoff.fidelity",
                    "first_misfire_rate",
                    "policy",
                    "agent.minds",
                ),
            ),
            (
                "Misfires among first attempts against the delay of the hand-off",
                lambda r: lines(
                    selected(r, ["handoff.fidelity = 1"]),
                    "handoff.delay",
                    "first_misfire_rate",
                    "policy",
                    "agent.minds",
                ),
            ),
        ],
        [
            Claim(
                "A worse summary makes more wrong calls fire: fidelity 0.5 against 1, two minds, volatility "
                "0.05",
                "handoff.fidelity=0.5,1",
                "mismatches_fired",
                "more",
                ["policy", "agent.minds"],
                {"policy": "event-driven", "agent.minds": 2},
            ),
            Claim(
                "A single mind avoids it, at fidelity 0.5 and 0.7",
                "agent.minds=1,2",
                "first_misfire_rate",
                "less",
                ["policy", "handoff.fidelity"],
                {"policy": "event-driven", "handoff.fidelity": [0.5, 0.7]},
            ),
            Claim(
                "Reconciling stops the wrong calls of two minds, at fidelity 0.5 to 0.9",
                "policy=gated,event-driven",
                "mismatches_fired",
                "less",
                ["agent.minds", "handoff.fidelity"],
                {"agent.minds": 2, "handoff.fidelity": [0.5, 0.7, 0.9]},
            ),
            Claim(
                "A delay makes plans staler: more first attempts of event-driven misfire at a delay of 1 "
                "than at 0",
                "handoff.delay=1,0",
                "first_misfire_rate",
                "more",
                ["policy", "agent.minds"],
                {"policy": "event-driven", "agent.minds": 2},
            ),
            Claim(
                "A gate on the belief takes that away, by blocking what has been overtaken on its way: more "
                "by less than 0.02 of gated's first attempts",
                "handoff.delay=1,0",
                "first_misfire_rate",
                "within",
                ["policy", "agent.minds"],
                {"policy": "gated", "agent.minds": 2},
                margin=0.02,
            ),
        ],
        quick=30,
    ),
    Question(
        "planner-strength",
        [
            (
                "Failures by cause, a row a share of the planner's errors",
                lambda r: failure_mix(selected(r, ["volatility = 0.05"])),
            ),
            (
                "Misfires among first attempts against the planner's error",
                lambda r: lines(r, "agent.planner_error", "first_misfire_rate", "policy", "volatility"),
            ),
        ],
        [
            Claim(
                "A planner that never errs still misfires where the world moves: volatility 0.05 against 0",
                "volatility=0.05,0",
                "first_misfires",
                "more",
                ["policy", "agent.planner_error"],
                {"agent.planner_error": 0.0},
            ),
            Claim(
                "A stronger planner makes fewer steps fail that were wrong from the start: no errors "
                "against 0.2",
                "agent.planner_error=0,0.2",
                "cause_planner_error",
                "less",
                ["policy"],
                {"policy": ["plan-once", "event-driven"]},
            ),
            Claim(
                "It does not take away what drifts unseen: fewer by less than half a step, over volatility "
                "0 to 0.2",
                "agent.planner_error=0.2,0",
                "cause_drift_blind",
                "within",
                ["policy"],
                {"policy": ["plan-once", "event-driven"]},
                margin=0.5,
            ),
        ],
        quick=30,
    ),
    Question(
        "bounded-replanning",
        [("The storm map", storm)],
        [
            Claim(
                "A least time of 3 between replans ends the storms, thinking taking 0.1 or 0.6",
                "policy.min_interval=3,0",
                "storms",
                "less",
                ["agent.thinking_time", "policy.max_replans"],
                {"policy.max_replans": 10000.0},
            ),
            Claim(
                "It cuts the share of the time spent thinking, at both",
                "policy.min_interval=3,0",
                "thinking_share",
                "less",
                ["agent.thinking_time", "policy.max_replans"],
                {"policy.max_replans": 10000.0},
            ),
            Claim(
                "Its price is success, inside the storm and outside",
                "policy.min_interval=3,0",
                "success",
                "less",
                ["agent.thinking_time", "policy.max_replans"],
                {"policy.max_replans": 10000.0},
            ),
        ],
        quick=50,
    ),
    Question(
        "gate-placement",
        [("What each choice does", ablation)],
        [
            Claim(
                "With a fresh read, a check at the fire beats one when the call is prepared, at volatility "
                "0.01 to 0.2",
                "policy.checks=fire,prepare",
                "first_misfire_rate",
                "less",
                ["policy.reads", "volatility"],
                {"policy.reads": "fresh"},
            ),
            Claim(
                "Blocking beats warning, at volatility 0.01 to 0.2",
                "policy.on_violation=block,warn",
                "first_misfire_rate",
                "less",
                ["volatility"],
            ),
            Claim(
                "A fresh read beats the belief, at volatility 0.01 to 0.2",
                "policy.reads=fresh,belief",
                "first_misfire_rate",
                "less",
                ["volatility", "policy.on_violation"],
                {"policy.on_violation": "block"},
            ),
            Claim(
                "Comparing versions blocks more good calls than comparing values, at volatility 0.2",
                "policy.compares=version,value",
                "false_blocks",
                "more",
                ["volatility"],
                {"volatility": 0.2},
            ),
        ],
        quick=30,
    ),
    Question(
        "failure-mix",
        [("Failures by cause", failure_mix), ("The codes that a reader of the transcripts would give", mast)],
        [
            Claim(
                "The gate lets fewer mismatched calls fire, in this mix of faults",
                "policy=gated,plan-once",
                "mismatches_fired",
                "less",
            ),
            Claim(
                "A check of the effects leaves fewer silent successes undetected, in this mix of faults",
                "policy=read-back,gated",
                "undetected_silent_successes",
                "less",
            ),
        ],
        quick=200,
    ),
    Question(
        "kinny-georgeff-1991",
        [("Effectiveness against the rate of change", effectiveness)],
        [
            Claim(
                "With much to plan (p = 4) bold beats normal for γ from 5 to 30",
                "policy=bold,normal",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": 4.0, "volatility": REACTS},
            ),
            Claim(
                "And normal beats cautious",
                "policy=normal,cautious",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": 4.0, "volatility": REACTS},
            ),
            Claim(
                "With nothing to plan (p = 0) cautious beats bold once the world is fast",
                "policy=cautious,bold",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": 0.0, "volatility": [20, 30, 50]},
            ),
            Claim(
                "Normal overtakes bold as γ grows (p = 1, γ = 30 and over)",
                "policy=normal,bold",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": 1.0, "volatility": [30, 50]},
            ),
            Claim(
                "Bold that leaves a target that is gone beats blind bold",
                "policy=bold-broken,bold",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": [0.5, 1.0, 2.0], "volatility": [20, 30]},
            ),
            Claim(
                "Reacting to a nearer hole as well adds to it",
                "policy=bold-better,bold-broken",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": [0.5, 1.0], "volatility": [20, 30]},
            ),
            Claim(
                "Reacting to any new hole is worse than reacting to nothing at p = 2, γ from 10 to 20",
                "policy=bold-new(watches=('hole-*',)),bold",
                "effectiveness",
                "less",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": 2.0, "volatility": [10, 15, 20]},
            ),
        ],
        quick=6,
    ),
)
"""Every question, in the order of the book."""
