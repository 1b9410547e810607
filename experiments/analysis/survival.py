"""How old a plan could have been before somebody else's write broke it: exact, from a change log.

For each change set C at time T over fluents F, a plan for C could have been as old as T minus the latest
earlier write to any of F by somebody else. If nobody else wrote any of its fluents before, the set is
censored at the log's age at T. A set that only creates fluents, none of which anybody wrote before, has no
plan that could have been broken: such sets are left out and counted. The share of plans that outlive an age
is the product-limit estimate of Kaplan and Meier (1958); its interval comes from Greenwood's variance on
the log-log scale. Both are computed by `scipy.stats.ecdf`.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from plandrift.experiments.statistics.intervals import share_interval
from plandrift.sim import SettingError
from plandrift.worlds.logs.change_log import ChangeLog

WritesBy = Literal["others", "anyone"]
Array = np.ndarray[Any, np.dtype[Any]]
SIZES = ((1, 1), (2, 3), (4, 10), (11, 30), (31, None))
AGES = {
    60: "1 minute",
    600: "10 minutes",
    3600: "1 hour",
    86400: "1 day",
    604800: "1 week",
    2592000: "30 days",
}
"""The ages, in seconds, at which the share still valid is reported, and their names."""


@dataclass(frozen=True)
class SurvivalCurve:
    """The survival of plans for change sets of one size.

    Attributes:
        fluents: the size in fluents, such as ``2–3``.
        sets: number of change sets, without those that only create fluents.
        censored: how many of these sets nobody else's write had touched before.
        created: number of sets that only create fluents.
        ages: where the curve steps down, in seconds, ascending.
        share: share of plans still valid just after each of these ages.
        low: lower end of its 95 % interval.
        high: upper end of its 95 % interval.
        median: the age, in seconds, at which half of the plans are broken; None if never reached.
        longest: the longest time that any plan was followed, in seconds; nothing is known beyond it.
    """

    fluents: str
    sets: int
    censored: int
    ages: Array
    share: Array
    low: Array
    high: Array
    median: float | None
    longest: float
    created: int = 0

    def at(self, age: float) -> tuple[float, float, float]:
        """Return the share still valid after an age in seconds, and its 95 % interval.

        NaN beyond `longest`, unless no plan was left by then, because a broken plan stays broken.
        """
        if age > self.longest and not (len(self.share) and self.share[-1] == 0):
            return math.nan, math.nan, math.nan
        place = int(np.searchsorted(self.ages, age, side="right")) - 1
        if place < 0:
            return 1.0, share_interval(self.sets, self.sets).low, 1.0
        return float(self.share[place]), float(self.low[place]), float(self.high[place])

    def met_at(self, age: float) -> float:
        """Return the share of plans that a write breaks at exactly this age; they count as broken by then."""
        shares = np.concatenate([np.ones(1), self.share])
        before, after = (shares[np.searchsorted(self.ages, age, side=side)] for side in ("left", "right"))
        return float(before - after)

    def row(self) -> dict[str, Any]:
        """Return the curve as a dictionary for JSON."""
        valid = {age: [None if math.isnan(v) else v for v in self.at(age)] for age in AGES}
        return {
            "fluents": self.fluents,
            "sets": self.sets,
            "censored": self.censored,
            "left_out": self.created,
            "median_s": self.median,
            "longest_s": self.longest,
            "valid_after": {str(age): share for age, (share, _, _) in valid.items()},
            "valid_after_low": {str(age): low for age, (_, low, _) in valid.items()},
            "valid_after_high": {str(age): high for age, (_, _, high) in valid.items()},
        }


def busiest(log: ChangeLog) -> tuple[int, float]:
    """Return the number of authors in a log, and the share of its change sets that the busiest two made."""
    run = log.connection.execute
    counts = run("select count(*) from sets where who is not null group by who order by 1 desc").fetchall()
    sets = [count for (count,) in counts]
    return len(sets), sum(sets[:2]) / sum(sets) if sets else 0.0


def survival(log: ChangeLog, writes_by: WritesBy | None = None) -> list[SurvivalCurve]:
    """Return a survival curve of plans for each size of change set in the log.

    Args:
        log: the change log; see `plandrift.worlds.logs.change_log.opened`.
        writes_by: whose writes break a plan: those of other authors, or any writes outside the set. If not
            given, those of other authors if the log names authors.

    Raises:
        SettingError: other authors' writes are asked for, but the log names no author or only one.
    """
    known = log.connection.execute("select count(distinct who) from changes").fetchone()
    assert known is not None
    if writes_by == "others" and not known[0]:
        raise SettingError(f"log {log.source} does not say who: use --writes-by anyone")
    others = bool(known[0]) and writes_by != "anyone"
    if others and known[0] == 1:
        raise SettingError(
            f"log {log.source} has only one author, so no other author's write can break a plan: use "
            "--writes-by anyone"
        )
    found = log.connection.execute(_ages(others)).fetchnumpy()
    curves = []
    for least, most in SIZES:
        chosen = (found["fluents"] >= least) & (found["fluents"] <= (most or np.inf))
        if chosen.any():
            name = f"{least}" if least == most else f"{least}–{most}" if most else f"more than {least - 1}"
            created = np.asarray(found["created"][chosen], dtype=bool)
            age, censored = (np.asarray(found[column][chosen])[~created] for column in ("age", "censored"))
            curves.append(_curve(name, age, censored, int(created.sum())))
    return curves


def _ages(others: bool) -> str:
    """Return SQL for the age of each set's plan: a fluent counts once per set; ties keep the log's order."""
    author = "coalesce(who, '#' || \"set\")" if others else 'cast("set" as varchar)'
    return f"""
        with writes as (
            select fluent, "set", max(t) as t, max(place) as place, min({author}) as author,
                bool_or(before is not null) as existed
            from changes group by fluent, "set"),
        marked as (
            select *, row_number() over w = 1 and not existed as created,
                lag(t) over w as before, lag(author) over w is distinct from author as turn
            from writes window w as (partition by fluent order by place)),
        turns as (
            select *, sum(turn::int) over (partition by fluent order by place) as number from marked),
        -- The latest earlier write by somebody else is the one just before this author's turn began.
        broken as (
            select "set", t, created,
                first_value(before) over (partition by fluent, number order by place) as last
            from turns)
        select count(*) as fluents, max(t) - coalesce(max(last), 0) as age, max(last) is null as censored,
            bool_and(created) as created
        from broken group by "set" order by "set"
    """


def _curve(name: str, age: Array, censored: Array, created: int) -> SurvivalCurve:
    from scipy.stats import CensoredData, ecdf

    age, censored = np.asarray(age, dtype=float), np.asarray(censored, dtype=bool)
    if censored.all():
        one = np.ones(1)
        low = np.array([share_interval(len(age), len(age)).low]) if len(age) else np.zeros(1)
        longest = float(age.max(initial=0.0))
        return SurvivalCurve(name, len(age), len(age), np.zeros(1), one, low, one, None, longest, created)
    curve = ecdf(CensoredData(uncensored=age[~censored], right=age[censored])).sf
    with warnings.catch_warnings():
        # If all or none are left, the formula gives no answer and there is no uncertainty to show.
        warnings.simplefilter("ignore", RuntimeWarning)
        interval: Any = curve.confidence_interval(0.95, method="log-log")
    share = np.asarray(curve.probabilities)
    low = np.where(np.isnan(interval.low.probabilities), share, interval.low.probabilities)
    high = np.where(np.isnan(interval.high.probabilities), share, interval.high.probabilities)
    ages = np.asarray(curve.quantiles)
    below = np.flatnonzero(share <= 0.5 + 1e-12)
    median = float(ages[below[0]]) if len(below) else None
    return SurvivalCurve(
        name, len(age), int(censored.sum()), ages, share, low, high, median, float(age.max()), created
    )
