"""What goes wrong in planner, hand-off and executor, and what bounds cost."""

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
                "A worse summary makes more mismatched calls fire: fidelity 0.5 against 1, two minds, "
                "volatility 0.05",
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
                "Reconciling stops the mismatched calls of two minds, at fidelity 0.5 to 0.9",
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
)
