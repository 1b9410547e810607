"""How stale a plan gets, and what observation latency costs."""

from __future__ import annotations

from plandrift.experiments.analysis.claims import Check, Claim
from plandrift.experiments.analysis.selection import selected
from plandrift.experiments.book.checks import floor_holds, later_is_staler, turns
from plandrift.experiments.book.questions.question import Question
from plandrift.experiments.figures.kinds.best import best
from plandrift.experiments.figures.kinds.latency import latency
from plandrift.experiments.figures.kinds.price import price
from plandrift.experiments.figures.kinds.step import step
from plandrift.experiments.figures.kinds.volatility import staleness_volatility

HEARD = ["volatility", "channel.latency"]

STALENESS = (
    Question(
        "staleness-volatility",
        [("Staleness, misfires and replans against volatility", staleness_volatility)],
        [
            Claim(
                "With gated, the plan is fresher than with plan-once, at each volatility from 0.003 to 0.1 "
                "and latency from 0 to 2",
                "policy=gated,plan-once",
                "plan_staleness",
                "less",
                HEARD,
                {"channel.latency": [0.0, 1.0, 2.0]},
            ),
            Check(
                "That reverses before latency 8, at volatility 0.03 and 0.1: gated's retries make its "
                "episodes longer, and during most of its ten steps its news is older than the whole plan of "
                "plan-once",
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
                "With the gate there are fewer replans than when replanning on every observation, at each "
                "volatility from 0.003 to 0.1 and latency from 0 to 8",
                "policy=gated,replan-each",
                "replans",
                "less",
                HEARD,
            ),
            Claim(
                "It does not misfire more for that: by less than 0.02 of its first attempts at each "
                "latency, over volatility 0.003 to 0.1 together (in a slow world the two differ in too few "
                "seeds to decide)",
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
                "It still misfires less than plan-once up to latency 4, at each volatility from 0.01 to 0.2",
                "policy=gated,plan-once",
                "first_misfire_rate",
                "less",
                HEARD,
                {"channel.latency": [0.0, 1.0, 2.0, 4.0]},
            ),
            Check(
                "The order reverses before latency 8, at volatility 0.1 and 0.2 (at 0.05 that is not "
                "decided): gated's retries delay its later steps, and its news is then older than the whole "
                "plan of plan-once",
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
                "It does not blind a fresh read before each call: fewer first attempts misfire at each "
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
                "With plan-once, the sixteenth step is staler than the sixth, at each volatility from "
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
                "No policy that acts on news misfires less than its latency allows, at each volatility from "
                "0.003 to 0.3",
                floor_holds,
            )
        ],
        quick=120,
    ),
)
