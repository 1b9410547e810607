"""A condition's settings and a scene's arrays, written to where the compiled engine reads them."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.coverage import TRIGGER
from plandrift.experiments.twin.stage import AHEAD
from plandrift.policies import Assembled
from plandrift.sim import Agent, ArrayScene, Channel, Distribution, Handoff, Streams
from plandrift.sim.settings.exogenous import blocks
from plandrift.sim.settings.faults import Rate, rate_for

Draw = Callable[[], Any]
"""Makes the next block of draws of a stream."""

UNIFORM = 512
"""How many draws of a stream of uniform numbers are made at once."""
NAMES = {
    at.SLIP: "agent.slip",
    at.LOST_ACK: "agent.lost_ack",
    at.SILENT: "agent.silent_success",
    at.SIDE: "agent.side_effects",
    at.ERROR: "agent.planner_error",
    at.HANDOFF: "handoff",
    at.DECLARES: "policy.declares",
    at.LOSS: "channel.loss",
    at.LATENCY: "channel.latency",
    at.THINK: "agent.thinking_time",
    at.DURATION: "agent.step_duration",
    at.ACTION: "agent.action_latency",
    at.PREPARE: "agent.prepare_time",
    at.READ: "agent.read_latency",
    at.TIMEOUT: "agent.ack_timeout",
    at.DELAY: "handoff.delay",
}
"""The engine's names for the streams."""


class TwinSettings:
    """A condition's settings in numbers, and the streams that it draws from.

    Attributes:
        record: the record with the layout `RULES`.
        horizon: latest time at which an episode ends.
        fluents: the fluents of the array scene that it was last adapted to.
        times: the varying times, by stream.
        uniform: the streams of uniform numbers in use.
    """

    def __init__(
        self, policy: Assembled, channel: Channel, agent: Agent, handoff: Handoff, horizon: float
    ) -> None:
        record = self.record = np.zeros(1, dtype=at.RULES)
        self.horizon = horizon
        self.channel, self.agent, self.policy = channel, agent, policy
        summary = handoff.mode == "summary" and agent.minds == 2
        bounds: dict[str, Any] = {
            "min_interval": policy.min_interval,
            "debounce": policy.debounce,
            "backoff": policy.backoff,
            "thinking_share": -1.0 if policy.max_thinking_share is None else policy.max_thinking_share,
            "max_replans": at.NONE if policy.max_replans is None else policy.max_replans,
            "max_failures": at.NONE if policy.max_failures is None else policy.max_failures,
            "goes_on": policy.when_bounded == "go-on",
        }
        parts: dict[str, Any] = {
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
        }
        others: dict[str, Any] = {
            "horizon": horizon,
            "poll_every": channel.poll_every,
            "silence": -1.0 if channel.silence is None else channel.silence,
            "loss": channel.loss,
            "scoped": channel.scope != ("*",),
            "sampling": {"push": at.PUSH, "poll": at.POLL, "on-action": at.ON_ACTION}[channel.sampling],
            "fidelity": handoff.fidelity,
            "summary": summary,
            "blocking": agent.thinking == "blocking",
            "interrupted": {"finish": at.FINISH, "restart": at.RESTART, "replace": at.REPLACE}[
                agent.interrupted
            ],
            "error": agent.planner_error,
        }
        for name, value in (bounds | parts | others).items():
            record[name] = value
        delay = handoff.delay if agent.minds == 2 else Handoff().delay
        self.fluents: tuple[str, ...] = ()
        self.times: dict[int, Distribution] = {}
        for stream, time in (
            *((at.LATENCY, channel.latency), (at.THINK, agent.thinking_time)),
            *((at.DURATION, agent.step_duration), (at.ACTION, agent.action_latency)),
            *((at.PREPARE, agent.prepare_time), (at.READ, agent.read_latency)),
            *((at.TIMEOUT, agent.ack_timeout), (at.DELAY, delay)),
        ):
            if time.fixed is None:
                self.times[stream] = time
            else:
                record["constant"][0, stream] = time.fixed
        self.uniform = [
            stream
            for stream, used in (
                *((at.ERROR, bool(agent.planner_error)), (at.HANDOFF, summary)),
                *((at.DECLARES, policy.declares < 1), (at.LOSS, bool(channel.loss))),
            )
            if used
        ]
        self._drawn([*self.times, *self.uniform])

    def _drawn(self, streams: list[int]) -> None:
        for stream in streams:
            self.record["drawn"][0, stream] = 1
            self.record["ahead"][0, stream] = AHEAD[stream in (at.ERROR, at.HANDOFF)]

    def of_scene(self, table: ArrayScene) -> None:
        """Set what also depends on the world: rates by action, and the fluents seen and watched."""
        rates: tuple[tuple[str, int, Rate], ...] = (
            ("slip", at.SLIP, self.agent.slip if self.agent.minds == 2 else 0.0),
            ("lost_ack", at.LOST_ACK, self.agent.lost_ack),
            ("silent", at.SILENT, self.agent.silent_success),
            ("side", at.SIDE, self.agent.side_effects),
        )
        used = []
        for name, stream, rate in rates:
            self.record[name] = rate_for(rate, table.action)
            if rate_for(rate, table.action):
                used.append(stream)
        self.uniform += used
        self._drawn(used)
        patterns = self.policy.watches if self.policy.trigger == "new" else ()
        seen = self.channel.visible(table.fluents)
        self.fluents = table.fluents
        for i, fluent in enumerate(table.fluents):
            self.record["watched"][0, i] = any(fnmatchcase(fluent, p) for p in patterns)
            self.record["visible"][0, i] = seen is None or fluent in seen


def load(table: ArrayScene) -> NDArray[Any]:
    """Return an array scene as a record with the layout `SCENE`."""
    record = np.zeros(1, dtype=at.SCENE)
    scene, count, jobs, moving = record[0], len(table.fluents), len(table.writes), table.moving
    width = table.needs.shape[1]
    scene["fluents"], scene["jobs"], scene["sides"] = count, jobs, len(table.sides)
    scene["sibling_next"], scene["sibling_values"] = table.next_sibling, table.siblings
    scene["first"][:count], scene["wanted"][:count] = table.first, at.NONE
    scene["wanted"][table.writes] = table.done
    scene["rule"][moving] = table.rules
    scene["side"][: len(table.sides)] = table.sides
    scene["writes"][:jobs], scene["done"][:jobs] = table.writes, table.done
    for name, part in (
        *(("fluent", table.needs), ("fixed", table.values)),
        *(("nature", table.natures), ("lossy", table.lossy)),
    ):
        scene[name][:jobs, :width] = part
    scene["fluent"][:jobs, width:] = at.NONE
    return record


class Changes:
    """The exogenous changes of one scene, drawn as far as an episode has needed them."""

    def __init__(self, table: ArrayScene, random: Streams) -> None:
        self._moving = table.moving
        self._blocks = blocks(random["exogenous"], table.weights, table.rate)
        self._drawn: list[tuple[Any, Any, Any]] = []

    def block(self, number: int) -> tuple[Any, Any, Any] | None:
        """Return the times, fluents and marks of a block; None if nothing ever changes."""
        while len(self._drawn) <= number:
            found = next(self._blocks, None)
            if found is None:
                return None
            times, places, marks = found
            self._drawn.append((times, self._moving[places], marks))
        return self._drawn[number]


class Draws:
    """The random numbers of one episode, from the same streams that the engine uses."""

    def __init__(self, settings: TwinSettings, changes: Changes, random: Streams, state: Any) -> None:
        self._state, self._horizon = state, settings.horizon
        self._ahead = settings.record["ahead"][0]
        self._makers: dict[int, Draw] = {}
        for stream, time in settings.times.items():
            self._makers[stream] = partial(_times, time, random[NAMES[stream]])
        for stream in settings.uniform:
            self._makers[stream] = partial(random[NAMES[stream]].random, UNIFORM)
        self._changes, self._at, self._blocks = changes, 0, 1
        state["changes_ready"] = state["next_change"] = 0
        if self._makers:
            state["drawn_at"] = state["drawn_to"] = 0
        self.make_ready()

    def make_ready(self) -> None:
        """Refill what is missing."""
        state = self._state[0]
        ready = int(state["changes_ready"])
        if ready - int(state["next_change"]) < 2:
            for _ in range(self._blocks):
                block = self._changes.block(self._at)
                if block is None:
                    break
                self._at += 1
                times, fluents, marks = block
                begin, end = ready % at.CHANGES, ready % at.CHANGES + len(times)
                state["change_time"][begin:end] = times
                state["change_fluent"][begin:end] = fluents
                state["change_mark"][begin:end] = marks
                ready += len(times)
                if times[-1] > self._horizon:
                    break
            state["changes_ready"] = ready
            # The longer the episode lasts, the more is drawn at once.
            self._blocks = min(2 * self._blocks, 16)
        for stream, make in self._makers.items():
            to = int(state["drawn_to"][stream])
            while to - state["drawn_at"][stream] < self._ahead[stream]:
                block = make()
                begin = to % at.DRAWS
                state["draws"][stream, begin : begin + len(block)] = block
                to += len(block)
            state["drawn_to"][stream] = to


def _times(time: Distribution, random: Any) -> list[float]:
    return time.block(random)
