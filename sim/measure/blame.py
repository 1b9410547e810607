"""Whose doing it is that a call fails, asked of the world as the call finds it."""

from __future__ import annotations

from plandrift.sim.terms.calls import Step, Value
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import Move, Truth


class Blame:
    """What is to be known of the calls of one agent to say which of its failures are its own doing.

    A step that needs what a call of the agent's own has left undone, or changed besides, fails by the
    agent's own doing as long as nobody has moved it since.
    """

    __slots__ = ("_agent", "_not_done", "_truth", "_undone")

    def __init__(self, truth: Truth, agent: int) -> None:
        self._truth, self._agent = truth, agent
        # What the call under way was to write, where it did not do its work, and the last move of each then.
        self._not_done: dict[str, tuple[Value, Move | None]] = {}
        # The same of all calls that were reported ok all the same, and were the last to be at this work.
        self._undone: dict[str, tuple[Value, Move | None]] = {}

    def landing(self, step: Step, effect: Effect) -> tuple[str, ...]:
        """The call of a step is about to have this effect. Returns what it fails for, by its cause.

        That is ``own_void``, ``side_effect``, ``done_already`` or ``done_by_other``, or nothing.
        """
        outcome, moves = effect.outcome, self._truth.moves
        if outcome == "effective":
            return ()
        # What a call of old has left undone is asked about first: this one may leave it undone again.
        found = self._found(step, effect)
        if outcome in ("void", "harmful"):
            self._not_done = {f: (value, moves.get(f)) for f, value in step.writes.items()}
        return found

    def answered(self, step: Step, reported: str | None) -> None:
        """The agent was told this of the call that has landed."""
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
        """Whether the agent, and nobody else, has made what the step is to write what it is."""
        moves = self._truth.moves
        return {moves[f][0].agent for f in step.writes if f in moves} == {self._agent}
