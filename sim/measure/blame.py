"""Blame: whose fault it is that a call fails, judged by the world just before the call lands."""

from __future__ import annotations

from plandrift.sim.terms.calls import Step, Value
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import Move, Truth


class Blame:
    """A memory of one agent's calls, to tell which of its failures are its own fault.

    If a step fails because one of the agent's own calls did nothing, or had a side effect, it is the agent's
    own fault as long as nobody else has changed the fluent since.
    """

    __slots__ = ("_agent", "_not_done", "_truth", "_undone")

    def __init__(self, truth: Truth, agent: int) -> None:
        self._truth, self._agent = truth, agent
        # Filled if the call in flight did not do its work: what it should have written, with the last moves.
        self._not_done: dict[str, tuple[Value, Move | None]] = {}
        # The same for every call that did not, was reported ok, and was the last one at its work.
        self._undone: dict[str, tuple[Value, Move | None]] = {}

    def landing(self, step: Step, effect: Effect) -> tuple[str, ...]:
        """Note that a step's call is about to have this effect, and return the causes of its failure.

        These are ``own_void``, ``side_effect``, ``done_already`` or ``done_by_other``; empty if none fits.
        """
        outcome, moves = effect.outcome, self._truth.moves
        if outcome == "effective":
            return ()
        # Earlier calls that did nothing are considered first, because this one may do nothing again.
        found = self._found(step, effect)
        if outcome in ("void", "harmful"):
            self._not_done = {f: (value, moves.get(f)) for f, value in step.writes.items()}
        return found

    def answered(self, step: Step, reported: str | None) -> None:
        """Note what the agent was told about the call that has landed."""
        if self._undone:
            for fluent in step.writes:
                self._undone.pop(fluent, None)
        if self._not_done:
            if reported == "ok":
                self._undone |= self._not_done
            self._not_done = {}

    def _found(self, step: Step, effect: Effect) -> tuple[str, ...]:
        if effect.outcome == "repeat":
            return ("done_already",) if self._did(step) else ("done_by_other",)
        if not effect.violated or effect.outcome == "refused":
            return ()
        moves, undone, own_void = self._truth.moves, self._undone, False
        for fluent in effect.violated:
            move = moves.get(fluent)
            if fluent in undone and undone[fluent] == (step.requires.get(fluent), move):
                own_void = True
            elif move is None or move[0].planned or move[0].agent != self._agent:
                return ()
        return ("own_void",) if own_void else ("side_effect",)

    def _did(self, step: Step) -> bool:
        """Return whether everything the step should write has its value from the agent and nobody else."""
        moves = self._truth.moves
        return {moves[f][0].agent for f in step.writes if f in moves} == {self._agent}
