"""`plandrift agent advise --agents`: how many agents, and which coordination."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plandrift.experiments.cli.printing import print_caption, print_rows
from plandrift.experiments.sweeps.condition import condition
from plandrift.sim import SettingError, plain
from plandrift.sim.settings.crew import MOST_AGENTS
from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.settings.real_time import number_of
from plandrift.sim.terms.errors import nearest

if TYPE_CHECKING:
    from plandrift.experiments.agents.advise.crews import CrewAdvice, CrewStanding

TASKS_EACH, TASKS = 3, 48
"""The tasks of the largest crew: the number per agent, and the least number in all."""


def counts_of(text: str) -> list[int]:
    """Return numbers of agents: ``8``, ``1,2,4``, or ``1..16``, which is each power of two and both ends.

    Raises:
        SettingError: it is none of these, or a number is out of range.

    >>> counts_of("1..12"), counts_of("3,1")
    ([1, 2, 4, 8, 12], [1, 3])
    """
    low, dots, high = text.partition("..")
    ends = [low, high] if dots else text.split(",")
    try:
        given = sorted({int(one) for one in ends})
    except ValueError:
        raise SettingError(f"--agents {text}: give 8, or 1,2,4, or 1..16") from None
    if given[0] < 1 or given[-1] > MOST_AGENTS or (dots and int(low) > int(high)):
        raise SettingError(f"--agents {text}: give numbers from 1 to {MOST_AGENTS}, the lower one first")
    if dots:
        powers = [2**n for n in range(7) if given[0] < 2**n < given[-1]]
        given = sorted({*given, *powers})
    return given


def crew_settings(
    given: Mapping[str, Any],
    sets: Mapping[str, Any],
    counts: Sequence[int],
    steps: int,
    requires: int,
    shared: int,
) -> dict[str, Any]:
    """Return the settings of a ledger whose entries stand for files.

    A call lands half-way, a read takes as long as a call unless given, agents begin spread over the time that
    a task takes, and the horizon is four times what one agent needs.

    Args:
        given: what the options say, in seconds; `sets` has precedence over it.
        sets: further settings.
        counts: the numbers of agents.
        steps: the steps of a task.
        requires: the files that each step depends on, of which it writes one.
        shared: how many files there are.
    """
    settings: dict[str, Any] = {"volatility": 0.0, "world.tasks": max(TASKS, TASKS_EACH * max(counts))}
    settings |= {"world.steps": steps, "world.requires": requires, "world.shared": shared}
    settings |= {name: number_of(value) for name, value in given.items()}
    step = Distribution.parse(settings.get("agent.step_duration", 1.0)).mean
    settings = {"agent.action_latency": step / 2, "agent.read_latency": step} | settings | dict(sets)
    thinking = Distribution.parse(settings.get("agent.thinking_time", 0.0)).mean
    task = thinking + int(settings["world.steps"]) * step
    return {"crew.spread": task, "horizon": 4 * int(settings["world.tasks"]) * task} | settings


def print_crew_advice(
    settings: Mapping[str, Any],
    counts: Sequence[int],
    without: Sequence[str],
    budget: int,
    workers: int,
    form: str,
) -> None:
    """Compare crews, and print which is best, or that it is not decided.

    Raises:
        SettingError: a setting is wrong, or `without` names no coordination.
    """
    from plandrift.experiments.agents.advise.crews import WAYS, advise_crews, contenders
    from plandrift.experiments.cli.progress import EpisodeCount
    from plandrift.experiments.sweeps.workers import end, processes

    for word in without:
        if word not in WAYS:
            raise SettingError(f"--without {word}: {nearest(word, WAYS)}")
    crews = contenders(counts, without)
    for crew in crews:
        more = {"crew.agents": crew.agents, "crew.coordination": crew.coordination}
        condition("ledger", crew.policy, dict(settings) | more)
    if len(crews) == 1:
        raise SettingError("--agents: there is nothing to compare: give a number above 1 and a coordination")
    pool = processes(workers)
    try:
        with EpisodeCount(f"advise, {budget} agents' episodes at most") as tell:
            found = advise_crews(settings, crews, budget=budget, pool=pool, tell=tell)
    finally:
        end(pool)
    if form == "json":
        print(json.dumps(plain(_as_object(found)), indent=1))
        return
    print(recommendation(found))
    print()
    print_rows([_row(one) for one in found.standings])
    print_caption(_notes(found))


def recommendation(found: CrewAdvice) -> str:
    """Say which crew is best, or which were not told apart."""
    best = found.standings[0]
    gain = f"{best.times:.2g} times the right tasks per time of one agent"
    if found.settled:
        return f"Best: {best.crew.name}: {gain}."
    others = [one.crew.name for one in found.standings[1:] if one.verdict == "not decided"]
    return f"Not decided after {found.seeds} seeds: {best.crew.name} ({gain}), or {', or '.join(others)}."


def _row(one: CrewStanding) -> dict[str, Any]:
    return {
        "agents": one.crew.agents,
        "coordination": one.crew.coordination,
        "policy": one.crew.policy,
        "right/hour": one.rate.mean * 3600,
        "low": one.rate.low * 3600,
        "high": one.rate.high * 3600,
        "times one": one.times,
        "cut off": one.cut_off,
        "seeds": one.seeds,
        "verdict": one.verdict,
    }


def _notes(found: CrewAdvice) -> list[str]:
    few = [one.crew for one in found.standings if one.verdict != "less"]
    notes = [
        "right tasks per hour with 95 % intervals; a task is right if none of its steps did the wrong thing "
        "and none of its writes was lost",
        f"differences below {found.zone * 3600:.3g} right tasks per hour do not matter here",
    ]
    if not found.settled:
        least = min(few, key=lambda crew: crew.agents)
        notes.append(
            f"{least.name} is the smallest crew among those not told apart; more --episodes can decide"
        )
    if any(one.cut_off > 0.02 for one in found.standings):
        notes.append("where *cut off* is above 0.02, the horizon ended episodes because such crews got stuck")
    return notes


def _as_object(found: CrewAdvice) -> dict[str, Any]:
    return {
        "settled": found.settled,
        "seeds": found.seeds,
        "settings": dict(found.settings),
        "crews": [_row(one) for one in found.standings],
    }


def refuse_with_agents(given: Mapping[str, object]) -> None:
    """Refuse options of the advice on guards that mean nothing for a crew.

    Raises:
        SettingError: one of them is given.
    """
    for option, value in given.items():
        if value is not None:
            raise SettingError(f"{option}: it does nothing with --agents: leave it out")
