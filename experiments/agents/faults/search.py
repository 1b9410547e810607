"""The search for faults: failures of an agent grouped by kind, each shrunk, and the map of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plandrift.experiments.agents.faults.budget import Budget
from plandrift.experiments.agents.faults.failure import WORDS, FailedCall, FailureKind, failures
from plandrift.experiments.agents.faults.history import History, full_history
from plandrift.experiments.agents.faults.player import Player, played_by_policy
from plandrift.experiments.agents.faults.shrink import Shrinker
from plandrift.experiments.agents.faults.verdict import fault
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.ratios import ratio_interval
from plandrift.sim import Description, Episode, PlandriftError

RUNGS = (0.125, 0.25, 0.5, 1.0)
"""The volatilities searched, as shares of the requested one."""

OCCURRENCES = 3
"""How many failures of a kind are shrunk; the smallest result is kept."""

SLACK = 3.0
"""The time allowed to a correct agent, as a multiple of the time that one of plandrift's guards took."""

GUARDS = ("if-match", "look-first", "read-back")
"""The guards that show what a correct agent achieves in a history."""

SEVERITY = ("harmful", "void", "rejected", "repeat")
"""The outcomes, worst first."""


@dataclass(frozen=True)
class MapEntry:
    """One fault: failures with the same cause and circumstance.

    Attributes:
        kind: what these failures have in common.
        count: failures at the requested volatility.
        share: their share of the calls fired there, with its interval over seeds.
        by_rung: failures at each volatility searched.
        first: lowest volatility at which it was seen.
        found_in: number of changes in the history in which it was found.
        history: the smallest history that still fails.
        passed_by: the `GUARDS` that handle it correctly.
    """

    kind: FailureKind
    count: int
    share: Interval
    by_rung: Mapping[float, int]
    first: float
    found_in: int
    history: History
    passed_by: tuple[str, ...]

    @property
    def testable(self) -> bool:
        """Say whether some correct agent is known to pass it."""
        return bool(self.passed_by)


@dataclass(frozen=True)
class FaultMap:
    """A map of an agent's failures.

    Attributes:
        world: the world's name.
        agent: the agent's name.
        volatility: the requested volatility.
        seeds: episodes at each volatility.
        fired: calls fired at the requested volatility.
        succeeded: episodes there that reached every goal.
        entries: the faults, the worst and most frequent first.
        left_out: kinds that were found but not shrunk, because there were more than requested.
        played: episodes in all.
        ended: why the search ended before it was through; empty if it did not.
    """

    world: str
    agent: str
    volatility: float
    seeds: int
    fired: int
    succeeded: int
    entries: tuple[MapEntry, ...]
    left_out: int
    played: int
    ended: str = ""


@dataclass(frozen=True)
class _Seen:
    """A failure, and where it was seen."""

    history: History
    failure: FailedCall


def search(
    world: str,
    settings: Mapping[str, Any],
    volatility: float,
    player: Player,
    *,
    agent: str,
    seeds: int = 100,
    count: int = 20,
    rungs: Sequence[float] = RUNGS,
    tries: int | None = None,
    budget: Budget | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> FaultMap:
    """Find the ways in which an agent fails.

    Args:
        world: the world's name.
        settings: settings by dotted name, without the volatility.
        volatility: the highest volatility searched.
        player: plays a history.
        agent: the agent's name.
        seeds: episodes at each volatility.
        count: the most faults to keep.
        rungs: the volatilities searched, as shares of the highest.
        tries: the most plays per shrinking.
        budget: what may be played. When it is spent, what was found by then is returned: a budget begins with
            the highest volatility, and a failure that is not shrunk yet keeps all its changes.
        tell: called with the number of episodes played so far.

    Raises:
        SettingError: the world or a setting is wrong.
    """
    at = [volatility * rung for rung in rungs]
    watched, budget = _Watched(), budget or Budget()
    plays = budget.counting(player, tell)
    try:
        for speed in reversed(at) if budget.limited else at:
            for seed in range(seeds):
                history = full_history(world, {**settings, "volatility": speed}, seed)
                watched.add(history, plays(history), speed, seed, last=speed == at[-1])
    except PlandriftError as error:
        # An agent that has played before and now does not ends the search, but takes nothing with it.
        if not (budget.ended or watched.fired):
            raise
        budget.ended = budget.ended or " ".join(str(error).split())
    if budget.ended:
        at, seeds = [speed for speed in at if speed in watched.speeds], len(watched.fired)
    shrinker = Shrinker(plays) if tries is None else Shrinker(plays, tries)
    small = _shrunken(watched, shrinker, 2 * count)
    laid: set[FailureKind] = set()
    entries = []
    for kind in _in_turn(small)[:count]:
        best = small[kind]
        # Each failure counts once, under the entry that its kind was first assigned to.
        kinds = [one for one in best.kinds if one not in laid]
        laid |= set(kinds)
        history, passed = _finished(best.history, kind, best.failure)
        by_seed = [sum(watched.failed[one][seed] for one in kinds) for seed in range(seeds)]
        entries.append(
            MapEntry(
                kind=kind,
                count=sum(by_seed),
                share=ratio_interval(by_seed, watched.fired),
                by_rung={speed: sum(watched.per_speed[one][speed] for one in kinds) for speed in at},
                first=min(min(watched.per_speed[one]) for one in best.kinds),
                found_in=best.found_in,
                history=history,
                passed_by=passed,
            )
        )
    return FaultMap(
        world=world,
        agent=agent,
        volatility=volatility,
        seeds=seeds,
        fired=sum(watched.fired),
        succeeded=watched.succeeded,
        entries=tuple(entries),
        left_out=len(watched.seen) - len(laid),
        played=budget.played,
        ended=budget.ended,
    )


class _Watched:
    """The failures of the episodes watched so far.

    Attributes:
        speeds: the volatilities of the episodes.
        seen: failures by kind.
        per_speed: number of failures of each kind at each volatility.
        failed: failures of each kind per seed, at the requested volatility.
        fired: calls fired there, by seed.
        succeeded: episodes there that reached every goal.
    """

    def __init__(self) -> None:
        self.succeeded = 0
        self.speeds: set[float] = set()
        self.seen: dict[FailureKind, list[_Seen]] = {}
        self.per_speed: dict[FailureKind, Counter[float]] = {}
        self.failed: dict[FailureKind, Counter[int]] = {}
        self.fired: list[int] = []

    def add(self, history: History, episode: Episode, speed: float, seed: int, last: bool) -> None:
        """Record an episode; `last` means that it ran at the requested volatility."""
        self.speeds.add(speed)
        if last:
            self.fired.append(len(episode.steps))
            self.succeeded += episode.metrics.success
        for one in failures(episode, history.changes):
            self.seen.setdefault(one.kind, []).append(_Seen(history, one))
            self.per_speed.setdefault(one.kind, Counter())[speed] += 1
            self.failed.setdefault(one.kind, Counter())[seed] += last


def _shrunken(watched: _Watched, shrinker: Shrinker, most: int) -> dict[FailureKind, _Shrunken]:
    """Return the smallest histories, up to a number of kinds, by their kind after shrinking.

    If several fluents are wrong at once, the shrunken history shows which of them matters.
    """
    small: dict[FailureKind, _Shrunken] = {}
    for kind in _in_turn(watched.seen)[:most]:
        # A late failure in a slow world has fewer changes before it than one in a fast world.
        for one in sorted(watched.seen[kind], key=_size)[:OCCURRENCES]:
            history, failure = shrinker.shrink(one.history, one.failure)
            fresh = _Shrunken(history, failure, len(one.history.changes), [])
            known = small.setdefault(failure.kind, fresh)
            if len(history.changes) < len(known.history.changes):
                small[failure.kind] = known = replace(fresh, kinds=known.kinds)
            if kind not in known.kinds:
                known.kinds.append(kind)
    return small


@dataclass(frozen=True)
class _Shrunken:
    """The smallest history of a kind, and the kinds under which it was found."""

    history: History
    failure: FailedCall
    found_in: int
    kinds: list[FailureKind]


def _in_turn(found: Mapping[FailureKind, object]) -> list[FailureKind]:
    """Order the kinds: one of each cause and circumstance first; among these the worst first."""
    turns: dict[tuple[str, str], int] = {}
    places = []
    for i, kind in enumerate(sorted(found, key=_severity)):
        turn = turns[kind.cause, kind.when] = turns.get((kind.cause, kind.when), -1) + 1
        places.append((turn, i, kind))
    return [kind for _, _, kind in sorted(places, key=lambda place: place[:2])]


def _severity(kind: FailureKind) -> int:
    return SEVERITY.index(kind.outcome) if kind.outcome in SEVERITY else len(SEVERITY)


def _size(one: _Seen) -> int:
    end = one.failure.step.landed if one.failure.step is not None else one.history.horizon
    return sum(change[0] <= end for change in one.history.changes)


def _finished(history: History, kind: FailureKind, failure: FailedCall) -> tuple[History, tuple[str, ...]]:
    """Return the history for the suite, with the time a correct agent needs, and the guards that pass."""
    step, in_words = failure.step, Description.of(history.scene).call
    call = "" if step is None else f"the agent {in_words(step.call)}"
    about = f" ({kind.fluent})" if kind.fluent else ""
    candidate = replace(
        history,
        title=f"{kind.action or 'the episode'}: {kind.outcome}, {WORDS[kind.cause]}{about}",
        cause=kind.cause,
        call=call,
        right=f"a correct agent {kind.right}",
    )
    ended = {name: played_by_policy(name)(candidate) for name in GUARDS}
    right = [name for name, episode in ended.items() if not fault(candidate, episode)]
    if right:
        longest = max(ended[name].metrics.duration for name in right)
        return replace(candidate, horizon=min(candidate.horizon, round(SLACK * longest + 5, 1))), tuple(right)
    loose = replace(candidate, goals=False)
    return loose, tuple(name for name, episode in ended.items() if not fault(loose, episode))
