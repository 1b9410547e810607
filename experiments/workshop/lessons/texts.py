"""What each lesson says: its setting, its questions and its key points; for the screen and for paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LessonText:
    """One lesson in words.

    Attributes:
        title: of the lesson.
        setting: what world, what agent.
        questions: what is to be predicted, in order.
        points: what to remember.
    """

    title: str
    setting: str
    questions: tuple[str, ...]
    points: tuple[str, ...]


LESSON_TEXTS = (
    LessonText(
        "Once correct",
        "An agent brings five records up to date. At 0 it looks at the world and makes a plan: one record "
        "after the other, one a unit of time. At 1.62 somebody moves record 2 to another place. Whatever "
        "happens, the agent hears of it one unit of time later; before each call it looks at what it has "
        "heard, and plans anew if that no longer fits.",
        (
            "Which call does the wrong thing?",
            "What did the agent know when it fired that call?",
        ),
        (
            "A plan is right for what was believed when it was made. That belief has an age.",
            "Stale means: something that the rest of the plan rests on no longer holds in the world.",
            "Stale in truth but not in the belief is the blind spot: no look at the belief can find it.",
            "What was reported and what happened are two things.",
        ),
    ),
    LessonText(
        "How fast is your world?",
        "A plan of 30 steps, one a unit of time. Each step rests on one thing in the world. Each thing "
        "changes by itself, on average once in 20 units of time (a volatility of 0.05), to one of four "
        "other values. The agent plans once.",
        (
            "From which step on is a call as likely wrong as right?",
            "Now each step rests on three things, at a volatility of 0.05. From which step on is a call as "
            "likely wrong as right?",
        ),
        (
            "Volatility times the time from looking to acting decides, not either alone.",
            "The half-life of a plan is where half its calls would be wrong. Plans longer than that are "
            "bets.",
            "The later a step, the staler: its age is the thinking time plus the steps before it.",
            "A step that rests on k things goes stale about k times as fast.",
        ),
    ),
    LessonText(
        "Look more often?",
        "Ten records, each with an endpoint, a schema and an owner that others change; at a volatility of "
        "0.05 something changes more than once in a unit of time. The news is one late. The new agent "
        "throws its plan away and plans anew whenever it hears anything.",
        (
            "Planning takes one unit of time, as long as a step. How many times does it replan before it "
            "is done or 60 units of time are over?",
        ),
        (
            "Replanning on everything cures most of the drift if planning is quick against the news.",
            "With planning as slow as the news comes, the agent lives in its head and fires little.",
            "Misfires alone do not tell which agent to build: one that hardly acts has few.",
            "Most news does not matter to the plan. Which does? That is the next lesson.",
        ),
    ),
    LessonText(
        "A look beats a late belief",
        "The agent plans once, and anew where a guard stops a call. Its calls wait 0.3 in a queue before "
        "they are fired. Others change the world at a volatility of 0.05. Four agents, alike but for their "
        "guard: one has none; one looks at its belief before each call; one reads the world first, which "
        "takes 0.2; one sends along what the call rests on, so that the world itself refuses what no longer "
        "fits.",
        ("News is one late. What share (%) of the wrong calls does the look at the belief stop?",),
        (
            "A guard that trusts the belief is as late as the news.",
            "A read of the world goes below that, and has a price: its time.",
            "What the world itself checks needs no news at all, where it can check.",
            "Beside the calls that went wrong stands what got done: a guard that only stops does no work.",
        ),
    ),
    LessonText(
        "Tell the other half",
        "One agent plans, another carries out. The planner hands its plan over in a one-line summary: each "
        "argument of each call survives with probability q, and the executor fills in what it was not told "
        "from what it last knew. A slow world (a volatility of 0.02), news one late, replanning when the "
        "news touches the plan.",
        (
            "One mind: about 19 % of its calls misfire. Two minds, and half of the arguments get lost (q = "
            "0.5): what share (%)?",
        ),
        (
            "A single agent has no hand-off to lose anything in; it still drifts.",
            "What is lost is filled in plausibly: the call looks right to the one who makes it.",
            "A read-back needs only the plan, a drift gate only the world. You want both.",
            "A hand-off that takes time makes every plan older.",
        ),
    ),
    LessonText(
        "Your own agent",
        "Put in the numbers of a system that you know, in seconds; estimates will do. At the end stands a "
        "recommendation with its uncertainty, to take home.",
        ("Which of these guards will pay best for your system?",),
        (
            "Change one number at a time: which of them turns the recommendation over?",
            "A guard's price is time; what a wrong call costs is yours to say. The answer depends on it.",
            "Where two guards are not told apart, take the one that is cheaper to build.",
            "In this world things change independently and each as fast as the others. Is that so in yours?",
        ),
    ),
)
"""The six lessons, in order."""
