"""Recorded: a change log is replayed, while the agent redoes one of its change sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np

from plandrift.sim import (
    EVENT,
    Argument,
    Call,
    CallForm,
    Change,
    Description,
    Effect,
    Introduction,
    Metrics,
    Scene,
    SettingError,
    Streams,
    Value,
    World,
    setting,
)
from plandrift.worlds.logs.change_log import ChangeLog, opened
from plandrift.worlds.logs.meetings import earliest

GONE = (None, "deleted")
"""The values of a fluent that is absent."""
SIBLINGS = 4
"""How many fluents of others a slip can hit if the agent has no other fluent of its own."""
BLOCK = 1000
"""How many rows are fetched at once."""
SEEDS = 1000
"""The number of seeds from which `Recorded.found` chooses."""


@dataclass(frozen=True)
class Recorded(World):
    """The changes of a log happen as they did, while the agent redoes one real change set from it.

    The seed picks the change set. The episode begins at the time of that set: the agent plans to give each
    fluent the value that it got then, in the same order, and requires the values that it has read, while
    everybody else's changes happen as they did. Overwriting somebody's newer value is harmful (a lost
    update); changing a fluent that is deleted or absent is rejected. The volatility is the replay speed.

    >>> from tempfile import TemporaryDirectory
    >>> from pathlib import Path
    >>> rows = "time,fluent,value,who\\n0,a,1,ana\\n60,b,1,bo\\n120,a,2,bo\\n"
    >>> with TemporaryDirectory() as folder:
    ...     log = Path(folder) / "log.csv"
    ...     _ = log.write_text(rows)
    ...     scene = Recorded(log=str(log), from_first=1.0).begin(Streams(7), horizon=60.0)
    >>> len(scene.goals)
    1
    """

    volatility: float = setting(
        3600.0, "speed of the replay: seconds of the log per unit of time", unit="s/time", low=0
    )
    log: str | None = setting(None, "the log: a .csv, .jsonl or .parquet file with time, fluent and value")
    least: int = setting(
        1, "smallest number of fluents changed by the agent's change set", unit="fluents", low=1, high=1000
    )
    most: int = setting(
        30, "greatest number of fluents changed by the agent's change set", unit="fluents", low=1, high=1000
    )
    from_first: float = setting(
        0.8, "the change set is picked from this first share of the log's time", above=0, high=1
    )
    writes_by: str = setting(
        "others",
        "whose changes are replayed: those of everybody but the change set's author, or anyone's",
        choices=("others", "anyone"),
    )
    skip_bad_rows: bool = setting(False, "skip the rows of the log that cannot be read")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.least > self.most:
            raise SettingError(
                name="least",
                problem=f"= {self.least}",
                fix=f"give at most {self.most}, or raise most",
            )

    def check(self) -> None:
        """Open the log, and check that it has a change set for the agent."""
        self._candidates()

    def expected_changes(self, fluents: int, time: float) -> float:
        """Return 0: the log itself limits the number of changes, however fast it is replayed."""
        return 0.0

    def begin(self, random: Streams, horizon: float) -> Scene:
        """Return a scene that starts at the time of a randomly picked change set."""
        log, sets = self._candidates()
        return Replay(self, log, _picked(sets, random), horizon * self.volatility)

    def found(self) -> tuple[int, Recorded, str]:
        """Choose a seed and a speed at which somebody else's write hits the plan while it is carried out.

        Returns:
            the seed, this world at that speed, and how they were chosen, in a sentence.

        Raises:
            SettingError: no such write hits any of the plans.
        """
        log, sets = self._candidates()
        picks = {_picked(sets, Streams(seed)): seed for seed in reversed(range(SEEDS))}
        met = earliest(log, picks, self.writes_by == "others")
        writes = f"a write by {self.writes_by}"
        if met is None:
            raise SettingError(
                f"log {self.log}: {writes} hits no plan of two or more fluents that a seed below {SEEDS} "
                "picks: raise world.most or world.from_first, or give world.writes_by=anyone"
            )
        seed = picks[met.number]
        said = (
            f"the seeds below {SEEDS} pick {len(picks)} change sets, and at some speed {writes} hits the "
            f"plan of {met.plans} of them; this one needs the lowest speed: {met.fluent} is written "
            f"{met.wait:g} s after the change set, here just before step {met.step + 1}, which changes it. "
            "It was chosen for that: it shows what happens then, not how often it happens"
        )
        return seed, replace(self, volatility=met.speed), said

    def _candidates(self) -> tuple[ChangeLog, np.ndarray[Any, np.dtype[np.int64]]]:
        if not self.log:
            raise SettingError(
                name="world.log",
                problem="is not given",
                fix="give a change log, such as --set world.log=changes.parquet",
            )
        log = opened(self.log, self.skip_bad_rows)
        sets = _candidates(log, self.least, self.most, self.from_first)
        if not len(sets):
            raise SettingError(
                f"log {self.log}: no change set in the first {self.from_first:.0%} of its time changes the "
                f"values of {self.least} to {self.most} fluents: widen world.least, world.most or "
                "world.from_first"
            )
        return log, sets


def _picked(sets: np.ndarray[Any, np.dtype[np.int64]], random: Streams) -> int:
    return int(sets[int(random["world"].integers(len(sets)))])


_KNOWN: dict[tuple[Any, ...], np.ndarray[Any, np.dtype[np.int64]]] = {}
"""The change sets that an agent may be given, by log and settings; they are the same in every episode."""


def _candidates(log: ChangeLog, least: int, most: int, share: float) -> np.ndarray[Any, np.dtype[np.int64]]:
    key = (log.folder, least, most, share)
    if key not in _KNOWN:
        _KNOWN[key] = log.connection.execute(
            "select number from sets where changed between ? and ? and t <= ? order by number",
            [least, most, share * log.span],
        ).fetchnumpy()["number"]
    return _KNOWN[key]


class RecordedDescription(Description):
    """The description of `Recorded`."""

    scene: Replay

    def remark(self, metrics: Metrics) -> str:
        """Return how many writes of others affected the plan or, if none, a speed at which one would."""
        duration = metrics.duration
        found = self.scene.log.connection.execute(
            """select count(*) filter (t <= ?), count(*) filter (t <= ? and mine), min(t) filter (mine) from (
               select t, list_contains(?, fluent) as mine from changes where t > ? and "set" <> ?
               and (?::varchar is null or who is distinct from ?))""",
            [
                *(2 * [self.scene.begins + duration * self.scene.pace]),
                list(self.scene.targets),
                self.scene.begins,
                self.scene.number,
                *(2 * [self.scene.author]),
            ],
        ).fetchone()
        assert found is not None
        count, met, first = found
        said = f"meanwhile there were {count} writes by others, {met} of them to fluents of the plan"
        if met:
            return said
        if first is None:
            return f"{said}: nobody else writes to that again in this log: try another --seed, or --find"
        wait = first - self.scene.begins
        speed = wait / max(duration, 1e-9)
        return f"{said}: the first comes after {wait:g} s: try --volatility {speed:.3g} or more, or --find"

    def introduction(self) -> Introduction:
        """Return what an agent is told."""
        fluent = Argument("fluent", "what to change", "string", tuple(self.scene.targets))
        read = Argument("read", "its value as you have read it")
        to = Argument("to", "the value to give it")
        wanted = "; ".join(f"{fluent}: {value!r}" for fluent, value in self.scene.targets.items())
        return Introduction(
            f"Give each of these its value, in this order: {wanted}. Meanwhile others go on changing these "
            "and other things as they once really did, so what you have read may be out of date when your "
            "call arrives. A change names the value that you have read. If the value is newer by then, the "
            "change is reported as a success but the newer value is lost, which does harm; changing "
            "something that does not exist is rejected with an error.",
            (CallForm("change", "Change one value.", (fluent, read, to)),),
            {"*": "a value that others may change; null or 'deleted' if it does not exist"},
        )

    def change(self, fluent: str, before: Value, after: Value) -> str:
        """Describe what somebody did, in a sentence."""
        if after in GONE:
            return f"somebody deleted {fluent}"
        if before in GONE:
            return f"somebody created {fluent}"
        if before == after:
            return f"somebody wrote {fluent} again, unchanged"
        return f"somebody changed {fluent}"

    def call(self, call: Call) -> str:
        """Describe the agent's call in words."""
        fluent = call.arg("fluent")
        if call.arg("to") in GONE:
            return f"deletes {fluent}"
        return f"creates {fluent}" if call.arg("read") in GONE else f"changes {fluent} as it has read it"


class Replay(Scene):
    """One episode of `Recorded`."""

    companions = (RecordedDescription,)

    def __init__(self, world: Recorded, log: ChangeLog, number: int, span: float) -> None:
        self.log, self.number, self.pace = log, number, world.volatility
        run = log.connection.execute
        row = run("select t, first, who from sets where number = ?", [number]).fetchone()
        assert row is not None
        self.begins, first, who = row
        task = run(
            """select fluent, arg_min_null(before, place), arg_max_null(value, place) from changes
               where t between ? and ? and "set" = ? group by fluent order by min(place)""",
            [first, self.begins, number],
        ).fetchall()
        self.targets: dict[str, Value] = {f: value for f, before, value in task if value != before}
        self._span = (self.begins, self.begins + span)
        # Without a name nobody is known to be the same author.
        self.author = who if world.writes_by == "others" else None
        others = run(
            """select fluent, arg_min_null(before, place) from changes where t > ? and t <= ? and "set" <> ?
               group by fluent having bool_or(?::varchar is null or who is distinct from ?)
               order by fluent""",
            [*self._span, number, self.author, self.author],
        ).fetchall()
        self.first: dict[str, Value] = dict(others) | {f: before for f, before, _ in task}
        self.goals: dict[str, Value] = dict(self.targets)

    def changes(self) -> Iterator[Change]:
        """Yield others' changes after the agent's change set, grouped by change set and instant."""
        if not self.pace:
            return
        cursor = self.log.connection.cursor()
        cursor.execute(
            """select t, "set", fluent, value from changes where t > ? and t <= ? and "set" <> ?
               and (?::varchar is null or who is distinct from ?) order by place""",
            [*self._span, self.number, self.author, self.author],
        )
        rows = iter(lambda: cursor.fetchmany(BLOCK), [])
        flat = (row for block in rows for row in block)
        for (at, _), together in groupby(flat, key=lambda row: row[:2]):
            written = tuple((fluent, value) for _, _, fluent, value in together)
            yield (at - self.begins) / self.pace, EVENT, written

    def requires(self, call: Call) -> Mapping[str, Value]:
        """Require the fluent to be as it was read."""
        return {call.arg("fluent"): call.arg("read")}

    def effects(self, call: Call) -> Mapping[str, Value]:
        """Return the value that the change set gave the fluent."""
        return {call.arg("fluent"): call.arg("to")}

    def answer(self, call: Call, values: Mapping[str, Value]) -> Effect:
        """As usual, but a change over a newer value is carried out, and the newer value is lost."""
        answer = super().answer(call, values)
        if answer.outcome == "rejected" and values[call.arg("fluent")] not in GONE:
            return Effect("harmful", self.effects(call), answer.violated)
        return answer

    def plan(self, belief: Mapping[str, Value]) -> Sequence[Call]:
        """Change the fluents that do not have their value yet, in the order of the log."""
        return [
            Call("change", (("fluent", fluent), ("read", belief[fluent]), ("to", value)))
            for fluent, value in self.targets.items()
            if belief[fluent] != value
        ]

    def confusable(self, call: Call) -> Sequence[Call]:
        """The same change to another fluent: one of the agent's or, failing that, one that others change."""
        names = self.targets if len(self.targets) > 1 else list(self.first)[:SIBLINGS]
        return [call.but(fluent=f) for f in names if f != call.arg("fluent")]

    def sources(self, call: Call) -> Mapping[str, str]:
        """The value that was read can be looked up in the fluent."""
        return {"read": call.arg("fluent")}
