"""Checks of a world: those that built-in worlds must pass, applied to a world of your own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice, pairwise
from statistics import fmean, stdev
from typing import Any, NamedTuple

from plandrift.policies import POLICIES, gated, plan_once, replan_each
from plandrift.sim import (
    EVENT,
    Description,
    Episode,
    PlandriftError,
    Planning,
    Scene,
    SettingError,
    Streams,
    Value,
    World,
    run,
)
from plandrift.sim.terms.errors import nearest
from plandrift.sim.trace.events import Exogenous, Landed
from plandrift.sim.usercode.answers import answering
from plandrift.sim.usercode.own_code import in_words, own_code_error

SEEDS = range(4)
MANY = 20
HORIZON = 60.0
MOVES = 200
"""How many of a scene's changes are looked at."""
MOVED = {
    "narrate": "Description.change, and name it in the scene's `companions`",
    "tell": "Description.call, and name it in the scene's `companions`",
}
"""Former methods of a scene, and what replaces each."""


class CheckedPromise(NamedTuple):
    """The result of one check.

    Attributes:
        promise: the promise that was checked.
        fault: how it was broken, in one line; empty if it was kept.
    """

    promise: str
    fault: str


class _BrokenError(Exception):
    """A promise is broken; the message says how."""


def check_world(
    world: World, volatilities: tuple[float, float, float] = (0.01, 0.05, 0.2)
) -> list[CheckedPromise]:
    """Check that a world does what the engine and the figures rely on.

    Args:
        world: the world with its settings; its volatility is replaced.
        volatilities: a low, a medium and a high one.

    Returns:
        A finding for each check; no check raises.
    """
    _, middling, fast = volatilities
    world = answering(world)
    frozen, moving = replace(world, volatility=0.0), replace(world, volatility=middling)
    checks: dict[str, Callable[[], None]] = {
        "the same seed begins the same scene with the same changes": lambda: _repeats(moving),
        "changes come in order of time and name fluents of the scene": lambda: _in_order(moving),
        "at volatility 0 nothing changes": lambda: _stands_still(frozen),
        "the scene itself holds no changing state: the same question gives the same answer twice": lambda: (
            _still(moving)
        ),
        "a plan executed in a frozen world reaches every goal without a misfire": lambda: _carries(moving),
        "at volatility 0 every policy's staleness is 0": lambda: _never_stale(frozen),
        "others do the same whatever the policy": lambda: _same_for_all(moving),
        "plan-once's staleness does not fall as volatility grows": lambda: _grows(world, volatilities),
        "no call is its own sibling, and sources are fluents": lambda: _siblings(moving),
        "its introduction accepts every call that it plans": lambda: _introduces(moving),
        "every event and call can be narrated as a sentence": lambda: _narrates(
            replace(world, volatility=fast)
        ),
        "an episode ends, with every fault switched on": lambda: _ends(replace(world, volatility=fast)),
    }
    return [CheckedPromise(promise, _fault(check)) for promise, check in checks.items()]


def _fault(check: Callable[[], None]) -> str:
    try:
        check()
    except (_BrokenError, PlandriftError) as error:
        return str(error)
    except (Exception, SystemExit) as error:
        return str(own_code_error(error) or in_words(error))
    return ""


def _missing(fluent: str, scene: Scene) -> str:
    """Say how to mend a name that is not a fluent."""
    return f"add it to `first`, or name one that is there: {nearest(str(fluent), map(str, scene.first))}"


def _scene(world: World, seed: int) -> Scene:
    return world.begin(Streams(seed), HORIZON)


def _events(scene: Scene, values: dict[str, Value]) -> Iterator[tuple[float, dict[str, Value]]]:
    """Let a scene change without an agent, and write the changes into `values`."""
    for time, fluent, value in scene.changes():
        if time > HORIZON:
            return
        written = dict(scene.happen(value, values)) if fluent == EVENT else {fluent: value}
        unknown = [name for name in written if name not in scene.first]
        if unknown:
            raise _BrokenError(f"a change at {time:g} names {unknown[0]!r}: {_missing(unknown[0], scene)}")
        values.update(written)
        yield time, written


def _history(world: World, seed: int) -> list[tuple[float, dict[str, Value]]]:
    scene = _scene(world, seed)
    return list(islice(_events(scene, dict(scene.first)), MOVES))


def _repeats(world: World) -> None:
    for seed in SEEDS:
        one, two = _scene(world, seed), _scene(world, seed)
        if dict(one.first) != dict(two.first) or list(one.first) != list(two.first):
            raise _BrokenError(f"seed {seed} began with other fluents or values: draw from `random` only")
        if dict(one.goals) != dict(two.goals):
            raise _BrokenError(f"seed {seed} gave other goals: draw from `random` only")
        if _history(world, seed) != _history(world, seed):
            raise _BrokenError(f"seed {seed} gave other changes: draw from `random` only")


def _in_order(world: World) -> None:
    for seed in SEEDS:
        before = 0.0
        for time, _ in _history(world, seed):
            if not time >= before:
                raise _BrokenError(f"seed {seed}: a change at {time:g} follows one at {before:g}")
            before = time


def _stands_still(world: World) -> None:
    for seed in SEEDS:
        for time, written in _history(world, seed):
            raise _BrokenError(
                f"seed {seed}: {next(iter(written), 'an event')} changes at {time:g}: scale every rate by "
                "the volatility"
            )


def _still(world: World) -> None:
    for seed in SEEDS:
        scene = _scene(world, seed)
        values = dict(scene.first)
        states = [dict(values)] + [dict(values) for _ in islice(_events(scene, values), 10)]
        # A planner with memory has a `choice` of its own, which leaves no state behind.
        planning = Planning.of(scene)
        plans = [planning.choice(state) for state in states]
        for state, plan in zip(states, plans, strict=True):
            again = planning.choice(state)
            if plan != again:
                raise _BrokenError(f"seed {seed}: two plans for one belief differ: {plan} and {again}")
            for call in plan or ():
                if scene.answer(call, dict(state)) != scene.answer(call, dict(state)):
                    raise _BrokenError(f"seed {seed}: two answers to {call} in one state differ")


def _carries(world: World) -> None:
    for seed in range(MANY):
        scene = _scene(world, seed)
        values = dict(scene.first)
        for _ in islice(_events(scene, values), seed):
            pass
        calls = scene.plan(dict(values))
        if calls is None:
            continue
        for place, call in enumerate(calls):
            needs = scene.requires(call)
            unknown = [f for f in [*needs, *scene.effects(call)] if f not in values]
            if unknown:
                raise _BrokenError(f"{call} names {unknown[0]!r}: {_missing(unknown[0], scene)}")
            answer = scene.answer(call, values)
            if answer.outcome != "effective":
                raise _BrokenError(
                    f"seed {seed}: step {place} of the plan, {call}, is {answer.outcome} "
                    f"({', '.join(answer.violated) or 'nothing violated'})"
                )
            values.update(answer.writes)
        unmet = [f for f, wanted in scene.goals.items() if values[f] != wanted]
        # What others have made unreachable for any plan stays undone, if the planner says so.
        if unmet and (seed == 0 or scene.plan(dict(values)) is not None):
            raise _BrokenError(
                f"seed {seed}: the plan ends with {unmet[0]} = {values[unmet[0]]!r}, the goal is "
                f"{scene.goals[unmet[0]]!r}"
            )


def _never_stale(world: World) -> None:
    for name, policy in POLICIES.items():
        for seed in SEEDS:
            metrics = run(world, policy(), seed=seed, latency=1.0, thinking_time=0.5).metrics
            for figure in ("plan_staleness", "version_staleness", "misfires", "repeats"):
                value = getattr(metrics, figure)
                if value > 0:
                    raise _BrokenError(f"{name}, seed {seed}: {figure} is {value:g}")


def _same_for_all(world: World) -> None:
    for seed in SEEDS:
        episodes = [
            run(world, policy(), seed=seed, horizon=HORIZON, latency=0.5, thinking_time=0.3, trace=True)
            for policy in (plan_once, gated, replan_each)
        ]
        mine = {f for e in episodes for event in e.trace if isinstance(event, Landed) for f in event.writes}
        logs = [_log(episode, mine) for episode in episodes]
        if _scene(world, seed).reacts:
            # Others may react to what the agent did: they are the same until it has done something.
            first = min(_first_write(episode) for episode in episodes)
            logs = [[entry for entry in log if entry[0] < first] for log in logs]
        for log in logs[1:]:
            both = min(len(log), len(logs[0]))
            for one, two in zip(logs[0][:both], log[:both], strict=True):
                if one != two:
                    raise _BrokenError(
                        f"seed {seed}: {one[1]} at {one[0]:g} under one policy, {two[1]} at {two[0]:g} under "
                        "another: let nothing exogenous depend on what the agent does"
                    )


def _first_write(episode: Episode) -> float:
    writes = (e.t for e in episode.trace if isinstance(e, Landed) and e.writes)
    return next(writes, math.inf)


def _log(episode: Episode, mine: set[str]) -> list[tuple[Any, ...]]:
    return [
        (e.t, e.fluent, e.value, e.version)
        for e in episode.trace
        if isinstance(e, Exogenous) and e.fluent not in mine and e.t < episode.metrics.duration
    ]


def _grows(world: World, volatilities: tuple[float, float, float]) -> None:
    figures = [
        [
            run(replace(world, volatility=v), plan_once(), seed=s, horizon=HORIZON).metrics.plan_staleness
            for s in range(MANY)
        ]
        for v in volatilities
    ]
    for (before, slow), (after, fast) in pairwise(zip(volatilities, figures, strict=True)):
        gains = [b - a for a, b in zip(slow, fast, strict=True) if not math.isnan(a + b)]
        if len(gains) > 1 and fmean(gains) < -3 * stdev(gains) / math.sqrt(len(gains)):
            raise _BrokenError(
                f"from {before:g} to {after:g} it falls by {-fmean(gains):.3g} on {len(gains)} seeds"
            )


def _siblings(world: World) -> None:
    for seed in SEEDS:
        scene = _scene(world, seed)
        for call in scene.plan(dict(scene.first)) or ():
            siblings = scene.confusable(call)
            # A planner that errs plans a sibling, and an executor may in turn slip from that.
            for one in (call, *siblings):
                if one in scene.confusable(one):
                    raise _BrokenError(f"{one} is confusable with itself: leave it out")
            for sibling in siblings:
                for fluent in [*scene.requires(sibling), *scene.effects(sibling)]:
                    if fluent not in scene.first:
                        raise _BrokenError(f"{sibling} names {fluent!r}: {_missing(fluent, scene)}")
            for fluent in scene.side_effects(call, dict(scene.first), 0.5):
                if fluent not in scene.first:
                    raise _BrokenError(
                        f"the side effects of {call} name {fluent!r}: {_missing(fluent, scene)}"
                    )
            for argument, fluent in scene.sources(call).items():
                if argument not in dict(call.args) or fluent not in scene.first:
                    raise _BrokenError(f"{call}: source {argument!r} from {fluent!r}: one is missing")


def _introduces(world: World) -> None:
    for seed in SEEDS:
        scene = _scene(world, seed)
        introduction, values = Description.of(scene).introduction(), dict(scene.first)
        for _ in islice(_events(scene, values), MOVES // 20):
            for call in scene.plan(dict(values)) or ():
                try:
                    taken = introduction.call(call.action, dict(call.args))
                except SettingError as error:
                    raise _BrokenError(f"{call} is planned but not accepted: {error}") from None
                if taken != call:
                    raise _BrokenError(f"{call} is taken for {taken}: name its arguments in the same order")


def _narrates(world: World) -> None:
    for seed in SEEDS:
        scene = _scene(world, seed)
        for name, place in MOVED.items():
            if hasattr(scene, name):
                raise _BrokenError(f"{type(scene).__name__}.{name} is never called: write {place}")
        description, values = Description.of(scene), dict(scene.first)
        sentences = [(description.call(call), f"call({call})") for call in scene.plan(dict(values)) or ()]
        before = dict(values)
        for _, written in islice(_events(scene, values), MOVES):
            for fluent, after in written.items():
                sentences.append(
                    (description.change(fluent, before[fluent], after), f"change({fluent!r}, …)")
                )
            before = dict(values)
        for sentence, where in sentences:
            if not isinstance(sentence, str) or not sentence.strip() or sentence.endswith("."):
                raise _BrokenError(f"{where} gave {sentence!r}: give a clause with no full stop")


def _ends(world: World) -> None:
    for policy in (plan_once, gated, replan_each):
        for seed in SEEDS:
            run(
                world,
                policy(),
                seed=seed,
                horizon=HORIZON,
                latency="exponential(1)",
                loss=0.2,
                slip=0.2,
                lost_ack=0.1,
                silent_success=0.1,
                thinking="concurrent",
                thinking_time=1.0,
                action_latency=0.3,
                mode="summary",
                fidelity=0.7,
                delay=0.5,
            )
