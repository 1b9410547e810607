"""Where something happens in a change log: plans hit by somebody else's write while they are carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from plandrift.worlds.logs.change_log import ChangeLog


class Meeting(NamedTuple):
    """The write by somebody else that hits a plan at the lowest speed of the replay.

    Attributes:
        number: the change set that is the plan.
        fluent: what somebody else writes.
        step: which step of the plan changes it, counted from 0.
        wait: the seconds from the change set to that write.
        plans: how many of the given plans are hit at some speed, including this one.
    """

    number: int
    fluent: str
    step: int
    wait: float
    plans: int

    @property
    def speed(self) -> float:
        """The speed, in seconds of the log per unit of time, at which the write is half a step early."""
        return float(f"{self.wait / (self.step - 0.5):.4g}")


def earliest(log: ChangeLog, numbers: Mapping[int, int], by_others: bool) -> Meeting | None:
    """Return which of these change sets somebody else's write hits at the lowest speed; None if none is hit.

    A step takes one unit of time. A plan's first step is fired when it is made, so no write can come before.

    Args:
        log: the change log.
        numbers: the change sets, each with a rank that decides if two are hit at the same speed.
        by_others: whether only the writes of other authors count.
    """
    found = log.connection.execute(
        """with asked as (select unnest(?::bigint[]) as number, unnest(?::bigint[]) as rank),
        mine as (
            select number, rank, fluent,
                row_number() over (partition by number order by min(place)) - 1 as step
            from changes join asked on "set" = number group by number, rank, fluent
            having arg_min_null(before, place) is distinct from arg_max_null(value, place)),
        met as (
            select number, rank, mine.fluent, step, min(c.t) - any_value(s.t) as wait
            from mine join sets s using (number) join changes c on c.fluent = mine.fluent
            where step > 0 and c.t > s.t and c."set" <> number and c.value is distinct from c.before
            and (not ? or s.who is null or c.who is distinct from s.who)
            group by number, rank, mine.fluent, step)
        select number, fluent, step, wait, (select count(distinct number) from met) from met
        order by wait / (step - 0.5), rank limit 1""",
        [list(numbers), list(numbers.values()), by_others],
    ).fetchone()
    return None if found is None else Meeting(*found)
