"""Guards replayed on the writes of a real trace: what each would have blocked, rightly or not, and at what
price.

What happened after a block is not known, and none is made up: a guard is judged write by write, on the
calls as they were made. *right* is a block of a write that was wrong, *false* a block of one that was not,
*missed* a wrong one that was let through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from plandrift.experiments.agents.audit.ledger import AuditedWrite
from plandrift.experiments.agents.audit.rates import write_share
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.text import share_text, shown
from plandrift.sim import SettingError
from plandrift.sim.terms.errors import nearest

Guard = Callable[[AuditedWrite], bool]
"""Whether a guard blocks a write."""

DEFAULT = "none,warn,mtime,mtime-refreshed,hash,version,region,age:60,age:600,if-match"


def _never(_: AuditedWrite) -> bool:
    return False


def _hash(write: AuditedWrite) -> bool:
    return write.moved or write.outdated


def _mtime(write: AuditedWrite) -> bool:
    """Changed since the last read, by whomever: own writes leave the baseline as it was."""
    basis = write.basis
    if basis is None or basis.read_at is None:
        return True
    return write.moved or write.changed or basis.touched_at > basis.read_at


def _mtime_refreshed(write: AuditedWrite) -> bool:
    return write.basis is None or write.changed


def _version(write: AuditedWrite) -> bool:
    return write.changed or write.foreign


def _region(write: AuditedWrite) -> bool:
    return write.operation.stands is False


GUARDS: dict[str, tuple[Guard, str]] = {
    "none": (_never, "lets everything through"),
    "warn": (_never, "notes what `hash` would block, and lets it through"),
    "mtime": (_mtime, "changed since the last read; own writes do not refresh the baseline"),
    "mtime-refreshed": (_mtime_refreshed, "changed since the last read, in part too, or own write"),
    "hash": (_hash, "the whole content is not that of the last whole read or own write"),
    "version": (_version, "another hand wrote it since the basis, whatever it holds now"),
    "region": (_region, "the text to be replaced is not there"),
    "if-match": (
        _mtime_refreshed,
        "the write carries what the agent knew, and is refused as it lands where that no longer holds",
    ),
}
"""The guards by name with what each blocks; beside them ``age:SECONDS``."""


def guard_named(name: str) -> Guard:
    """The guard that a name stands for.

    Raises:
        SettingError: there is none.
    """
    kind, colon, limit = name.partition(":")
    if kind == "age" and colon:
        try:
            seconds = float(limit)
        except ValueError:
            seconds = -1.0
        if not seconds > 0:
            raise SettingError(f"--guards {name}: give age:SECONDS, such as age:60")
        return lambda write: write.age is None or write.age > seconds
    if name not in GUARDS:
        raise SettingError(f"--guards {name}: {nearest(name, [*GUARDS, 'age:60'])}")
    return GUARDS[name][0]


@dataclass(frozen=True)
class GuardRow:
    """What one guard would have done.

    Attributes:
        guard: its name.
        writes: it was asked of so many.
        wrong: so many of them were wrong.
        blocks: it would have blocked.
        right: of them, those that were wrong.
        false: those that were not.
        missed: wrong ones let through.
        warned: those it would only have noted.
        false_rate: false blocks over the writes that were not wrong.
        missed_rate: missed over wrong.
        rereads: reads that the blocks would have cost, one each.
        seconds: what they would have cost in time, at the trace's own median of a read and a thought.
    """

    guard: str
    writes: int
    wrong: int
    blocks: int
    right: int
    false: int
    missed: int
    warned: int
    false_rate: Interval
    missed_rate: Interval
    rereads: int
    seconds: float

    def row(self) -> dict[str, object]:
        """For tables and JSON."""
        return {
            "guard": self.guard,
            "writes": self.writes,
            "blocks": self.blocks,
            "right": self.right,
            "false": self.false,
            "missed": self.missed,
            "false_rate": self.false_rate.mean,
            "false_low": self.false_rate.low,
            "false_high": self.false_rate.high,
            "missed_rate": self.missed_rate.mean,
            "missed_low": self.missed_rate.low,
            "missed_high": self.missed_rate.high,
            "warned": self.warned,
            "rereads": self.rereads,
            "seconds": self.seconds,
        }

    def line(self) -> dict[str, object]:
        """For people."""
        return {
            "guard": self.guard,
            "writes": self.writes,
            "blocks": self.blocks,
            "right": self.right,
            "false": self.false,
            "missed": self.missed,
            "warned": self.warned,
            "rereads": self.rereads,
            "false rate": share_text(self.false_rate),
            "missed rate": share_text(self.missed_rate),
            "seconds": shown(self.seconds),
        }


def guards_table(writes: Sequence[AuditedWrite], names: Sequence[str], price: float) -> list[GuardRow]:
    """What each guard would have done on the writes whose basis is wholly known.

    Args:
        writes: of a ledger; those of which too little is known are left out, as `guarded` says.
        names: of guards.
        price: seconds that a block costs: a read and the thought after it.
    """
    asked = guarded(writes)
    made = []
    for name in names:
        guard = guard_named(name)
        verdicts = [guard(write) for write in asked]
        warned = sum(map(_hash, asked)) if name == "warn" else 0
        made.append(row_of(name, asked, verdicts, price, warned))
    return made


def guarded(writes: Sequence[AuditedWrite]) -> list[AuditedWrite]:
    """The writes that every guard can be asked of: the basis is known as a whole, and what was there.

    What the agent's own tool, or a person, refused before it was tried is none of them.
    """
    return [write for write in writes if write.rests_on_whole]


def row_of(
    name: str, asked: Sequence[AuditedWrite], blocked: Sequence[bool], price: float, warned: int = 0
) -> GuardRow:
    """The row of a guard by its verdicts."""
    wrong = [write.wrong for write in asked]
    blocks = sum(blocked)
    fine = [(w, b) for w, b in zip(asked, blocked, strict=True) if not w.wrong]
    bad = [(w, not b) for w, b in zip(asked, blocked, strict=True) if w.wrong]
    right = sum(b and w for b, w in zip(blocked, wrong, strict=True))
    return GuardRow(
        guard=name,
        writes=len(asked),
        wrong=sum(wrong),
        blocks=blocks,
        right=right,
        false=blocks - right,
        missed=sum(wrong) - right,
        warned=warned,
        false_rate=write_share([w for w, _ in fine], [b for _, b in fine]),
        missed_rate=write_share([w for w, _ in bad], [b for _, b in bad]),
        rereads=blocks,
        seconds=blocks * price,
    )


PRICES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""What a miss may cost, in false blocks."""
SURE = 0.95
RESAMPLES = 400


@dataclass(frozen=True)
class Choice:
    """Which guard a person would choose at one price.

    Attributes:
        price: what a miss costs, in false blocks.
        guard: the one with the least cost.
        sure: the share of resampled sets of sessions in which it is still the one.
    """

    price: float
    guard: str
    sure: float


def choices(writes: Sequence[AuditedWrite], names: Sequence[str], seed: int = 0) -> list[Choice]:
    """The cheapest guard at each of `PRICES`, and how sure that is, by resampling sessions.

    Of guards that cost the same the first named is taken.
    """
    asked = guarded(writes)
    if not asked:
        return []
    sessions = {name: i for i, name in enumerate(dict.fromkeys(w.operation.session for w in asked))}
    counts = np.zeros((len(sessions), len(names), 2))
    for j, name in enumerate(names):
        guard = guard_named(name)
        for write in asked:
            blocked = guard(write)
            counts[sessions[write.operation.session], j] += (
                blocked and not write.wrong,
                write.wrong and not blocked,
            )
    random = np.random.default_rng(seed)
    weights = random.multinomial(len(sessions), np.full(len(sessions), 1 / len(sessions)), RESAMPLES)
    drawn = np.einsum("rs,sgk->rgk", weights, counts)
    total = counts.sum(axis=0)
    made = []
    for price in PRICES:
        best = int(np.argmin(total[:, 0] + price * total[:, 1]))
        again = drawn[:, :, 0] + price * drawn[:, :, 1]
        made.append(Choice(price, names[best], float((again[:, best] <= again.min(axis=1)).mean())))
    return made


def choice_sentence(rows: Sequence[GuardRow], chosen: Sequence[Choice]) -> str:
    """In one sentence which guard a person would choose at which price, or that the data cannot tell."""
    if not rows or not rows[0].writes:
        return "There is no write whose basis is wholly known: the trace cannot tell one guard from another."
    if not rows[0].wrong:
        return (
            f"None of {rows[0].writes} writes was wrong as far as the trace shows: the data cannot tell what "
            "any guard would have saved, only what its false blocks would have cost."
        )
    sure = [c for c in chosen if c.sure >= SURE]
    if not sure:
        return (
            f"With {rows[0].wrong} wrong writes in {rows[0].writes} the data cannot tell which guard to "
            "choose at any price of a miss from 1 to 1000 false blocks."
        )
    parts = []
    for guard in dict.fromkeys(c.guard for c in sure):
        prices = [c.price for c in sure if c.guard == guard]
        span = f"{prices[0]:g}" if len(prices) == 1 else f"{prices[0]:g} to {prices[-1]:g}"
        parts.append(f"{guard} where a miss costs {span} false block{'s' * (span != '1')}")
    unsure = [f"{c.price:g}" for c in chosen if c.sure < SURE]
    rest = f"; at {', '.join(unsure)} the data cannot tell" if unsure else ""
    return f"A person would choose {', and '.join(parts)}{rest}."
