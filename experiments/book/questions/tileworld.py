"""Kinny and Georgeff's experiment of 1991 (docs/model/tileworld.md)."""

from __future__ import annotations

from plandrift.experiments.analysis.claims import Claim
from plandrift.experiments.book.questions.question import Question
from plandrift.experiments.figures.kinds.effectiveness import effectiveness

REACTS = [5, 10, 15, 20, 30]

TILEWORLD = (
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
                "And normal beats cautious, at p = 4 and γ from 5 to 30",
                "policy=normal,cautious",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": 4.0, "volatility": REACTS},
            ),
            Claim(
                "With nothing to plan (p = 0) cautious beats bold once the world is fast: γ from 20 to 50",
                "policy=cautious,bold",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": 0.0, "volatility": [20, 30, 50]},
            ),
            Claim(
                "Normal overtakes bold as γ grows (p = 1, γ = 30 and 50)",
                "policy=normal,bold",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": 1.0, "volatility": [30, 50]},
            ),
            Claim(
                "Bold that reacts when its target is gone beats blind bold, at p from 0.5 to 2 and γ = 20 "
                "and 30",
                "policy=bold-broken,bold",
                "effectiveness",
                "more",
                ["volatility", "agent.thinking_time"],
                {"agent.thinking_time": [0.5, 1.0, 2.0], "volatility": [20, 30]},
            ),
            Claim(
                "Also reacting to a nearer hole improves on that, at p = 0.5 and 1 and γ = 20 and 30",
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
