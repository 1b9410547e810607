"""The workshop: seven lessons in the browser, a copy for a USB stick, and a page for the teacher.

The lessons are in `lessons`, one marimo notebook each: a plain Python file that also runs as a script.
`quiz` asks the questions, `cached_runs` provides the episodes, `drawing` the figures, and `assessment`
handles a system of your own; `server` opens the lessons in a browser; `bundle` and `handouts` make the
material to hand out.
"""

from __future__ import annotations

from plandrift.experiments.workshop.lessons.texts import LESSON_TEXTS

LESSONS = tuple(lesson_text.title for lesson_text in LESSON_TEXTS)
"""The lessons' titles, in order; the file of the first is `lessons/lesson_1.py`."""
OWN = "/your-agent/"
"""The path of the page about the learner's own agent, beside the lessons."""
STORY = "/story/"
"""The path of the story, before the lessons."""
QUIZ, QUIZ_RESULTS = "/quiz", "/results/"
"""The paths of the exit quiz, and of the teacher's table of its results."""
SESSIONS = 24
"""The most lessons open at once: a room of twenty, and the teacher."""
EPISODES = 100
"""The default number of episodes behind each figure of a lesson."""
