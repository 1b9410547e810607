"""The answers of an audit: figures with n, an interval, and how each is known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from plandrift.experiments.agents.audit.ledger import AUTHORS, AuditedWrite, AuditLedger
from plandrift.experiments.agents.audit.plans import plans_of
from plandrift.experiments.agents.audit.rates import write_share
from plandrift.experiments.agents.audit.replayed import BLOCKED
from plandrift.experiments.agents.audit.shares import CHANGED, STALE, ages
from plandrift.experiments.agents.transcripts.operation import ERRORS, PLAN_PARTS, Operation
from plandrift.experiments.agents.transcripts.world_tool import is_call
from plandrift.experiments.statistics.intervals import Interval, quantile_interval, share_interval

QUANTILES = (0.1, 0.5, 0.9, 0.99)
AGES = ((0.0, 10.0), (10.0, 60.0), (60.0, 300.0), (300.0, 1800.0), (1800.0, float("inf")))
"""The bounds, in seconds, of the basis ages for which the share changed is reported."""
AGE_NAMES = ("under 10 s", "10–60 s", "1–5 min", "5–30 min", "over 30 min")

CANNOT_TELL = (
    "what the model still had in its context when it wrote, except for what a compaction took out",
    "what a shell command read or wrote",
    "a change that was undone again (A→B→A), if no row shows the value in between",
    "whether an edit of a changed file was wrong in meaning although its text was there",
    "a person's own edits, except by elimination",
    "causes, except by what ran in between",
    "what would have happened after a block",
    "sessions that left no transcript; and the agent's own guards were on, so all rates include their effect",
)
"""What no transcript shows."""


@dataclass(frozen=True)
class AuditFigure:
    """One answer.

    Attributes:
        name: what the figure is.
        value: the value with its 95 % interval and n.
        unit: ``s``, ``share``, ``count`` or ``mean``.
        known: how it is known.
    """

    name: str
    value: Interval
    unit: str
    known: str

    def row(self) -> dict[str, object]:
        """Return the figure as a row for tables and JSON."""
        return {
            "figure": self.name,
            "value": self.value.mean,
            "low": self.value.low,
            "high": self.value.high,
            "n": self.value.n,
            "unit": self.unit,
            "known": self.known,
        }


def thinking_times(operations: Sequence[Operation]) -> list[float]:
    """Return the seconds from an agent's last answer to its next call, within one turn.

    Calls made at once, before the previous answer, belong to one thought. The time that a person takes to
    type a prompt does not count as the agent's thinking.
    """
    last: dict[tuple[str, str], tuple[float, int]] = {}
    times = []
    for op in _calls(operations):
        key = (op.session, op.agent)
        heard = last.get(key)
        if heard is not None and op.called > heard[0] and op.turn == heard[1]:
            times.append(op.called - heard[0])
        if op.answered is not None:
            at = op.answered if heard is None or heard[1] != op.turn else max(op.answered, heard[0])
            last[key] = at, op.turn
    return times


def tool_times(operations: Sequence[Operation]) -> dict[str, list[float]]:
    """Return the seconds from call to answer by tool, the most used tool first."""
    times: dict[str, list[float]] = {}
    for op in _calls(operations):
        if op.answered is not None:
            times.setdefault(op.tool, []).append(op.answered - op.called)
    return dict(sorted(times.items(), key=lambda kv: -len(kv[1])))


def _calls(operations: Sequence[Operation]) -> list[Operation]:
    """Return one row per call, without unsolicited news and without the steps of declared plans."""
    seen: set[tuple[str, str]] = set()
    made = []
    for op in operations:
        if is_call(op) and (op.session, op.call) not in seen:
            seen.add((op.session, op.call))
            made.append(op)
    return made


def figures(ledger: AuditLedger) -> list[AuditFigure]:
    """Return every figure of the report, in order."""
    calls = _calls(ledger.operations)
    return [
        *_quantiles(
            "thinking time", thinking_times(ledger.operations), "answer to the next call, in one turn"
        ),
        *_tools(ledger.operations),
        *_quantiles("age of the basis", ages(ledger.every), "last known as a whole to the write"),
        *_outdated(ledger.every),
        *_authors(ledger.writes),
        *_writes(ledger.every),
        *_from_memory(ledger.writes),
        *_refusals(ledger),
        *_bursts(calls),
        *_repeats(calls, ledger.operations),
        *_plans(ledger),
        *declared(ledger),
    ]


def declared(ledger: AuditLedger) -> list[AuditFigure]:
    """Return the figures of calls that state their assumptions: an exported episode's own, by name."""
    if not any(op.needs is not None and op.plan not in PLAN_PARTS for op in ledger.operations):
        return []
    calls = [write.call for write in ledger.stated]
    fired = [call for call in calls if call.operations[0].landed is not None]
    stood = [call.record for call in fired if call.record is not None]
    n, held = len(fired), sum(call.operations[0].error == BLOCKED for call in calls)
    known = "the call and its answer"
    plan = "the tracked plan of the engine"
    return [
        AuditFigure("steps_fired", _counted(n), "count", known),
        AuditFigure("misfires", _counted(sum(c.misfire for c in fired)), "count", known),
        AuditFigure("blocks", _counted(held), "count", known),
        AuditFigure("misfire_rate", share_interval(sum(c.misfire for c in fired), n), "share", known),
        AuditFigure("staleness_before_fire", _mean([s.staleness for s in stood]), "mean", plan),
        AuditFigure("age of the plan before a fire", _mean([s.plan_age for s in stood]), "mean", plan),
        AuditFigure("version staleness before a fire", _mean([s.version for s in stood]), "mean", plan),
    ]


def _counted(count: int) -> Interval:
    return Interval(count, float("nan"), float("nan"), count)


def _mean(values: Sequence[float]) -> Interval:
    # Steps of one plan are not independent, so there is no interval to report.
    mean = fmean(values) if values else float("nan")
    return Interval(mean, float("nan"), float("nan"), len(values))


def _quantiles(name: str, values: Sequence[float], known: str) -> list[AuditFigure]:
    return [
        AuditFigure(f"{name}, p{round(100 * q)}", quantile_interval(values, q), "s", known) for q in QUANTILES
    ]


def _tools(operations: Sequence[Operation]) -> list[AuditFigure]:
    made = []
    for tool, times in list(tool_times(operations).items())[:5]:
        for q in (0.5, 0.9):
            made.append(
                AuditFigure(
                    f"{tool} takes, p{round(100 * q)}", quantile_interval(times, q), "s", "call to answer"
                )
            )
    return made


def aged(writes: Sequence[AuditedWrite]) -> list[tuple[float, bool]]:
    """Return, for each executed write, the age of its basis as a whole and whether that had changed."""
    return [(w.whole_age, w.outdated) for w in writes if CHANGED.of(w) and w.whole_age is not None]


def _outdated(writes: Sequence[AuditedWrite]) -> list[AuditFigure]:
    made = []
    for (low, high), name in zip(AGES, AGE_NAMES, strict=True):
        chosen = [
            w for w in writes if CHANGED.of(w) and w.whole_age is not None and low <= w.whole_age < high
        ]
        made.append(
            AuditFigure(
                f"changed by another hand, basis {name}",
                write_share(chosen, [w.outdated for w in chosen]),
                "share",
                "hash just before the write against the last known whole; own writes do not count",
            )
        )
    return made


def _authors(writes: Sequence[AuditedWrite]) -> list[AuditFigure]:
    found = Counter(w.author for w in writes if w.outdated or w.changed)
    n = found.total()
    return [
        AuditFigure(
            f"of these, by {name}", share_interval(found[name], n), "share", "co-occurrence, not proof"
        )
        for name in AUTHORS
        if n
    ]


def _writes(writes: Sequence[AuditedWrite]) -> list[AuditFigure]:
    done = [w for w in writes if w.operation.ok]
    tried = [w for w in writes if w.rests_on_whole]
    return [
        AuditFigure(
            "writes carried out", write_share(writes, [w.operation.ok for w in writes]), "share", "the answer"
        ),
        AuditFigure(
            "blind writes",
            write_share(done, [w.blind for w in done]),
            "share",
            "never seen before",
        ),
        AuditFigure(
            "stale by value",
            STALE.value(writes),
            "share",
            "hash just before against the belief, re-reads of a part included",
        ),
        AuditFigure(
            "lost updates",
            write_share(tried, [w.lost_update for w in tried]),
            "share",
            "a whole written over a change",
        ),
        AuditFigure(
            "regions gone because the world moved",
            write_share(tried, [w.moved for w in tried]),
            "share",
            "the old text was in what the agent knew",
        ),
        AuditFigure(
            "regions that never were (own error)",
            write_share(tried, [w.own_error for w in tried]),
            "share",
            "the old text was never in what the agent knew",
        ),
    ]


def _from_memory(writes: Sequence[AuditedWrite]) -> list[AuditFigure]:
    memory = [w for w in writes if w.from_memory and w.operation.ok]
    if not memory:
        return []
    known = [w for w in memory if w.compares_whole]
    by = "last seen before a compaction of the context; not in the other figures"
    done = [w for w in writes if w.operation.ok]
    return [
        AuditFigure("writes from memory", write_share(done, [w.from_memory for w in done]), "share", by),
        AuditFigure("changed, of these", write_share(known, [w.changed for w in known]), "share", by),
        AuditFigure("wrong, of these", write_share(known, [w.wrong for w in known]), "share", by),
    ]


def _bursts(calls: Sequence[Operation]) -> list[AuditFigure]:
    """Return how often the same write follows its own refusal, and how many in a row."""
    runs, refusals = Counter[int](), 0
    last: dict[tuple[str, str], tuple[str, int]] = {}
    for op in calls:
        key = (op.session, op.agent)
        asked, run = last.pop(key, ("", 0))
        if asked and asked == op.asked:
            runs[run] += 1
        else:
            run = refusals
        if op.kind == "write" and not op.ok and op.error:
            refusals += 1
            last[key] = op.asked, run
    if not refusals:
        return []
    known = "the same tool and arguments, with no other call in between"
    made = [
        AuditFigure(
            "refused writes tried again unchanged", share_interval(runs.total(), refusals), "share", known
        )
    ]
    if runs:
        middle = Interval(median(runs.values()), float("nan"), float("nan"), len(runs))
        most = Interval(max(runs.values()), float("nan"), float("nan"), len(runs))
        made.append(AuditFigure("tries in a row after a refusal, median", middle, "mean", known))
        made.append(AuditFigure("tries in a row after a refusal, worst", most, "count", known))
    return made


def _refusals(ledger: AuditLedger) -> list[AuditFigure]:
    writes, false = ledger.every, ledger.false_refusals
    found = Counter(w.operation.error for w in writes if w.operation.error)
    made = [
        AuditFigure(
            f"refused: {name}",
            write_share(writes, [w.operation.error == name for w in writes]),
            "share",
            "words of the answer",
        )
        for name in ERRORS
        if found[name]
    ]
    if false:
        told = "the next content in the trace shows that nothing had been modified"
        share = share_interval(sum(false), len(false))
        made.append(AuditFigure("false, of refusals as modified", share, "share", told))
    return made


def _repeats(calls: Sequence[Operation], operations: Sequence[Operation]) -> list[AuditFigure]:
    last: dict[tuple[str, str], str] = {}
    twice = 0
    for op in calls:
        key = (op.session, op.agent)
        twice += bool(op.asked) and last.get(key) == op.asked
        last[key] = op.asked
    reads, again = 0, 0
    seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for op in operations:
        if op.kind == "write" or (op.kind == "opaque" and op.command):
            seen[op.session, op.agent].clear()
        elif op.kind == "read" and op.command != "news" and op.needs is None:
            before = seen[op.session, op.agent]
            reads += 1
            again += op.asked in before
            before.add(op.asked)
    return [
        AuditFigure(
            "identical reads with nothing own in between",
            share_interval(again, reads),
            "share",
            "tool and arguments",
        ),
        AuditFigure(
            "the same call twice in a row (MAST FM-1.3)",
            share_interval(twice, len(calls)),
            "share",
            "tool and arguments",
        ),
    ]


def _plans(ledger: AuditLedger) -> list[AuditFigure]:
    accepted: dict[str, float] = {}
    ages = []
    plans = {op.call for op in ledger.operations if op.plan == "accepted"}
    lists = sum(op.plan == "list" for op in ledger.operations)
    for op in ledger.operations:
        if op.plan == "accepted":
            accepted[op.session] = op.called
        elif op.kind == "write" and op.ok and op.session in accepted:
            ages.append(op.called - accepted[op.session])
    made = [
        AuditFigure(
            "accepted plans",
            Interval(len(plans), float("nan"), float("nan"), len(plans)),
            "count",
            "the tool",
        ),
        AuditFigure(
            "lists of steps written",
            Interval(lists, float("nan"), float("nan"), lists),
            "count",
            "the tool; a change of status is not a new list",
        ),
    ]
    if ages:
        known = "acceptance to a write under it, until the next plan of the session"
        made += [
            AuditFigure(f"plan age at a write, p{round(100 * q)}", quantile_interval(ages, q), "s", known)
            for q in (0.5, 0.9)
        ]
    plans_found = plans_of(ledger)
    for kind, name in (
        ("accepted", "accepted plan"),
        ("list", "list of to-dos"),
        ("turn", "turn as a change set"),
    ):
        steps = [step for plan in plans_found if plan.kind == kind for step in plan.steps]
        if steps:
            known = "tracked plan; others' changes from when the trace shows them"
            mean = _mean([step.staleness for step in steps])
            made.append(AuditFigure(f"plan staleness before a write, {name}", mean, "mean", known))
    return made
