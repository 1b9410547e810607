"""Scripted sessions on one file, with a model of the truth that knows nothing of the audit.

Every line that anybody writes is a text that never occurs again. Writing the whole file over another hand's
line that the agent has not been shown is a lost update.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.experiments.agents.transcripts.samples import FOLDER, Claude

PATH = f"{FOLDER}/scripted.txt"


@dataclass
class Script:
    """One session while it is being made up.

    Attributes:
        session: its transcript.
        disk: the lines of the file.
        seen: every line that the agent was shown or wrote.
        lost: of each write of the whole file, whether it lost an update.
        unsure: of each, whether lines had moved in a part that was read, and the whole was not read since.
    """

    random: random.Random
    session: Claude
    disk: list[str]
    seen: set[str] = field(default_factory=set)
    view: list[str] = field(default_factory=list)
    lost: list[bool] = field(default_factory=list)
    unsure: list[bool] = field(default_factory=list)
    shifted: bool = False
    time: float = 0.0
    count: int = 0

    def fresh(self, hand: str) -> str:
        self.count += 1
        return f"{hand} {self.count:03}"

    def reads(self) -> None:
        self.session.reads(PATH, self.time, "\n".join(self.disk))
        self.seen |= set(self.disk)
        self.view, self.shifted = list(self.disk), False

    def reads_part(self) -> None:
        start = self.random.randrange(len(self.disk))
        part = self.disk[start : start + self.random.randint(1, 4)]
        total = len(self.disk)
        self.session.reads(
            PATH, self.time, "\n".join(part), startLine=start + 1, numLines=len(part), totalLines=total
        )
        self.seen |= set(part)
        if len(self.view) == total:
            self.view[start : start + len(part)] = part
        else:
            self.shifted = True

    def edits(self) -> None:
        old, new = self.random.choice(self.view), self.fresh("own")
        if old not in self.disk:
            self.session.fails(PATH, self.time, old, new, "String to replace not found in file.")
            return
        self.session.edits(PATH, self.time, "\n".join(self.disk), old, new)
        for lines in (self.disk, self.view):
            lines[lines.index(old)] = new
        self.seen.add(new)

    def writes(self) -> None:
        before = "\n".join(self.disk)
        self.lost.append(not set(self.disk) <= self.seen)
        self.unsure.append(self.shifted)
        self.view[self.random.randrange(len(self.view))] = self.fresh("own")
        self.disk, self.shifted = list(self.view), False
        self.seen |= set(self.disk)
        self.session.writes(PATH, self.time, before, "\n".join(self.disk))

    def another_hand_changes(self) -> None:
        self.disk[self.random.randrange(len(self.disk))] = self.fresh("other")

    def another_hand_inserts(self) -> None:
        self.disk.insert(self.random.randrange(len(self.disk) + 1), self.fresh("other"))


def scripted(seed: int, steps: int = 14) -> Script:
    """Return a session of random reads, edits and writes, with changes by another hand in between."""
    drawn = random.Random(seed)
    made = Script(drawn, Claude(f"s{seed}"), [f"line {i}" for i in range(8)])
    made.reads()
    acts = [
        (made.reads, 1),
        (made.reads_part, 2),
        (made.edits, 4),
        (made.writes, 2),
        (made.another_hand_changes, 3),
        (made.another_hand_inserts, 0.5),
    ]
    for _ in range(steps):
        made.time += 10
        drawn.choices([act for act, _ in acts], [weight for _, weight in acts])[0]()
    return made
