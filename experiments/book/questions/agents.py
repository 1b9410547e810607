"""What goes wrong in planner, hand-off and executor, and what bounds on replanning cost."""

from __future__ import annotations

from plandrift.experiments.analysis.claims import Claim
from plandrift.experiments.analysis.selection import selected
from plandrift.experiments.book.questions.question import Question
from plandrift.experiments.figures.kinds.failure_mix import failure_mix
from plandrift.experiments.figures.kinds.lines import lines
from plandrift.experiments.figures.kinds.mast import mast
from plandrift.experiments.figures.kinds.storm import storm

AGENTS = (
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
                "A worse summary makes more mismatched calls fire: fidelity 0.5 against 1, planner and "
                "executor apart, volatility 0.05",
                "handoff.fidelity=0.5,1",
                "mismatches_fired",
                "more",
                ["policy", "agent.minds"],
                {"policy": "event-driven", "agent.minds": 2},
            ),
            Claim(
                "A single agent avoids that, at fidelity 0.5 and 0.7",
                "agent.minds=1,2",
                "first_misfire_rate",
                "less",
                ["policy", "handoff.fidelity"],
                {"policy": "event-driven", "handoff.fidelity": [0.5, 0.7]},
            ),
            Claim(
                "Reconciling stops these mismatched calls, at fidelity 0.5 to 0.9",
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
                "A gate on the belief prevents that by blocking what the news has overtaken: with a delay, "
                "less than 0.02 more of gated's first attempts misfire",
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
                "Failures by cause, one row per rate of planner errors",
                lambda r: failure_mix(selected(r, ["volatility = 0.05"])),
            ),
            (
                "Misfires among first attempts against the rate of planner errors",
                lambda r: lines(r, "agent.planner_error", "first_misfire_rate", "policy", "volatility"),
            ),
        ],
        [
            Claim(
                "Plans from a planner that never errs still misfire where the world moves: volatility 0.05 "
                "against 0",
                "volatility=0.05,0",
                "first_misfires",
                "more",
                ["policy", "agent.planner_error"],
                {"agent.planner_error": 0.0},
            ),
            Claim(
                "With a stronger planner, fewer steps fail that were wrong from the start: no errors "
                "against 0.2",
                "agent.planner_error=0,0.2",
                "cause_planner_error",
                "less",
                ["policy"],
                {"policy": ["plan-once", "event-driven"]},
            ),
            Claim(
                "It does not prevent unseen drift: that falls by less than half a step, over volatility 0 "
                "to 0.2",
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
                "A minimum interval of 3 between replans ends the storms, whether thinking takes 0.1 or 0.6",
                "policy.min_interval=3,0",
                "storms",
                "less",
                ["agent.thinking_time", "policy.max_replans"],
                {"policy.max_replans": 10000.0},
            ),
            Claim(
                "It reduces the share of the time spent thinking, at both",
                "policy.min_interval=3,0",
                "thinking_share",
                "less",
                ["agent.thinking_time", "policy.max_replans"],
                {"policy.max_replans": 10000.0},
            ),
            Claim(
                "It costs success, inside the storm and outside",
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
        "failure-mix",
        [
            ("Failures by cause", failure_mix),
            ("The codes that a reader of the transcripts would assign", mast),
        ],
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
)
