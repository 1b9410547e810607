"""What a policy is: three questions, and what to do at a plan's end, answered from the view alone."""

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
        by: how it came: ``push``, ``poll`` or ``on-action``; or ``handover``: a plan was handed over,
            and this is all that was heard since its basis was read and was asked of the plan before.
        fluents: what it tells of.
        news: those of which it changed the believed value or version.

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
        after: replan only when this long has passed with no further such decision (a debounce).

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
            the step's assumptions, so that the world refuses it when one does not hold as it lands);
            ``block`` (do not fire it, and replan or, with `skip`, go on to the next step); ``read`` the
            step's assumptions fresh and ask again; ``replan`` (do not fire it, with no objection to the
            call); ``give-up``.
        reason: why, for the trace and the table.
        skip: after a block, go on with the next step and do not replan.
        after: after a block or a `replan`, ask for the replan only when so long has passed.
        compares: with ``if-match``: whether the world compares values, or versions.
        declares: with ``if-match``: how likely each assumption is to be carried.

    >>> FIRE.kind, Verdict("if-match", compares="version").declares
    ('fire', 1.0)
    """

    kind: Literal["fire", "warn", "if-match", "block", "read", "replan", "give-up"]
    reason: str = ""
    skip: bool = False
    after: float = 0.0
    compares: Literal["value", "version"] = "value"
    declares: float = 1.0


class Acknowledgment(NamedTuple):
    """What came back of a call.

    Attributes:
        reported: ``ok``, ``error``, ``refused`` (an assumption that the call carries did not hold), or
            None where no answer came in time.
        verified: after a `verify`: whether the effects were seen; before, None.
        refreshed: whether the step's assumptions have been read since, after a `refresh`.
        failures: how often in a row this step's call was reported failed, timed out or refuted.

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
        kind: go on with the next step; ``verify`` the effects by a read, or ``refresh`` the step's
            assumptions by one, and ask again; ``retry`` the step; ``replan``; or ``give-up``.
        reason: why, for the trace.
        after: ask for the replan only when so long has passed.

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
    """A sync policy: when to replan, what may fire, and what to make of an answer.

    Override what matters; what is not answered keeps the plan and fires. A policy holds no state
    and decides by the view alone: the belief, the plan, the time and the counts. Make it a frozen
    dataclass; fields made with `plandrift.setting` become its settings.

    Attributes:
        checks: whether the second question is asked when a call is bound (``prepare``) or at the
            moment it fires (``fire``, the default); the two differ by `agent.prepare_time`.

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
        """What tables and plots call it."""
        return type(self).__name__

    @property
    def checks(self) -> Literal["prepare", "fire"]:
        """When the second question is asked."""
        return "fire"

    @property
    def repairs(self) -> bool:
        """Whether a replan keeps what it can of the plan in hand, rather than beginning from nothing."""
        return False

    @property
    def listens(self) -> bool:
        """Whether the first question is asked at all: not of a policy that always keeps its plan."""
        return type(self).observed is not Policy.observed

    def observed(self, view: View, observation: Observation) -> Decision:
        """An observation came, or a plan was handed over: keep the plan, or replan?"""
        return KEEP

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """This call is about to fire: fire, fire if-match, block, read fresh first, or replan?"""
        return FIRE

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        """This answer came back: go on, verify, refresh, retry, or replan?

        Unless overridden, a call whose acknowledgment did not come is tried again, and after a call that
        was refused the step's assumptions are read before the plan is made anew.
        """
        if answer.reported == "refused":
            return Reaction("replan", "refused") if answer.refreshed else REFRESH
        return GO_ON if answer.reported is not None else Reaction("retry", "no acknowledgment")

    def used_up(self, view: View) -> Decision:
        """The plan has no steps left and the belief does not meet the goals: done, or replan?

        Unless overridden (``keep``), the agent declares itself done.
        """
        return KEEP

    def parts(self) -> Mapping[str, object]:
        """What it is put together from, by setting name; for tables."""
        return {}
