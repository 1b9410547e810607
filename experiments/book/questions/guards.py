"""Which guard helps, what each part of one does, and where it should be placed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.claims import Check, Claim
from plandrift.experiments.analysis.selection import selected
from plandrift.experiments.book.checks import where_looking_pays
from plandrift.experiments.book.questions.question import Question
from plandrift.experiments.figures.kinds.ablation import ablation
from plandrift.experiments.figures.kinds.lines import lines

HEARD = ["volatility", "channel.latency"]
DRIFTING = [0.01, 0.0316, 0.1, 0.2]
HEARD_IN_TIME = [0.0, 1.0, 4.0]
LATE = [1.0, 4.0, 8.0]

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results

OVERWRITES = {"world.on_conflict": "overwrite"}
REREADS = "retry-on-conflict(on_refusal='replan')"
HANDS_BACK = "retry-on-conflict(on_refusal='replan', hands_back=true)"


def _harm(results: Results) -> Figure:
    return lines(results, y="harm", facet="world.on_conflict")


GUARDS = (
    Question(
        "demo",
        [
            ("How stale the plan is", lambda r: lines(r, y="plan_staleness")),
            ("Harm per episode", lambda r: lines(r, y="harm")),
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
                "And it does less harm at each volatility from 0.0316 to 0.2 (in slower worlds only a few "
                "seeds have any)",
                "policy=if-match,gated",
                "harm",
                "less",
                ["volatility"],
                {"volatility": DRIFTING[1:]},
            ),
        ],
    ),
    Question(
        "on-conflict",
        [
            ("Harm an episode: what each guard, and each answer of the world, lets through", _harm),
            ("Goals met: what it costs", lambda r: lines(r, y="goals_met", facet="world.on_conflict")),
        ],
        [
            Claim(
                "A blind retry with a fresh version does more harm than a read and a new plan after the same "
                "refusal, at each volatility, where updates overwrite",
                f"policy=retry-on-conflict,{REREADS}",
                "harm",
                "more",
                ["volatility", "world.on_conflict"],
                OVERWRITES,
            ),
            Claim(
                "It spares nothing: at volatility 0.1 it does more harm than no guard at all, because every "
                "refused call is made after all, only later",
                "policy=retry-on-conflict,on-error",
                "harm",
                "more",
                ["volatility", "world.on_conflict"],
                OVERWRITES | {"volatility": 0.1},
            ),
            Claim(
                "A look at the region alone lets more harm through than a look at the whole file, where the "
                "whole file is written, at volatility 0.0316 and 0.1",
                "policy=region,look-first",
                "harm",
                "more",
                ["volatility", "world.on_conflict"],
                OVERWRITES | {"volatility": [0.0316, 0.1]},
            ),
            Claim(
                "With keys no call does its work twice: fewer repeats than without, at each volatility and "
                "with both answers of the world",
                "policy=on-error(keyed=true),on-error",
                "repeats",
                "less",
                ["volatility", "world.on_conflict"],
            ),
            Claim(
                "A refusal that brings the fresh content saves reads, at each volatility, where updates "
                "overwrite",
                f"policy={HANDS_BACK},{REREADS}",
                "reads",
                "less",
                ["volatility", "world.on_conflict"],
                OVERWRITES,
            ),
            Claim(
                "Merging, with one merge in five wrong, does less harm than overwriting to an agent without "
                "a guard, at each volatility",
                "world.on_conflict=merge,overwrite",
                "harm",
                "less",
                ["volatility", "policy"],
                {"policy": "on-error"},
            ),
        ],
        quick=8,
    ),
    Question(
        "guard-ladder",
        [
            (
                "The share of the goals met, one line per guard, at each latency",
                lambda r: lines(r, y="effectiveness"),
            ),
            ("Harm per episode: what the guards are meant to prevent", lambda r: lines(r, y="harm")),
        ],
        [
            Claim(
                "An agent that plans once gains from looking and replanning when a call fails, at each "
                "volatility from 0.0133 to 0.2 and latency from 0 to 8",
                "policy=on-error,plan-once",
                "effectiveness",
                "more",
                HEARD,
            ),
            Claim(
                "The trigger adds to that by replanning on news before a call fails, at each volatility and "
                "at latency 0 to 4 (at 8 the ten steps are over before most of the news arrives)",
                "policy=event-driven,on-error",
                "effectiveness",
                "more",
                HEARD,
                {"channel.latency": HEARD_IN_TIME},
            ),
            Claim(
                "So does a gate on the belief without a trigger, on the same grid",
                "policy=gate-only,on-error",
                "effectiveness",
                "more",
                HEARD,
                {"channel.latency": HEARD_IN_TIME},
            ),
            Claim(
                "In addition to the trigger, a gate on the belief adds less than 0.001 of the goals on that "
                "grid, where no executor slips: the trigger has already replanned for whatever the belief "
                "shows",
                "policy=gated,event-driven",
                "effectiveness",
                "within",
                HEARD,
                margin=0.001,
            ),
            Claim(
                "A gate that reads fresh reaches more goals than a gate on the belief, at each volatility "
                "and at latency 1 to 8, if a read takes 0.2",
                "policy=look-first,gated",
                "effectiveness",
                "more",
                HEARD,
                {"channel.latency": LATE},
            ),
            Claim(
                "At latency 0 it adds less than 0.02 of the goals, at volatility 0.075 and 0.2 (in slower "
                "worlds too few seeds differ to decide): the belief is as fresh as a read",
                "policy=look-first,gated",
                "effectiveness",
                "within",
                HEARD,
                {"channel.latency": 0.0, "volatility": [0.075, 0.2]},
                margin=0.02,
            ),
            Claim(
                "With the world's own check, fewer first attempts misfire than with a gate that reads "
                "fresh, at each volatility from 0.0316 to 0.2 and each latency",
                "policy=if-match,look-first",
                "first_misfire_rate",
                "less",
                HEARD,
                {"volatility": [0.0316, 0.075, 0.2]},
            ),
            Claim(
                "It does less harm at volatility 0.075 and 0.2, over latency 0 to 8 together (in slower "
                "worlds only a few seeds have any)",
                "policy=if-match,look-first",
                "harm",
                "less",
                ["volatility"],
                {"volatility": [0.075, 0.2]},
            ),
            Claim(
                "And it reaches more goals than a gate on the belief, at each volatility and at latency 1 "
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
                "Misfires among first attempts against the duration of a read, at latency 1",
                lambda r: lines(
                    selected(r, ["channel.latency = 1"]), "agent.read_latency", "first_misfire_rate"
                ),
            ),
            (
                "What a fresh read costs in time, at latency 1",
                lambda r: lines(selected(r, ["channel.latency = 1"]), "agent.read_latency", "duration"),
            ),
        ],
        [
            Check(
                "A fresh read saves misfires where it takes less than twice the latency of the news, and "
                "hardly any (less than 0.03) beyond that, at volatility 0.01 to 0.05 and latency 0.5 to 2",
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
                "The world's own check needs no fresh read: it reaches more goals than reading fresh, at "
                "each volatility and latency, if a read takes 1 to 4",
                "policy=if-match,look-first",
                "effectiveness",
                "more",
                [*HEARD, "agent.read_latency"],
                {"agent.read_latency": [1.0, 2.0, 4.0]},
            ),
        ],
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
                "Where news makes the agent replan and no executor slips, it catches nothing more: without "
                "it, at most 0.001 more of the first attempts misfire, at volatility 0.01 and 0.05, because "
                "the trigger has already replanned for whatever the belief shows (at 0.2 one or two seeds "
                "in a thousand differ, too few to decide)",
                "policy.drift_gate=false,true",
                "first_misfire_rate",
                "within",
                ["policy", "volatility", "agent.slip"],
                {"policy": ["event-driven", "replan-each"], "agent.slip": 0.0, "volatility": [0.01, 0.05]},
                margin=0.001,
            ),
            Claim(
                "The drift gate hardly ever blocks a correct call: fewer than 0.05 per episode, at each "
                "volatility and under each policy",
                "policy.drift_gate=true,false",
                "false_blocks",
                "within",
                ["policy", "volatility"],
                margin=0.05,
            ),
            Claim(
                "It blocks none where news makes the agent replan: whatever it would block has been "
                "replanned by then",
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
        "gate-placement",
        [("What each choice does", ablation)],
        [
            Claim(
                "With a fresh read, checking when the call fires beats checking when it is prepared, at "
                "volatility 0.01 to 0.1",
                "policy.checks=fire,prepare",
                "first_misfire_rate",
                "less",
                ["policy.reads", "volatility"],
                {"policy.reads": "fresh"},
            ),
            Claim(
                "Blocking beats warning, at volatility 0.01 to 0.1",
                "policy.on_violation=block,warn",
                "first_misfire_rate",
                "less",
                ["volatility"],
            ),
            Claim(
                "A fresh read beats the belief, at volatility 0.01 to 0.1",
                "policy.reads=fresh,belief",
                "first_misfire_rate",
                "less",
                ["volatility", "policy.on_violation"],
                {"policy.on_violation": "block"},
            ),
            Claim(
                "Comparing versions blocks more correct calls than comparing values, at volatility 0.1",
                "policy.compares=version,value",
                "false_blocks",
                "more",
                ["volatility"],
                {"volatility": 0.1},
            ),
        ],
        quick=30,
    ),
)
