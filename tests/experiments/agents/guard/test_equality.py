"""What the guard says live is what `judge` says of its finished log, for every policy and interleaving."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from plandrift.experiments.agents.audit.replayed import judged
from plandrift.experiments.agents.guard.disk import looked
from plandrift.experiments.agents.guard.guard_policies import guard_policy
from plandrift.experiments.agents.guard.guard_settings import GuardSettings
from plandrift.experiments.agents.guard.live_guard import LiveGuard
from plandrift.experiments.agents.guard.tool_use import ToolUse
from plandrift.experiments.agents.transcripts.guard_lines import logged
from plandrift.experiments.agents.transcripts.knowledge import Replacement, Touch
from plandrift.experiments.agents.transcripts.operation import operations

POLICIES = (
    "look-first",
    "region",
    "version",
    "age:3",
    "if-match",
    "read-back",
    "gated",
    "warn",
    "plan-once",
    "gate-only(reads=fresh)",
    "if-match(if_match=version)",
    "bounded(look_first(), max_failures=2)",
    "replan-each",
    "periodic(2)",
)
WORDS = ("one", "two", "three")
WHO = st.tuples(st.sampled_from(("s1", "s2")), st.sampled_from(("", "helper")))
FILE = st.sampled_from(("a", "b"))
# How often each occurs: answers keep up with calls, and most are good.
OFTEN = {
    "read": (4, st.booleans()),
    "edit": (4, st.sampled_from(WORDS)),
    "write": (3, st.sampled_from(WORDS)),
    "stranger": (4, st.sampled_from((*WORDS, "gone"))),
    "answer": (8, st.sampled_from(("well",) * 6 + ("failed", "unheard", "late"))),
    "land": (2, st.none()),
    "compact": (1, st.none()),
    "kill": (1, st.none()),
    "wait": (2, st.none()),
}
STEP = st.one_of(
    *(
        st.tuples(st.just(kind), WHO, FILE, more)
        for kind, (weight, more) in OFTEN.items()
        for _ in range(weight)
    )
)
Told = tuple[str, tuple[str, str], str, object]


class Play:
    """Agents in two sessions on two files, with a stranger who writes too."""

    def __init__(self, folder: Path, mode: str, on_block: str) -> None:
        self.time, self.calls = 1000.0, 0
        self.folder = folder
        self.settings = GuardSettings(
            folder / "guard.toml",
            mode,
            shadow=POLICIES,
            on_block=on_block,
            log=folder / "log" / "guard.jsonl",
        )
        self.guard = LiveGuard(self.settings, lambda: self.time)
        self.open: list[tuple[ToolUse, Touch]] = []
        self.landed: set[str] = set()
        for name in "ab":
            self.file(name).write_text("one\n")

    def file(self, name: str) -> Path:
        return self.folder / name

    def step(self, told: Told) -> None:
        kind, (session, agent), name, more = told
        file, self.time = self.file(name), self.time + 0.25
        self.calls += 1
        text = file.read_text() if file.exists() else None
        path = str(file)
        if kind == "read":
            shown = text if more or text is None else text.split("\n")[0]
            touch = Touch("read", path, shown, whole=bool(more) or text is None)
            self.guard.after(ToolUse(session, agent, "Read", {}, (touch,), f"c{self.calls}"))
        elif kind in ("edit", "write"):
            new = f"{more}\nby {session} {self.calls}\n" if kind == "write" else f"{more} and {more}"
            touch = (
                Touch("write", path, after=new, after_known=True)
                if kind == "write"
                else Touch("write", path, replaced=(Replacement(str(more), new),))
            )
            use = ToolUse(session, agent, kind, {"with": new}, (looked(touch),), f"c{self.calls}")
            if not self.guard.before(use).holds_back:
                self.open.append((use, touch))
        elif kind == "stranger":
            if more == "gone":
                file.unlink(missing_ok=True)
            else:
                file.write_text(f"{more}\n")
        elif kind == "answer" and self.open:
            self.answer(str(more))
        elif kind == "land" and self.open:
            self.land(*self.open[0])
        elif kind == "compact":
            self.guard.compacted(session, agent)
        elif kind == "kill":
            self.guard = LiveGuard(self.settings, lambda: self.time)
        elif kind == "wait":
            self.time += 2.0

    def answer(self, how: str) -> None:
        use, touch = self.open.pop(-1 if how == "late" else 0)
        failed = how == "failed" and use.call not in self.landed
        failed = failed or not self.land(use, touch)
        if how != "unheard":
            self.guard.after(
                ToolUse(use.session, use.agent, use.tool, use.given, (touch,), use.call, failed=failed)
            )

    def land(self, use: ToolUse, touch: Touch) -> bool:
        """Make a write, unless it is made already; say whether it could be made."""
        now = looked(touch)
        if use.call not in self.landed and now.after_known:
            self.landed.add(use.call)
            Path(touch.fluent).write_text(now.after or "")
        return use.call in self.landed


def played(steps: Sequence[Told], mode: str, on_block: str, then: Callable[[Play], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        play = Play(Path(folder), mode, on_block)
        for step in steps:
            play.step(step)
        then(play)


def same(play: Play) -> None:
    if not play.settings.log.exists():
        return
    rows = list(operations(play.settings.log))
    live = {
        (row.operation.session, f"{row.operation.call} {row.operation.fluent}"): row.verdicts
        for row in logged(play.settings.log)
        if row.verdicts
    }
    for name in POLICIES:
        found = {
            (call.operations[0].session, f"{call.operations[0].call} {call.operations[0].fluent}"): (
                "refused" if call.refused else call.verdict.kind
            )
            for call in judged(rows, guard_policy(name))
        }
        assert found == {key: verdicts[name] for key, verdicts in live.items()}, name


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.lists(STEP, min_size=40, max_size=60),
    st.sampled_from(("shadow", "block")),
    st.sampled_from(("refuse", "hand-back")),
)
def test_live_verdicts_are_those_of_the_finished_log(steps: list[Told], mode: str, on_block: str) -> None:
    played(steps, mode, on_block, same)
