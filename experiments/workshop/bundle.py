"""The copy for a USB stick: story, page, two replays, slides, handout, teacher's notes and an index."""

from __future__ import annotations

import html
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from plandrift.experiments.pages.explore import CREWS, PageChoices, explore_page
from plandrift.experiments.pages.page import page, write_page
from plandrift.experiments.pages.replay import replay_page
from plandrift.experiments.pages.story import story_page
from plandrift.experiments.playback.flagship import flagship
from plandrift.experiments.sweeps.run import Progress
from plandrift.experiments.workshop import EPISODES
from plandrift.experiments.workshop.handouts import handout, photographed, slides, with_answers
from plandrift.experiments.workshop.lessons import runs
from plandrift.experiments.workshop.server import STYLE
from plandrift.sim import PlandriftError

Written = tuple[Path, str]
"""A file, and a description of it."""


def write_bundle(
    folder: Path,
    seeds: int,
    workers: int,
    tell: Callable[[Progress], None] | None,
    say: Callable[[str], None] = lambda _: None,
) -> list[Written]:
    """Write everything into a folder, which is created if necessary.

    Args:
        folder: the folder on the stick.
        seeds: episodes behind each curve of the page; the printed figures use at most 100 of them.
        workers: number of processes for the page's curves.
        tell: called with the progress of the page.
        say: called with a description of what is made next.

    Raises:
        PlandriftError: the folder cannot be written.
    """
    written: list[Written] = []

    def add(name: str, what: str) -> Path:
        say(f"{name}: {what}")
        written.append((folder / name, what))
        return folder / name

    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").touch()
        write_page(add("story.html", "begin here: experience the failure in five minutes"), story_page())
        write_page(
            add("explore.html", "three questions, a playground and a crew"),
            explore_page(PageChoices(many=seeds, crews=CREWS), workers, tell),
        )
        write_page(
            add("replay-once-correct.html", "the episode of lesson 1"),
            replay_page([runs.one_episode(1.0)], "records"),
        )
        write_page(
            add("replay-guards.html", "one failure, and three guards beside it"),
            replay_page(flagship(), "records"),
        )
        shots = photographed(min(seeds, EPISODES), say)
        add("slides.pdf", f"{slides(folder / 'slides.pdf', shots)} slides")
        pages = handout(folder / "handout.pdf", shots)
        add("handout.pdf", f"{pages} pages: one per lesson to write on, then every screen")
        notes = (resources.files(__package__) / "teaching.md").read_text(encoding="utf-8")
        add("teaching.md", "the teacher's notes").write_text(with_answers(notes, shots), encoding="utf-8")
    except OSError as error:
        raise PlandriftError(
            f"--export {folder}: {error.strerror}: give a folder that can be written"
        ) from None
    items = "".join(
        f'<li><a href="{path.name}">{path.name}</a>: {html.escape(what)}</li>' for path, what in written
    )
    body = (
        "<h1>When does a plan go stale?</h1>"
        f"<p>Open any of these with a double click; no network is needed.</p><ul>{items}</ul>"
    )
    write_page(folder / "index.html", page("plandrift: the workshop", body, style=STYLE))
    return [(folder / "index.html", "start here"), *written]
