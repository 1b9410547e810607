"""A session: a real agent replaces planner and executor, in the same world and with the same channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import TracebackType
from typing import Any

from plandrift.sim.companions.description import Description
from plandrift.sim.companions.introduction import Introduction
from plandrift.sim.engine.episode import DEFAULTS, HORIZON, Episode, check_run, episode_of, staged
from plandrift.sim.engine.executor import CallReport, Reported
from plandrift.sim.interfaces.policy import Policy
from plandrift.sim.interfaces.view import View
from plandrift.sim.interfaces.world import World
from plandrift.sim.measure.metrics import Metrics
from plandrift.sim.measure.records import StepRecord
from plandrift.sim.session.answer import Answer, Known
from plandrift.sim.session.guarded_agent import GuardedAgent, Unguarded
from plandrift.sim.session.pace import Pace
from plandrift.sim.session.session_agent import SessionAgent
from plandrift.sim.session.submitted_plans import SubmittedPlans
from plandrift.sim.session.turns import Turn, call_of, call_row
from plandrift.sim.settings.agent import Agent, Handoff
from plandrift.sim.settings.assembly import assemble
from plandrift.sim.settings.channel import Channel
from plandrift.sim.terms.calls import Call, Value, frozen
from plandrift.sim.terms.clock import ACTING, Alarm
from plandrift.sim.terms.errors import PlandriftError, SettingError, nearest
from plandrift.sim.trace.events import Event, plain
from plandrift.sim.trace.files import Trace, write_lines
from plandrift.sim.usercode.own_planner import unknown_of


class Session:
    """One episode of a world in which your own program is the agent.

    The agent looks, plans if it likes, makes calls one at a time, waits, and says when it is done. Meanwhile
    the world changes through the same exogenous events that every policy meets for this seed, and everything
    is measured as in an episode. A call that is a step of the last submitted plan is measured against that
    plan; a call that is not, while steps are left, is a mismatch; and without a plan in hand, a call counts
    as a plan of one step, based on what was known when the agent decided on it.

    Args:
        world: the world and its settings.
        guard: a policy that is asked before each of the agent's calls, as in a sweep. It may block a call;
            its replans are advice. None lets everything through.
        seed: the seed of all random streams.
        horizon: the latest time at which it ends.
        name: the agent's name in tables.
        pace: the cost of thinking; see `Pace`.
        watch: returns the seconds on a clock that runs while the agent thinks, such as `time.monotonic`;
            needed only for ``wall`` and ``live``.
        channel: the observation channel.
        agent: the executor's times and faults; the thinking time is determined by the pace.
        handoff: as for `run`.
        **settings: single fields of these by name, as for `run`.

    Raises:
        SettingError: a setting has an unknown name, or a value out of range.

    >>> from plandrift.worlds import Tickets
    >>> with Session(Tickets(volatility=0.05), seed=7, latency=1.0, pace="fixed:0.5") as session:
    ...     seen = session.look("ticket-3.*")
    ...     holder = seen["ticket-3.assignee"].value
    ...     answer = session.do("assign", ticket=3, holder=holder)
    >>> answer.reported, session.steps[0].plan_age, session.metrics.steps_fired
    ('ok', 0.5, 1)
    """

    def __init__(
        self,
        world: World,
        guard: Policy | None = None,
        *,
        seed: int = 0,
        horizon: float = HORIZON,
        name: str = "agent",
        pace: str | Pace = "fixed:0",
        watch: Callable[[], float] | None = None,
        channel: Channel | None = None,
        agent: Agent | None = None,
        handoff: Handoff | None = None,
        **settings: Any,
    ) -> None:
        policy = GuardedAgent(guard=guard if guard is not None else Unguarded(), title=name)
        parts = assemble(
            channel or DEFAULTS[0], agent or DEFAULTS[1], handoff or DEFAULTS[2], settings, False
        )
        check_run(world, policy if guard is None else guard, parts, seed, horizon)
        if parts[1].thinking_time.mean or parts[1].planner_error:
            raise SettingError(
                name="agent.thinking_time" if parts[1].thinking_time.mean else "agent.planner_error",
                problem="is given",
                fix="leave it out: in a session the agent does the thinking, and the pace sets its cost",
            )
        self.world, self.policy, self.seed, self.horizon = world, policy, seed, float(horizon)
        self.pace = pace if isinstance(pace, Pace) else Pace.parse(pace)
        if self.pace.timed and watch is None:
            raise SettingError(
                name="pace", problem=f"= {self.pace}", fix="also give a clock: watch=time.monotonic"
            )
        trace = Trace()
        self._stage = staged(world, policy, parts, seed, self.horizon, None, trace, SessionAgent)
        mine = self._stage.agent
        assert isinstance(mine, SessionAgent)
        assert isinstance(mine.state.planner, SubmittedPlans)
        self._setup, self._trace, self._agent = self._stage.setup, trace, mine
        self._state, self._tracked, self._planner = mine.state, mine.state.tracked, mine.state.planner
        self._stage.begin()
        self._planner.advice = ""
        self._introduction = Description.of(self._setup.scene).introduction()
        self._turns: list[Turn] = []
        self._repeated: float | None = None
        self._declared = self._waited_for = False
        self._metrics: Metrics | None = None
        self._tokens = 0.0
        self._watch = watch or (lambda: 0.0)
        self._began = self._answered = self._watch()

    # What the agent may know.

    @property
    def time(self) -> float:
        """The current time, in the world's units."""
        return self._setup.clock.now

    @property
    def over(self) -> bool:
        """Whether the session has ended."""
        return self._stage.ended is not None

    @property
    def introduction(self) -> Introduction:
        """The introduction to the world: its task, calls and glossary."""
        return self._introduction

    @property
    def goals(self) -> Mapping[str, Value]:
        """The value that each goal fluent should hold."""
        return dict(self._setup.scene.goals)

    @property
    def goals_met(self) -> bool:
        """Whether every goal holds as far as the agent knows; False if there are no goals."""
        return bool(self._setup.scene.goals) and not self._state.belief.open

    @property
    def view(self) -> View:
        """The view that a policy in the agent's place would have; valid until the next turn."""
        return self._state.view()

    @property
    def plan_left(self) -> tuple[Call, ...]:
        """The calls of the last submitted plan that have yet to be made."""
        return tuple([step.call for step in self._tracked.rest]) if self._planned else ()

    @property
    def busy(self) -> bool:
        """Whether a call is in flight."""
        return self._agent.busy

    @property
    def thinking(self) -> bool:
        """Whether a plan is being made or handed over."""
        return self._planner.busy

    @property
    def ahead(self) -> float:
        """By how many seconds the world is ahead of the clock of a live pace."""
        if self.pace.kind != "live" or not self.pace.rate or self.over:
            return 0.0
        return self.time / self.pace.rate - (self._watch() - self._began)

    def known(self, *patterns: str) -> dict[str, Known]:
        """Return what the agent already knows about the matching fluents; by default about all of them."""
        belief = self._tracked.belief
        return {
            fluent: Known(value, belief.times[fluent])
            for fluent, value in belief.values.items()
            if not patterns or any(fnmatchcase(fluent, pattern) for pattern in patterns)
        }

    def spent(self, tokens: float) -> None:
        """Report the tokens that the agent has used since its last turn."""
        self._tokens += tokens

    # What the agent does.

    def look(self, *patterns: str) -> dict[str, Known]:
        """Read the matching fluents; those that cannot be seen are returned as last known.

        Raises:
            SettingError: no fluent matches.
        """
        found = list(self.known(*patterns))
        if not found:
            raise SettingError(
                name="look", problem=f"= {', '.join(patterns)!r}: no fluent matches", fix="give names, or *"
            )
        self._pay(self._turn("look", {"patterns": list(patterns)}))
        done = self._agent.look(found)
        self._stage.turn(lambda: done.done)
        return self.known(*patterns)

    def do(self, action: str | Call, /, if_match: Mapping[str, Value] | None = None, **args: Any) -> Answer:
        """Make a call and wait for its answer.

        Args:
            action: the name of the action, or a whole call.
            if_match: what the call depends on: fluents with the values that they must have when it reaches
                the world. If one does not, the world refuses it and does nothing.
            **args: the arguments of the call.

        Raises:
            SettingError: the world has no such call or fluent.
            PlandriftError: another call is in flight, or the session has ended.
        """
        self._send(self._call(action, args), if_match or {}, sent=False)
        self._stage.turn(lambda: self._agent.report is not None)
        return self._answer()

    def send(self, action: str | Call, /, if_match: Mapping[str, Value] | None = None, **args: Any) -> None:
        """Make a call without waiting; `wait` returns its answer."""
        self._send(self._call(action, args), if_match or {}, sent=True)

    def submit_plan(self, calls: Iterable[Call] | None) -> Answer:
        """Declare the calls that the agent intends to make from here on, in order; None for no plan.

        Raises:
            SettingError: the world does not have one of the calls.
        """
        self._submit(calls, sent=False)
        self._stage.turn(lambda: not self._planner.busy)
        return self._answer()

    def send_plan(self, calls: Iterable[Call] | None) -> None:
        """Declare a plan without waiting for its thinking time to pass; `wait` returns when it has."""
        self._submit(calls, sent=True)

    def wait(self, time: float | None = None, *, news: bool = False) -> Answer:
        """Wait for some time or until news arrives; the answer to a call, or a plan, ends the wait as well.

        Args:
            time: how long, in units of the world's time; until the next news if not given.
            news: whether news ends the wait early.
        """
        if time is not None and not 0 <= time < float("inf"):
            raise SettingError(name="wait.time", problem=f"= {time}", fix="give a time of at least 0")
        busy, planned = self._agent.busy, self._planner.busy
        cost = self._turn("wait", {"time": time, "news": news})
        self._pay(cost)
        rung: list[bool] = []
        if time is not None:
            Alarm(self._setup.clock, lambda _: rung.append(True), ACTING).set(time)
        agent, planner = self._agent, self._planner
        until_news = news or time is None

        def enough() -> bool:
            called = self._waited_for and agent.report is not None
            arrived = called or (busy and not agent.busy) or (planned and not planner.busy)
            return arrived or bool(rung) or (until_news and bool(agent.heard))

        self._stage.turn(enough)
        return self._answer()

    def done(self) -> Answer:
        """Declare the task done, which ends the session."""
        self._pay(self._turn("done", {}))
        if not self.over:
            self._end("done")
        return self._answer()

    def leave(self, reason: str) -> None:
        """End the session because the agent left without declaring itself done: it counts as giving up."""
        if not self.over:
            self._state.give_up(reason)
            self._end("gave-up")

    def repeat(self, turns: Iterable[Turn]) -> Session:
        """Replay recorded turns, each at its recorded cost, and return the session."""
        for turn in turns:
            self._repeated, given = turn.cost, turn.given
            if turn.kind == "look":
                self.look(*given["patterns"])
            elif turn.kind == "do":
                make = self.do if given["waits"] else self.send
                make(call_of(given), if_match={f: frozen(held) for f, held in given.get("if_match", ())})
            elif turn.kind == "submit_plan":
                rows = given["calls"]
                calls = None if rows is None else [call_of(row) for row in rows]
                declare = self.submit_plan if given["waits"] else self.send_plan
                declare(calls)
            elif turn.kind == "wait":
                self.wait(given["time"], news=given["news"])
            else:
                self.done()
        self._repeated = None
        return self

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.leave(" ".join(f"{type(error).__name__}: {error}".split())[:200])
        elif not self.over:
            self._end("done")

    # What the session leaves behind.

    @property
    def record(self) -> tuple[Turn, ...]:
        """The agent's turns, with the cost of its thinking; `repeat` replays them."""
        return tuple(self._turns)

    @property
    def metrics(self) -> Metrics:
        """The figures of the session.

        Raises:
            PlandriftError: the session has not ended.
        """
        if self._metrics is None:
            if not self.over:
                raise PlandriftError("the session has not ended: call done(), or leave its `with` block")
            self._metrics = self._stage.metrics()
        return self._metrics

    @property
    def steps(self) -> tuple[StepRecord, ...]:
        """One record for each call that has been answered."""
        return tuple(self._tracked.records)

    @property
    def trace(self) -> tuple[Event, ...]:
        """Every event so far; after the end, a complete trace."""
        if self.over:
            _ = self.metrics
        return tuple(self._trace.events)

    @property
    def episode(self) -> Episode:
        """The session as an episode, for functions that take one."""
        metrics = self.metrics
        return episode_of(self.world, self.seed, self._stage, metrics)

    def save(self, path: Path | str) -> None:
        """Write the trace as JSON lines."""
        write_lines(self.trace, Path(path))

    # How a turn works.

    @property
    def _planned(self) -> bool:
        """Whether the agent has declared a plan, and has not since declared that it has none."""
        return self._declared and not self._state.waiting

    def _turn(self, kind: str, given: Mapping[str, Any]) -> float:
        """Begin a turn, and return the cost of the thinking before it."""
        if self.over:
            raise PlandriftError(f"the session has ended ({self._stage.ended}): start a new one")
        cost = self._repeated
        if cost is None:
            if self.pace.kind == "live":
                cost = max(0.0, -self.ahead * self.pace.rate)
            else:
                cost = self.pace.cost(kind, self._watch() - self._answered, self._tokens)
        self._tokens = 0.0
        self._turns.append(Turn(kind, given, cost))
        return cost

    def _pay(self, cost: float) -> None:
        """Let the world run for as long as the agent has thought."""
        if cost > 0:
            rung: list[bool] = []
            Alarm(self._setup.clock, lambda _: rung.append(True), ACTING).set(cost)
            self._stage.turn(lambda: bool(rung))

    def _flush(self) -> None:
        """Let everything else that is due at this instant happen before a call is made, as in an episode."""
        rung: list[bool] = []
        Alarm(self._setup.clock, lambda _: rung.append(True), ACTING).set(0)
        self._stage.turn(lambda: bool(rung))

    def _call(self, action: str | Call, args: Mapping[str, Any]) -> Call:
        """Return the call that the arguments describe, if the world has it."""
        named, given = (action.action, dict(action.args)) if isinstance(action, Call) else (action, args)
        call = self._introduction.call(named, given)
        wrong = unknown_of(self._setup.scene, call)
        if wrong is not None:
            unknown, why = wrong
            what = f"there is no {unknown!r}" if unknown else f"the world does not know it ({why})"
            raise SettingError(name="call", problem=f"= {call}: {what}", fix="check the arguments")
        return call

    def _submit(self, calls: Iterable[Call] | None, sent: bool) -> None:
        made = None if calls is None else [self._call(call, {}) for call in calls]
        if self._planner.busy:
            raise PlandriftError("a plan is still being made: wait for it first")
        rows = None if made is None else [call_row(call) for call in made]
        cost = self._turn("submit_plan", {"calls": rows, "waits": not sent})
        self._declared = True
        self._planner.submit(made, self._setup.scene.goals, cost)

    def _send(self, call: Call, if_match: Mapping[str, Value], sent: bool) -> None:
        if self._waited_for or self._planner.busy:
            what = "a call is in flight" if self._waited_for else "a plan is still being made"
            raise PlandriftError(f"{call}: {what}: wait for it first")
        for fluent in if_match:
            if fluent not in self._tracked.belief.values:
                fix = nearest(str(fluent), map(str, self._tracked.belief.values))
                raise SettingError(name="if_match", problem=f"= {fluent!r:.60}", fix=fix)
        rests = [[fluent, plain(value)] for fluent, value in if_match.items()]
        cost = self._turn("do", call_row(call) | {"waits": not sent} | ({"if_match": rests} if rests else {}))
        self._stage.turn(lambda: not self._agent.busy)
        place = self._place(call)
        tracked = self._tracked
        if place is None:
            # No plan names the call: it counts as a plan of one step, based on what is known now.
            self._declared = False
            self._planner.submit([call], {}, cost)
            self._stage.turn(lambda: not self._planner.busy)
            place, cost = 0, 0.0
        self._flush()
        handed = tracked.handed
        if self.over or handed is None:
            return
        tracked.chosen, self._waited_for = place, True
        self._agent.begin((handed, place), call, cost, {f: (held, None) for f, held in if_match.items()})

    def _place(self, call: Call) -> int | None:
        """Return the step of the plan in hand that names a call: the next, a later or an earlier one.

        A call that the plan does not name counts as its next step; None if no step is left, or no plan.
        """
        tracked = self._tracked
        handed, perceived = tracked.handed, tracked.perceived
        if not self._planned or handed is None or perceived is None:
            return None
        places = [i for i, step in enumerate(handed.plan.steps) if step.call == call]
        left = [i for i in places if perceived.unfired >> i & 1]
        if left:
            return left[0]
        if places:
            tracked.retried(places[-1])
            return places[-1]
        return tracked.next

    def _answer(self) -> Answer:
        """Return what the agent is told at the end of a turn."""
        self._settle()
        reported: Reported = ""
        reason = ""
        if self._waited_for:
            reported, reason = self._agent.report or CallReport("under way")
            self._waited_for = self._agent.report is None
        heard, self._agent.heard[:] = tuple(self._agent.heard), []
        self._answered = self._watch()
        return Answer(self.time, reported, reason, heard, self._planner.advice, self.over)

    def _settle(self) -> None:
        """Between two turns, end if the guard has given up; ask it what to do if the plan is used up."""
        state, tracked = self._state, self._tracked
        if self.over or self._agent.busy or self._planner.busy:
            return
        used_up = self._declared and tracked.handed is not None and tracked.next is None
        wanting = not self.goals_met and not state.waiting and not self._planner.advice
        if used_up and wanting and state.gave_up is None:
            state.used_up()
        if state.gave_up is not None:
            self._end("gave-up")

    def _end(self, how: str) -> None:
        self._stage.end(how)
        self._answered = self._watch()
