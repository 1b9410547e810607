"""The search: episodes in which an agent fails, put together by how, each shrunk; the map of its faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plandrift.experiments.agents.faults.failure import RIGHT, WORDS, FailedCall, FailureKind, failures
from plandrift.experiments.agents.faults.history import History, full_history
from plandrift.experiments.agents.faults.player import Player, played_by_policy
from plandrift.experiments.agents.faults.shrink import Shrinker
from plandrift.experiments.agents.faults.verdict import fault
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.ratios import ratio_interval
from plandrift.sim import Description, Episode

RUNGS = (0.125, 0.25, 0.5, 1.0)
"""The volatilities that are searched, as shares of the one asked for."""

OCCURRENCES = 3
"""How many failures of a kind are shrunk; the smallest is kept."""

SLACK = 3.0
"""The time that a right agent gets, in multiples of the time that a guard of ours took."""

GUARDS = ("if-match", "look-first", "read-back")
"""The guards that show what a right agent reaches in a history."""

SEVERITY = ("harmful", "void", "rejected", "repeat")
"""The outcomes from the worst on."""


@dataclass(frozen=True)
class MapEntry:
    """One fault: failures with one cause and one circumstance.

    Attributes:
        kind: what they have in common.
        count: failures at the volatility asked for.
        share: of the calls fired there, with its interval over seeds.
        by_rung: failures at each volatility searched.
        first: the lowest volatility at which it was seen.
        found_in: changes of the history in which it was found.
        history: the smallest that still fails.
        passed_by: those of `GUARDS` that are right in it.
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
        """Whether a right agent is known to pass."""
        return bool(self.passed_by)


@dataclass(frozen=True)
class FaultMap:
    """Where an agent fails.

    Attributes:
        world: in which.
        agent: what it is called.
        volatility: asked for.
        seeds: episodes at each volatility.
        fired: calls fired at the volatility asked for.
        succeeded: episodes there in which every goal was reached.
        entries: the faults, the worst and most frequent first.
        left_out: kinds that were found and not shrunk, as there were more than asked for.
        played: episodes in all.
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
    tell: Callable[[int], None] = lambda _: None,
) -> FaultMap:
    """Find the ways in which an agent fails.

    Args:
        world: its name.
        settings: by dotted name, without the volatility.
        volatility: at which, and below which, it is looked at.
        player: plays a history.
        agent: what it is called.
        seeds: episodes at each volatility.
        count: faults at most.
        rungs: volatilities searched, as shares of the one asked for.
        tries: plays at most for each shrinking.
        tell: called with how many episodes have been played.

    Raises:
        SettingError: the world or a setting is wrong.
    """
    at = [volatility * rung for rung in rungs]
    watched = _Watched()
    for speed in at:
        for seed in range(seeds):
            history = full_history(world, {**settings, "volatility": speed}, seed)
            watched.add(history, player(history), speed, seed, last=speed == at[-1])
            tell(watched.played)
    shrinker = Shrinker(player) if tries is None else Shrinker(player, tries)
    small = _shrunken(watched, shrinker, 2 * count, tell)
    laid: set[FailureKind] = set()
    entries = []
    for kind in _in_turn(small)[:count]:
        best = small[kind]
        # Each failure is counted once, under the entry that its kind came to first.
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
        played=watched.played + shrinker.played,
    )


class _Watched:
    """The failures of the episodes watched so far.

    Attributes:
        played: episodes.
        seen: failures by kind.
        per_speed: how many there were of each kind at each volatility.
        failed: how many of each kind in the episode of each seed, at the volatility asked for.
        fired: calls fired there, seed by seed.
        succeeded: episodes there that reached every goal.
    """

    def __init__(self) -> None:
        self.played = self.succeeded = 0
        self.seen: dict[FailureKind, list[_Seen]] = {}
        self.per_speed: dict[FailureKind, Counter[float]] = {}
        self.failed: dict[FailureKind, Counter[int]] = {}
        self.fired: list[int] = []

    def add(self, history: History, episode: Episode, speed: float, seed: int, last: bool) -> None:
        """Take in an episode; `last` at the volatility asked for."""
        self.played += 1
        if last:
            self.fired.append(len(episode.steps))
            self.succeeded += episode.metrics.success
        for one in failures(episode, history.changes):
            self.seen.setdefault(one.kind, []).append(_Seen(history, one))
            self.per_speed.setdefault(one.kind, Counter())[speed] += 1
            self.failed.setdefault(one.kind, Counter())[seed] += last


def _shrunken(
    watched: _Watched, shrinker: Shrinker, most: int, tell: Callable[[int], None]
) -> dict[FailureKind, _Shrunken]:
    """The smallest histories of up to so many kinds, by the kind that each is when it is small.

    Where several fluents are wrong at once the shrunken history says which of them it is.
    """
    small: dict[FailureKind, _Shrunken] = {}
    for kind in _in_turn(watched.seen)[:most]:
        # A late failure of a slow world has fewer changes before it than one of a fast one.
        for one in sorted(watched.seen[kind], key=_size)[:OCCURRENCES]:
            history, failure = shrinker.shrink(one.history, one.failure)
            tell(watched.played + shrinker.played)
            fresh = _Shrunken(history, failure, len(one.history.changes), [])
            known = small.setdefault(failure.kind, fresh)
            if len(history.changes) < len(known.history.changes):
                small[failure.kind] = known = replace(fresh, kinds=known.kinds)
            if kind not in known.kinds:
                known.kinds.append(kind)
    return small


@dataclass(frozen=True)
class _Shrunken:
    """The smallest history of a kind, and the kinds as which it was found."""

    history: History
    failure: FailedCall
    found_in: int
    kinds: list[FailureKind]


def _in_turn(found: Mapping[FailureKind, object]) -> list[FailureKind]:
    """The kinds, one of each cause and circumstance first; within these the worst first."""
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
    """The history as it goes to the suite, with the time that a right agent needs; and who is right in it."""
    step, in_words = failure.step, Description.of(history.scene).call
    call = "" if step is None else f"the agent {in_words(step.call)}"
    about = f" ({kind.fluent})" if kind.fluent else ""
    candidate = replace(
        history,
        title=f"{kind.action or 'the episode'}: {kind.outcome}, {WORDS[kind.cause]}{about}",
        cause=kind.cause,
        call=call,
        right=f"a right agent {RIGHT[kind.cause]}",
    )
    ended = {name: played_by_policy(name)(candidate) for name in GUARDS}
    right = [name for name, episode in ended.items() if not fault(candidate, episode)]
    if right:
        longest = max(ended[name].metrics.duration for name in right)
        return replace(candidate, horizon=min(candidate.horizon, round(SLACK * longest + 5, 1))), tuple(right)
    loose = replace(candidate, goals=False)
    return loose, tuple(name for name, episode in ended.items() if not fault(loose, episode))
