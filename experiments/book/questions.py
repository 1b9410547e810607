"""The questions that the suites ask, the figures that answer them, and the expected answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.claims import FAILS, HOLDS, OPEN, Check, Claim, ClaimVerdict
from plandrift.experiments.analysis.selection import selected
from plandrift.experiments.analysis.step_staleness import step_staleness
from plandrift.experiments.analysis.tables import Row, compare, table
from plandrift.experiments.analysis.theory_curves import floor
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
    """One suite from `experiments/book/suites`.

    Attributes:
        suite: the name of its file without the extension.
        figures: the figures that answer it, each with a caption.
        claims: the claims expected to hold.
        steps: whether its steps are kept.
        quick: seeds per condition in the quick form.
    """

    suite: str
    figures: Sequence[tuple[str, Draw]]
    claims: Sequence[Claim | Check]
    steps: bool = False
    quick: int = 40


def _later_is_staler(results: Results) -> tuple[ClaimVerdict, list[Row]]:
    """Compare plan-once's sixteenth step with its sixth."""
    rows = [row for row in step_staleness(results) if row["policy"] == "plan-once" and row["step"] in (5, 15)]
    rates = dict.fromkeys(row["volatility"] for row in rows)
    pairs = [[row for row in rows if row["volatility"] == rate] for rate in rates]
    whole = [(early, late) for early, late in (pair for pair in pairs if len(pair) == 2)]
    if not whole:
        return OPEN, rows
    if any(late["high"] < early["low"] for early, late in whole):
        return FAILS, rows
    return (HOLDS if all(late["low"] > early["high"] for early, late in whole) else OPEN), rows


def _floor_holds(results: Results) -> tuple[ClaimVerdict, list[Row]]:
    """Compare misfire rates of policies that only hear news with the theoretical floor."""
    curve = floor(results)
    rows = []
    for row in table(results, ["policy", "volatility"], ["misfire_rate"]):
        if row["policy"] in ("replan-each", "gated"):
            nearest = min(curve, key=lambda point: abs(point[0] - row["volatility"]))
            rows.append(
                {k: row[k] for k in ("policy", "volatility", "mean", "low", "high", "n")}
                | {"floor": nearest[1]}
            )
    if any(row["high"] < row["floor"] - (row["high"] - row["low"]) for row in rows):
        return FAILS, rows
    return HOLDS, rows


PLACE = ["volatility", "channel.latency", "agent.read_latency"]
HEARD = ["volatility", "channel.latency"]


def _where_looking_pays(results: Results) -> tuple[ClaimVerdict, list[Row]]:
    """Find, for each volatility and latency, how slow a read may be for looking to beat believing."""
    rows = compare(results, "policy=look-first,gated", "effectiveness", PLACE)
    found: list[Row] = []
    for rate, late in dict.fromkeys((row["volatility"], row["channel.latency"]) for row in rows):
        here = [row for row in rows if (row["volatility"], row["channel.latency"]) == (rate, late)]
        here.sort(key=lambda row: float(row["agent.read_latency"]))
        verdicts = {f"read latency {row['agent.read_latency']:g}": row["verdict"] for row in here}
        line = [(row["agent.read_latency"], row["difference"]) for row in here]
        found.append(
            {"volatility": rate, "channel.latency": late} | verdicts | {"crosses at": _crossing(line)}
        )
    near, far = (some(row["agent.read_latency"] for row in rows) for some in (min, max))
    late = [row for row in rows if row["channel.latency"] > 0]
    at = {end: {row["verdict"] for row in late if row["agent.read_latency"] == end} for end in (near, far)}
    if "less" in at[near]:
        return FAILS, found
    return (HOLDS if "more" in at[near] and "less" in at[far] else OPEN), found


def _crossing(line: Sequence[tuple[float, float]]) -> float | None:
    """Return where a line of points falls to 0 between two of them; None if it does not."""
    for (x, y), (later, below) in pairwise(line):
        if y > 0 >= below:
            return x + (later - x) * y / (y - below)
    return None


REACTS = [5, 10, 15, 20, 30]
QUESTIONS = (
    Question(
        "guard-ladder",
        [
            (
                "The share of goals met by each guard, at each latency",
                lambda r: lines(selected(r, ["agent.read_latency = 0.2"]), y="effectiveness"),
            ),
            (
                "Harmful calls per episode, which guards are meant to prevent",
                lambda r: lines(selected(r, ["agent.read_latency = 0.2"]), y="harm"),
            ),
            (
                "What a look costs: the share of goals met against the read latency, at latency 1",
                lambda r: lines(
                    selected(r, ["channel.latency = 1", "policy = gated, look-first, if-match"]),
                    x="agent.read_latency",
                    y="effectiveness",
                ),
            ),
        ],
        [
            Claim(
                "The trigger alone helps an agent that plans once",
                "policy=event-driven,plan-once",
                "effectiveness",
                "more",
                HEARD,
            ),
            Claim(
                "The gate alone, on the belief, helps an agent that plans once",
                "policy=gate-only,plan-once",
                "effectiveness",
                "more",
                HEARD,
            ),
            Claim(
                "On top of the trigger a gate on the belief adds less than 0.02 of the goals: it is as blind",
                "policy=gated,event-driven",
                "effectiveness",
                "within",
                HEARD,
                margin=0.02,
            ),
            Claim(
                "A gate that looks reaches more goals than a gate on the belief, when the news is late",
                "policy=look-first,gated",
                "effectiveness",
                "more",
                PLACE,
                {"agent.read_latency": 0.2, "channel.latency": [1.0, 4.0], "volatility": [0.0316, 0.075]},
            ),
            Check(
                "Looking pays only while a read is quick: with slow reads it costs goals",
                _where_looking_pays,
            ),
            Claim(
                "A world that checks each call itself suffers less harm than a gate that looks",
                "policy=if-match,look-first",
                "harm",
                "less",
                ["channel.latency"],
            ),
            Claim(
                "It also reaches more goals than a gate on the belief, when the news is late",
                "policy=if-match,gated",
                "effectiveness",
                "more",
                PLACE,
                {"channel.latency": [1.0, 4.0], "volatility": [0.0316, 0.075]},
            ),
        ],
        quick=20,
    ),
    Question(
        "staleness-volatility",
        [("Staleness, misfires and replans against volatility", staleness_volatility)],
        [
            Claim(
                "Plans under gated are fresher than those of plan-once, at each volatility and latency",
                "policy=gated,plan-once",
                "plan_staleness",
                "less",
                ["volatility", "channel.latency"],
            ),
            Claim(
                "The gate gets by with fewer replans than replanning on every observation",
                "policy=gated,replan-each",
                "replans",
                "less",
                ["volatility", "channel.latency"],
            ),
            Claim(
                "It does not misfire noticeably more for that: by less than 0.02 of its steps",
                "policy=gated,replan-each",
                "misfire_rate",
                "within",
                ["volatility", "channel.latency"],
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
                "Observation latency blinds the gate: it misfires more at 8 than at 0",
                "channel.latency=8,0",
                "misfire_rate",
                "more",
                ["policy", "volatility"],
                {"policy": "gated"},
            ),
            Claim(
                "A fresh read before the fire is not affected by it",
                "policy=read-back,gated",
                "misfire_rate",
                "less",
                ["volatility", "channel.latency"],
                {"channel.latency": [1.0, 2.0, 4.0, 8.0]},
            ),
        ],
        quick=24,
    ),
    Question(
        "step-within-plan",
        [("Staleness over the steps of a plan, and theory", step)],
        [Check("In a plan made only once, the sixteenth step is staler than the sixth", _later_is_staler)],
        steps=True,
        quick=120,
    ),
    Question(
        "information-floor",
        [("Misfires against what theory allows", staleness_volatility)],
        [Check("No policy that acts on news gets below what its latency allows", _floor_holds)],
        quick=120,
    ),
    Question(
        "gate-ablation",
        [("The effect of switching on each gate", ablation)],
        [
            Claim(
                "Reconciling catches the mismatched call",
                "policy.reconcile=true,false",
                "mismatches_fired",
                "less",
                ["policy", "agent.slip"],
                {"agent.slip": 0.1},
            ),
            Claim(
                "The drift gate catches the drifted plan, whatever makes the policy replan",
                "policy.drift_gate=true,false",
                "misfire_rate",
                "less",
                ["policy"],
            ),
            Claim(
                "The drift gate catches the drifted plan of an agent that plans once",
                "policy.drift_gate=true,false",
                "misfire_rate",
                "less",
                ["policy", "volatility"],
                {"policy": "plan-once"},
            ),
            Claim(
                "The drift gate blocks hardly any good call: fewer than 0.05 per episode",
                "policy.drift_gate=true,false",
                "false_blocks",
                "within",
                ["policy"],
                margin=0.05,
            ),
        ],
        quick=30,
    ),
    Question(
        "handoff",
        [
            (
                "Misfires against the fidelity of the summary",
                lambda r: lines(
                    selected(r, ["handoff.delay = 0"]),
                    "handoff.fidelity",
                    "misfire_rate",
                    "policy",
                    "agent.minds",
                ),
            ),
            (
                "Misfires against the delay of the hand-off",
                lambda r: lines(
                    selected(r, ["handoff.fidelity = 1"]),
                    "handoff.delay",
                    "misfire_rate",
                    "policy",
                    "agent.minds",
                ),
            ),
        ],
        [
            Claim(
                "A worse summary makes more wrong calls fire",
                "handoff.fidelity=0.5,1",
                "mismatches_fired",
                "more",
                ["policy", "agent.minds"],
                {"policy": "event-driven", "agent.minds": 2},
            ),
            Claim(
                "A single mind avoids this",
                "agent.minds=1,2",
                "misfire_rate",
                "less",
                ["policy", "handoff.fidelity"],
                {"policy": "event-driven", "handoff.fidelity": [0.0, 0.5, 0.7]},
            ),
            Claim(
                "Reconciling stops the wrong calls of two minds",
                "policy=gated,event-driven",
                "mismatches_fired",
                "less",
                ["agent.minds", "handoff.fidelity"],
                {"agent.minds": 2, "handoff.fidelity": [0.0, 0.5, 0.7, 0.9]},
            ),
            Claim(
                "A delay makes plans staler: more misfires at 3 than at 0",
                "handoff.delay=3,0",
                "misfire_rate",
                "more",
                ["policy", "agent.minds"],
                {"agent.minds": 2},
            ),
        ],
        quick=30,
    ),
    Question(
        "planner-strength",
        [
            (
                "Failures by cause, one row per planner error rate",
                lambda r: failure_mix(selected(r, ["volatility = 0.05"])),
            ),
            (
                "Misfires against the planner's error rate",
                lambda r: lines(r, "agent.planner_error", "misfire_rate", "policy", "volatility"),
            ),
        ],
        [
            Claim(
                "A planner that never errs still misfires in a world that changes",
                "volatility=0.05,0",
                "misfires",
                "more",
                ["policy", "agent.planner_error"],
                {"agent.planner_error": 0.0},
            ),
            Claim(
                "A stronger planner makes fewer steps fail that were wrong from the start",
                "agent.planner_error=0,0.2",
                "cause_planner_error",
                "less",
                ["policy"],
                {"policy": ["plan-once", "event-driven"]},
            ),
            Claim(
                "It does not prevent unseen drift: failures drop by less than half a step",
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
                "A minimum time between replans ends the storms",
                "policy.min_interval=3,0",
                "storms",
                "less",
                ["agent.thinking_time", "policy.max_replans"],
                {"policy.max_replans": 10000.0},
            ),
            Claim(
                "It cuts the share of time spent thinking",
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
        [("The effect of each choice", ablation)],
        [
            Claim(
                "With a fresh read, a check when the call fires beats one when it is prepared",
                "policy.checks=fire,prepare",
                "misfire_rate",
                "less",
                ["policy.reads", "volatility"],
                {"policy.reads": "fresh"},
            ),
            Claim(
                "Blocking beats warning",
                "policy.on_violation=block,warn",
                "misfire_rate",
                "less",
                ["volatility"],
            ),
            Claim(
                "A fresh read beats the belief",
                "policy.reads=fresh,belief",
                "misfire_rate",
                "less",
                ["volatility", "policy.on_violation"],
                {"policy.on_violation": "block"},
            ),
            Claim(
                "Comparing versions blocks more good calls than comparing values",
                "policy.compares=version,value",
                "false_blocks",
                "more",
                ["volatility"],
                {"volatility": 0.05},
            ),
        ],
        quick=30,
    ),
    Question(
        "failure-mix",
        [
            ("Failures by cause", failure_mix),
            ("MAST codes, as a reader of the transcripts would assign them", mast),
        ],
        [
            Claim(
                "The gate lets fewer mismatched calls fire",
                "policy=gated,plan-once",
                "mismatches_fired",
                "less",
            ),
            Claim(
                "A check of the effects leaves fewer silent successes undetected",
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
                "Bold that drops a target which has disappeared beats blind bold",
                "policy=bold-broken,bold",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": [0.5, 1.0, 2.0], "volatility": [20, 30]},
            ),
            Claim(
                "Reacting to a nearer hole as well helps further",
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
