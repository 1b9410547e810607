"""How stale a plan goes, and what observation latency takes away."""

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
)
