"""Guards replayed on the writes of a real trace: what each would have blocked, rightly or not, at what cost.

What happened after a block is unknown and is not invented: a guard is judged write by write, on the calls as
they were made. *right* is a block of a wrong write, *false* a block of a write that was not wrong, *missed* a
wrong write that was let through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from plandrift.experiments.agents.audit.age_limit import age_limit
from plandrift.experiments.agents.audit.ledger import AuditedWrite
from plandrift.experiments.agents.audit.rates import write_share
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.text import share_text, shown
from plandrift.sim import SettingError
from plandrift.sim.terms.errors import nearest

Guard = Callable[[AuditedWrite], bool]
"""Says whether a guard blocks a write."""

DEFAULT = "none,warn,mtime,mtime-refreshed,hash,version,region,age:60,age:600,if-match"


def _never(_: AuditedWrite) -> bool:
    return False


def _hash(write: AuditedWrite) -> bool:
    return write.moved or write.outdated


def _mtime(write: AuditedWrite) -> bool:
    """Say whether anybody changed it since the last read: own writes do not update the baseline."""
    basis = write.basis
    if basis is None or basis.read_at is None:
        return True
    return write.moved or write.changed or basis.touched_at > basis.read_at


def _mtime_refreshed(write: AuditedWrite) -> bool:
    return write.basis is None or write.changed_since_met


def _if_match(write: AuditedWrite) -> bool:
    return write.unmatched


def _version(write: AuditedWrite) -> bool:
    return write.changed_since_met or write.foreign


def _region(write: AuditedWrite) -> bool:
    return write.region_changed


GUARDS: dict[str, tuple[Guard, str]] = {
    "none": (_never, "lets everything through"),
    "warn": (_never, "notes what `hash` would block, and lets it through"),
    "mtime": (_mtime, "changed since the last read; own writes do not refresh the baseline"),
    "mtime-refreshed": (_mtime_refreshed, "changed since the last read (even of a part) or own write"),
    "hash": (_hash, "the whole content differs from the last whole read with the own edits since"),
    "version": (_version, "somebody else wrote it since the basis, whatever it contains now"),
    "region": (_region, "the text to be replaced is gone; for a write of the whole, the whole changed"),
    "if-match": (
        _if_match,
        "the write carries what the agent knew, and is refused on landing if that no longer holds",
    ),
}
"""The guards by name, with what each blocks; ``age:SECONDS`` is a further one."""


def guard_named(name: str) -> Guard:
    """Return the guard with this name.

    Raises:
        SettingError: no guard has this name.
    """
    limit = age_limit(name, f"--guards {name}: give age:SECONDS, such as age:60")
    if limit is not None:
        return lambda write: write.age is None or write.age > limit
    if name not in GUARDS:
        raise SettingError(f"--guards {name}: {nearest(name, [*GUARDS, 'age:60'])}")
    return GUARDS[name][0]


@dataclass(frozen=True)
class GuardRow:
    """What one guard would have done.

    Attributes:
        guard: the guard's name.
        writes: writes that it was asked about.
        wrong: wrong writes among them.
        blocks: writes that it would have blocked.
        right: blocked writes that were wrong.
        false: blocked writes that were not wrong.
        missed: wrong writes that it would have let through.
        warned: writes that it would only have noted.
        false_rate: false blocks as a share of the writes that were not wrong.
        missed_rate: missed writes as a share of the wrong ones.
        rereads: reads that the blocks would have cost, one per block.
        seconds: their cost in time, at the trace's own median read and thinking time.
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
        """Return the row for tables and JSON."""
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
        """Return the row for people."""
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
    """Return what each guard would have done with the writes whose whole basis is known.

    Args:
        writes: a ledger's writes; those about which too little is known are left out (see `guarded`).
        names: names of guards.
        price: cost of a block in seconds: a read and the thinking after it.
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
    """Return the writes that every guard can judge: the whole basis and the content before are known.

    Writes that the agent's own tool or a person refused beforehand are not among them.
    """
    return [write for write in writes if write.rests_on_whole]


def row_of(
    name: str, asked: Sequence[AuditedWrite], blocked: Sequence[bool], price: float, warned: int = 0
) -> GuardRow:
    """Return a guard's row from its verdicts."""
    wrong = [write.wrong for write in asked]
    blocks = sum(blocked)
    fine = [(w, b) for w, b, bad in zip(asked, blocked, wrong, strict=True) if not bad]
    bad = [(w, not b) for w, b, bad in zip(asked, blocked, wrong, strict=True) if bad]
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
"""The prices of a miss that are tried, in false blocks."""
SURE = 0.95
FEWEST = 10
"""With fewer wrong writes than this, no guard is recommended."""
RESAMPLES = 400


@dataclass(frozen=True)
class Choice:
    """The guard that a person would choose at one price.

    Attributes:
        price: cost of a miss, in false blocks.
        guard: the guard with the lowest cost.
        sure: share of resampled sets of sessions in which it remains the choice.
    """

    price: float
    guard: str
    sure: float


def choices(writes: Sequence[AuditedWrite], names: Sequence[str], seed: int = 0) -> list[Choice]:
    """Return the cheapest guard at each of `PRICES` and how certain it is, by resampling sessions.

    Among guards of equal cost, the first one named is chosen.
    """
    asked = guarded(writes)
    if not asked:
        return []
    sessions = {name: i for i, name in enumerate(dict.fromkeys(w.operation.session for w in asked))}
    counts = np.zeros((len(sessions), len(names), 2))
    places = np.array([sessions[write.operation.session] for write in asked])
    wrong = np.array([write.wrong for write in asked])
    for j, name in enumerate(names):
        blocked = np.array([*map(guard_named(name), asked)])
        for k, hit in enumerate((blocked & ~wrong, wrong & ~blocked)):
            counts[:, j, k] = np.bincount(places[hit], minlength=len(sessions))
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
    """Say in one sentence which guard to choose at which price, or that the data cannot tell."""
    if not rows or not rows[0].writes:
        return "There is no write whose whole basis is known: the trace cannot tell one guard from another."
    if not rows[0].wrong:
        return (
            f"None of {rows[0].writes} writes was wrong as far as the trace shows: the data cannot tell what "
            "any guard would have saved, only what its false blocks would have cost."
        )
    wrong = rows[0].wrong
    there = f"{wrong} wrong write{'s' * (wrong != 1)} in {rows[0].writes}"
    sure = [c for c in chosen if c.sure >= SURE]
    if not sure:
        return (
            f"With {there} the data cannot tell which guard to choose at any price of a miss from 1 to 1000 "
            "false blocks."
        )
    parts = []
    for guard in dict.fromkeys(c.guard for c in sure):
        prices = [c.price for c in sure if c.guard == guard]
        span = f"{prices[0]:g}" if len(prices) == 1 else f"{prices[0]:g} to {prices[-1]:g}"
        parts.append(f"{guard} if a miss costs {span} false block{'s' * (span != '1')}")
    unsure = [f"{c.price:g}" for c in chosen if c.sure < SURE]
    rest = f"; at {', '.join(unsure)} the data cannot tell" if unsure else ""
    said = f"{', and '.join(parts)}{rest}."
    if wrong < FEWEST:
        return f"{there}: too few to base a choice on; they suggest {said}"
    return f"A person would choose {said}"
