"""A condition's settings, written to where the compiled engine reads them."""

from __future__ import annotations

import math
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.twin import array_scene
from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.coverage import TRIGGER
from plandrift.experiments.twin.streams import FORMS
from plandrift.policies import Assembled
from plandrift.sim import Agent, ArrayScene, Channel, Distribution, Handoff
from plandrift.sim.settings.faults import rate_for


class Loaded(NamedTuple):
    """A condition, loaded.

    Attributes:
        table: its world's scenes in numbers.
        scene: the same as a record with the layout `SCENE`.
        rules: its settings as a record with the layout `RULES`.
        measured: the measured times of all its streams, one after the other.
    """

    table: ArrayScene
    scene: NDArray[Any]
    rules: NDArray[Any]
    measured: list[float]


def load(
    table: ArrayScene, policy: Assembled, channel: Channel, agent: Agent, handoff: Handoff, horizon: float
) -> Loaded:
    """Load a condition that `coverage` finds nothing lacking for."""
    summary = handoff.mode == "summary" and agent.minds == 2
    values: dict[str, Any] = {
        "min_interval": policy.min_interval,
        "debounce": policy.debounce,
        "backoff": policy.backoff,
        "thinking_share": -1.0 if policy.max_thinking_share is None else policy.max_thinking_share,
        "max_replans": at.NONE if policy.max_replans is None else policy.max_replans,
        "max_failures": at.NONE if policy.max_failures is None else policy.max_failures,
        "goes_on": policy.when_bounded == "go-on",
        "trigger": TRIGGER[policy.trigger],
        "every": np.iinfo(np.int64).max if policy.every is None else policy.every,
        "listens": policy.listens,
        "drift": policy.drift_gate,
        "reconcile": policy.reconcile,
        "verify": policy.verify,
        "idempotent": policy.idempotent,
        "fresh": policy.reads == "fresh",
        "by_version": policy.compares == "version",
        "warns": policy.on_violation == "warn",
        "prepared": policy.checks == "prepare",
        "if_match": policy.if_match != "none",
        "match_version": policy.if_match == "version",
        "declares": policy.declares,
        "heeds_errors": policy.on_error == "refresh",
        "horizon": horizon,
        "poll_every": channel.poll_every,
        "silence": -1.0 if channel.silence is None else channel.silence,
        "loss": channel.loss,
        "scoped": channel.scope != ("*",),
        "sampling": {"push": at.PUSH, "poll": at.POLL, "on-action": at.ON_ACTION}[channel.sampling],
        "fidelity": handoff.fidelity,
        "summary": summary,
        "blocking": agent.thinking == "blocking",
        "interrupted": {"finish": at.FINISH, "restart": at.RESTART, "replace": at.REPLACE}[agent.interrupted],
        "error": agent.planner_error,
        "slip": rate_for(agent.slip, table.action) if agent.minds == 2 else 0.0,
        "lost_ack": rate_for(agent.lost_ack, table.action),
        "silent": rate_for(agent.silent_success, table.action),
        "side": rate_for(agent.side_effects, table.action),
    }
    rules = np.zeros(1, dtype=at.RULES)
    for name, value in values.items():
        rules[name] = value
    patterns = policy.watches if policy.trigger == "new" else ()
    seen = channel.visible(table.fluents)
    for i, fluent in enumerate(table.fluents):
        rules["watched"][0, i] = any(fnmatchcase(fluent, p) for p in patterns)
        rules["visible"][0, i] = seen is None or fluent in seen
    measured: list[float] = []
    for stream, time in (
        *((at.LATENCY, channel.latency), (at.THINK, agent.thinking_time)),
        *((at.DURATION, agent.step_duration), (at.ACTION, agent.action_latency)),
        *((at.PREPARE, agent.prepare_time), (at.READ, agent.read_latency)),
        *(
            (at.TIMEOUT, agent.ack_timeout),
            (at.DELAY, handoff.delay if agent.minds == 2 else Handoff().delay),
        ),
    ):
        form, first, second = _numbers(time, measured)
        rules["form"][0, stream] = FORMS.index(form)
        rules["first"][0, stream], rules["second"][0, stream] = first, second
    return Loaded(table, array_scene.load(table), rules, measured)


def _numbers(time: Distribution, measured: list[float]) -> tuple[str, float, float]:
    """Return a time's form, and what `streams.time_of` takes for it."""
    first, second = time.parameters[0], time.parameters[-1]
    if time.fixed is not None:
        return "constant", time.fixed, 0.0
    if time.form == "uniform":
        return time.form, first, second - first
    if time.form == "gamma":
        return time.form, first / second, second
    if time.form == "lognormal":
        return time.form, math.log(first) - second**2 / 2, second
    if time.form == "empirical":
        measured += time.parameters
        return time.form, len(measured) - len(time.parameters), len(time.parameters)
    return time.form, first, second
