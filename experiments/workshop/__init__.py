"""The workshop: six lessons in the browser, what goes on a stick, and a page for the teacher.

The lessons are in `lessons`, a marimo notebook each: a plain Python file that also runs as a script. `quiz`
is how a lesson asks, `cached_runs` the episodes behind it, `drawing` its figures, `assessment` a system of
one's own; `server` opens the lessons in a browser, `bundle` and `handouts` make what is handed out.
"""

from __future__ import annotations

from plandrift.experiments.workshop.lessons.texts import LESSON_TEXTS

LESSONS = tuple(lesson_text.title for lesson_text in LESSON_TEXTS)
"""The lessons' titles, in order; the file of the first is `lessons/lesson_1.py`."""
OWN = "/your-agent/"
"""Where the learner's own agent stands beside the lessons."""
SESSIONS = 24
"""Lessons open at once, at most: a room of twenty, and the teacher."""
EPISODES = 100
"""Episodes behind each figure of a lesson, by default."""
