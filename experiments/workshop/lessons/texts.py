"""The text of each lesson: its setting, questions and key points, for the screen and for paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LessonText:
    """The text of one lesson.

    Attributes:
        title: the title of the lesson.
        setting: the world and the agent.
        questions: the predictions asked for, in order.
        points: what to remember.
    """

    title: str
    setting: str
    questions: tuple[str, ...]
    points: tuple[str, ...]


LESSON_TEXTS = (
    LessonText(
        "Right when it was made",
        "An agent updates five records. At time 0 it looks at the world and makes a plan: one record "
        "after the other, one per unit of time. While it works, somebody moves one of the records to another "
        "place. The agent hears of that one unit of time later. Before each call it looks at what it has "
        "heard, and makes a new plan if the call no longer fits.",
        (
            "Which call does the wrong thing?",
            "What did the agent know when it fired that call?",
        ),
        (
            "A plan is right for what was believed when it was made. That belief has an age.",
            "Stale means: something that the rest of the plan depends on no longer holds in the world.",
            "What is stale in truth but not in the belief is in the blind spot: no look at the belief can "
            "find it.",
            "What was reported and what happened are two different things.",
        ),
    ),
    LessonText(
        "How fast is your world?",
        "A plan has 30 steps, one per unit of time. Each step depends on one thing in the world. Each thing "
        "changes by itself, on average once in 20 units of time (a volatility of 0.05), to one of four "
        "other values. The agent plans once.",
        (
            "From which step on is a call as likely to be wrong as right?",
            "Now each step depends on three things, at a volatility of 0.05. From which step on is a call as "
            "likely to be wrong as right?",
        ),
        (
            "What matters is volatility times the time from looking to acting, not either of them alone.",
            "The half-life of a plan is where half its calls would be wrong. A longer plan is a gamble.",
            "The later a step, the staler it is: its age is the thinking time plus the steps before it.",
            "A step that depends on k things goes stale about k times as fast.",
        ),
    ),
    LessonText(
        "Look more often?",
        "Ten records, each with an endpoint, a schema and an owner that others change; at a volatility of "
        "0.05 something changes more than once per unit of time. The news arrives one unit of time "
        "late. The new "
        "agent throws its plan away and makes a new one whenever it hears anything.",
        (
            "Planning takes one unit of time, as long as a step. How many times does it replan before it "
            "is done or 60 units of time are over?",
        ),
        (
            "Replanning on everything cures most of the drift if planning is quick compared with the news.",
            "If a plan takes as long as the gap between news, the agent mostly thinks and rarely fires.",
            "Misfires alone do not show which agent to build: one that hardly acts has few.",
            "Most news does not affect the plan. Which news does? That is the next lesson.",
        ),
    ),
    LessonText(
        "A look beats a late belief",
        "The agent plans once, and plans again when a guard stops a call. Its calls wait 0.3 in a queue "
        "before "
        "they are fired. Others change the world at a volatility of 0.05. Four agents differ only in their "
        "guard: one has none; one looks at its belief before each call; one reads the world first, which "
        "takes 0.2; one sends the call's assumptions along, so that the world itself refuses a call that no "
        "longer fits.",
        (
            "News arrives one unit of time late. What share (%) of the misfires does the look at the "
            "belief stop?",
        ),
        (
            "A guard that trusts the belief is as late as the news.",
            "A read of the world does better than that, but it costs time.",
            "A check by the world itself, where there is one, needs no news at all.",
            "Look at what got done as well as at what went wrong: a guard that only stops calls does no "
            "work.",
        ),
    ),
    LessonText(
        "What the hand-off loses",
        "One agent plans, another executes. The planner hands its plan over as a one-line summary: each "
        "argument of each call survives with probability q, and the executor fills in what it was not told "
        "from what it last knew. The world is slow (a volatility of 0.02), news arrives one unit of time "
        "late, and the agents replan when the news affects the plan.",
        (
            "If one agent plans and executes, some of the calls misfire, because the world drifts. If a "
            "hand-off between two loses half of the arguments (q = 0.5), what share (%) of the calls "
            "misfires?",
        ),
        (
            "A single agent has no hand-off to lose anything in; it still drifts.",
            "What is lost is filled in plausibly: the call looks right to whoever makes it.",
            "A read-back needs only the plan, a drift gate only the world. You need both.",
            "A hand-off that takes time makes every plan older.",
        ),
    ),
    LessonText(
        "Your own agent",
        "Begin with one of three systems, or enter the numbers of one that you know, in seconds; estimates "
        "will do. At the end there is a recommendation with its uncertainty, to take home.",
        ("Which of these guards will pay off best for this system?",),
        (
            "Change one number at a time: which of them reverses the recommendation?",
            "A guard costs time; only you know what a misfire costs. The answer depends on it.",
            "If the difference between two guards is not decided, take the one that is cheaper to build.",
            "In this world things change independently, all at the same rate. Is that true of yours?",
        ),
    ),
    LessonText(
        "How many agents?",
        "Twenty-four tasks are to be done in one shared book of 50 entries. A task has five steps, and each "
        "step needs two entries and changes one of them. Planning a task takes as long as one step. The more "
        "agents there are, the more tasks are worked on at once, and the more each agent changes what the "
        "others rely on. What counts is tasks done right per time, compared with one agent alone.",
        (
            "Each agent locks the entries that a step needs, and keeps them until its task is done. With how "
            "many agents (of 1, 2, 4, 8 or 16) does the crew get the most tasks right per time?",
            "Now nobody locks anything. The book itself refuses a step whose entries have changed since they "
            "were read. With how many agents is the crew best?",
        ),
        (
            "Each agent adds to the others' volatility: with more agents, every plan goes stale sooner.",
            "Without a lock or a check, more agents do more work and get less of it right.",
            "Locks that are kept while an agent works make the others wait, and then wait for each other.",
            "A check at the moment of writing costs only the work that was really wasted. Replanning only "
            "what is stale makes that cheaper still.",
        ),
    ),
)
"""The seven lessons, in order."""
