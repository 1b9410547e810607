"""The policy interface: three questions, and what to do at a plan's end, answered from the view alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from plandrift.sim.settings.fields import Settings
from plandrift.sim.terms.calls import Call, Step

if TYPE_CHECKING:
    from plandrift.sim.interfaces.view import View


class Observation(NamedTuple):
    """News that has reached the belief.

    Attributes:
        time: when it arrived.
        taken: when it was true in the world.
        by: how it came: ``push``, ``poll`` or ``on-action``; or ``handover``, when a plan has been handed
            over: the observation then repeats everything heard since the plan's basis was read, because the
            policy was asked about it only with the old plan in hand.
        fluents: the fluents that it reports.
        news: those whose believed value or version it changed.

    >>> Observation(time=3.0, taken=2.0, by="push", fluents=("door",), news=("door",)).taken
    2.0
    """

    time: float
    taken: float
    by: str
    fluents: tuple[str, ...]
    news: tuple[str, ...]


class Decision(NamedTuple):
    """The answer to the first question: keep the plan, replan, or give up.

    Attributes:
        kind: what to do.
        reason: why, for the trace.
        after: replan only once this much time has passed without another such decision (a debounce).

    >>> KEEP.kind, Decision("replan", "the door is shut").reason
    ('keep', 'the door is shut')
    """

    kind: Literal["keep", "replan", "give-up"]
    reason: str = ""
    after: float = 0.0


class Verdict(NamedTuple):
    """The answer to the second question, about a call that is about to fire.

    Attributes:
        kind: ``fire``; ``warn`` (fire, but note the reason); ``if-match`` (fire, and let the call carry
            the step's assumptions, so that the world refuses it if one does not hold when it lands);
            ``block`` (do not fire; replan or, with `skip`, go on to the next step); ``read`` (read the
            step's assumptions fresh and ask again); ``replan`` (do not fire, although nothing is wrong with
            the call); ``give-up``.
        reason: why, for the trace and the table.
        skip: after a block, go on to the next step instead of replanning.
        after: after a block or a `replan`, request the replan only once this much time has passed.
        compares: with ``if-match``, whether the world compares values or versions; ``latest`` carries the
            versions last heard of, whatever the step was planned for.
        declares: with ``if-match``, the probability that each assumption is carried.
        hands_back: with ``if-match``, whether a refusal brings what the call carried, as it is now.
        keyed: whether the call carries a key, by which the world recognizes a retry of it.

    >>> FIRE.kind, Verdict("if-match", compares="version").declares
    ('fire', 1.0)
    """

    kind: Literal["fire", "warn", "if-match", "block", "read", "replan", "give-up"]
    reason: str = ""
    skip: bool = False
    after: float = 0.0
    compares: Literal["value", "version", "latest"] = "value"
    declares: float = 1.0
    hands_back: bool = False
    keyed: bool = False


class Acknowledgment(NamedTuple):
    """What came back from a call.

    Attributes:
        reported: ``ok``, ``error``, ``refused`` (an assumption that the call carried did not hold), or
            None if no answer came in time.
        verified: after a `verify`, whether the effects were seen; None before.
        refreshed: after a `refresh`, True: the step's assumptions have been read since.
        failures: how many times in a row this step's call was reported failed, timed out or refuted.

    >>> Acknowledgment("refused", verified=None, refreshed=False, failures=1).reported
    'refused'
    """

    reported: Literal["ok", "error", "refused"] | None
    verified: bool | None
    refreshed: bool
    failures: int


class Reaction(NamedTuple):
    """The answer to the third question.

    Attributes:
        kind: ``go-on`` with the next step; ``verify`` (read the effects and ask again); ``refresh`` (read
            the step's assumptions and ask again); ``retry`` the step; ``replan``; or ``give-up``.
        reason: why, for the trace.
        after: request the replan only once this much time has passed.

    >>> GO_ON.kind, VERIFY.kind, REFRESH.kind
    ('go-on', 'verify', 'refresh')
    """

    kind: Literal["go-on", "verify", "refresh", "retry", "replan", "give-up"]
    reason: str = ""
    after: float = 0.0


KEEP = Decision("keep")
FIRE = Verdict("fire")
GO_ON = Reaction("go-on")
VERIFY = Reaction("verify")
REFRESH = Reaction("refresh")


@dataclass(frozen=True)
class Policy(Settings):
    """A sync policy: it decides when to replan, what may fire, and how to react to an answer.

    Override the methods you need; by default the plan is kept and every call fires. A policy holds no state
    and decides from the view alone: the belief, the plan, the time and the counts. Make it a frozen
    dataclass; fields made with `plandrift.setting` become its settings.

    Attributes:
        checks: whether the second question is asked when a call is bound (``prepare``) or at the
            moment it fires (``fire``, the default); `agent.prepare_time` lies between the two.

    Example (replan whenever the plan is older than a limit):

    >>> from plandrift import setting
    >>> @dataclass(frozen=True)
    ... class Impatient(Policy):
    ...     '''Replan before a step if the plan is older than a limit.'''
    ...     limit: float = setting(5.0, "the greatest plan age to fire at", unit="time", low=0)
    ...     def before_fire(self, view, step, call):
    ...         return Verdict("replan", "too old") if view.plan_age > self.limit else FIRE
    """

    @property
    def name(self) -> str:
        """The policy's name in tables and plots."""
        return type(self).__name__

    @property
    def checks(self) -> Literal["prepare", "fire"]:
        """When the second question is asked."""
        return "fire"

    @property
    def repairs(self) -> bool:
        """Whether a replan keeps what it can of the plan in hand, instead of planning from scratch."""
        return False

    @property
    def listens(self) -> bool:
        """Whether the first question is asked at all; False for a policy that always keeps its plan."""
        return type(self).observed is not Policy.observed

    def observed(self, view: View, observation: Observation) -> Decision:
        """Decide whether to keep the plan or replan, after an observation or the hand-over of a plan."""
        return KEEP

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """Decide about a call that is about to fire: fire, fire if-match, block, read fresh, or replan."""
        return FIRE

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        """Decide how to react to an answer: go on, verify, refresh, retry, or replan.

        By default, a call whose acknowledgment did not come is retried, and after a refused call the step's
        assumptions are read before replanning.
        """
        if answer.reported == "refused":
            return Reaction("replan", "refused") if answer.refreshed else REFRESH
        return GO_ON if answer.reported is not None else Reaction("retry", "no acknowledgment")

    def used_up(self, view: View) -> Decision:
        """Decide what to do when the plan has no steps left and the belief does not meet the goals.

        By default (``keep``), the agent declares itself done.
        """
        return KEEP

    def parts(self) -> Mapping[str, object]:
        """Return the parts that make up the policy, by setting name; for tables."""
        return {}
