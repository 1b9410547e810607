"""The workshop: six lessons in the browser, what goes on a stick, and a page for the teacher.

Each `lesson_*.py` is a marimo notebook: a plain Python file that also runs as a script. What a lesson
computes and draws is in `measuring` and `drawing`, how it asks in `asking`; `serving` opens the lessons in a
browser, `stick` and `printed` make what is handed out.
"""

from __future__ import annotations

from experiments.workshop.cards import CARDS

LESSONS = tuple(card.title for card in CARDS)
"""The lessons' titles, in order; the file of the first is `lesson_1.py`."""
SESSIONS = 24
"""Lessons open at once, at most: a room of twenty, and the teacher."""
EPISODES = 100
"""Behind each figure of a lesson, if not told otherwise."""
