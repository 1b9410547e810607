"""The questions that the suites ask, the figures that answer them, and the expected answers."""

from plandrift.experiments.book.questions.agents import AGENTS
from plandrift.experiments.book.questions.crew import CREW
from plandrift.experiments.book.questions.guards import GUARDS
from plandrift.experiments.book.questions.question import Question
from plandrift.experiments.book.questions.staleness import STALENESS
from plandrift.experiments.book.questions.tileworld import TILEWORLD

QUESTIONS = (*GUARDS, *STALENESS, *AGENTS, *CREW, *TILEWORLD)
"""Every question, in the order of the book."""

__all__ = ["QUESTIONS", "Question"]
