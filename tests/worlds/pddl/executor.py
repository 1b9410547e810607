"""A reader and executor of PDDL that shares no code with plandrift: it replays plans on the texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

State = set[tuple[str, ...]]


def parsed(text: str) -> list[Any]:
    stack: list[list[Any]] = [[]]
    for token in re.findall(r"[()]|[^\s()]+", re.sub(r";[^\n]*", "", text).lower()):
        if token == "(":
            stack.append([])
        elif token == ")":
            whole = stack.pop()
            stack[-1].append(whole)
        else:
            stack[-1].append(token)
    found: list[Any] = stack[0][0]
    return found


def typed(words: list[Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    waiting: list[str] = []
    kinds = iter(words)
    for word in kinds:
        if word == "-":
            kind = next(kinds)
            found += [(one, kind) for one in waiting]
            waiting = []
        else:
            waiting.append(word)
    return found + [(one, "object") for one in waiting]


class Executor:
    def __init__(self, domain: str, problem: str) -> None:
        parts = [*parsed(domain)[1:], *parsed(problem)[1:]]
        self._above = {k: v for part in parts if part[0] == ":types" for k, v in typed(part[1:])}
        named = [typed(part[1:]) for part in parts if part[0] in (":constants", ":objects")]
        self._kinds = {name: kind for pairs in named for name, kind in pairs}
        self._actions = {p[1]: dict(zip(p[2::2], p[3::2], strict=True)) for p in parts if p[0] == ":action"}
        self._rules = [part[1:] for part in parts if part[0] == ":derived"]
        [self._init] = [part[1:] for part in parts if part[0] == ":init"]
        [self._goal] = [part[1] for part in parts if part[0] == ":goal"]

    def succeeds(self, plan: Sequence[tuple[str, Sequence[str]]]) -> bool:
        """Whether each action of a plan applies in its turn, and the goal holds at the end."""
        state = self._closed({tuple(fact) for fact in self._init if fact[0] != "="})
        for name, terms in plan:
            action = self._actions[name]
            pairs = typed(action[":parameters"])
            bound = {variable: term for (variable, _), term in zip(pairs, terms, strict=True)}
            fits = all(term in self._of(kind) for (_, kind), term in zip(pairs, terms, strict=True))
            if not fits or not self._holds(action.get(":precondition", ["and"]), state, bound):
                return False
            made = list(self._made(action[":effect"], state, bound))
            gone, come = ({fact for fact, value in made if value == one} for one in (False, True))
            state = self._closed(state - gone | come)
        return self._holds(self._goal, state, {})

    def _of(self, kind: str) -> list[str]:
        found = []
        for name, one in self._kinds.items():
            above: str | None = one
            while above is not None and above != kind:
                above = self._above.get(above)
            if above == kind or kind == "object":
                found.append(name)
        return found

    def _each(self, variables: list[Any], bound: dict[str, str]) -> Iterator[dict[str, str]]:
        pairs = typed(variables)
        for terms in product(*(self._of(kind) for _, kind in pairs)):
            yield bound | {name: term for (name, _), term in zip(pairs, terms, strict=True)}

    def _holds(self, condition: list[Any], state: State, bound: dict[str, str]) -> bool:
        word, *rest = condition
        if word in ("and", "or"):
            return (all if word == "and" else any)(self._holds(one, state, bound) for one in rest)
        if word == "not":
            return not self._holds(rest[0], state, bound)
        if word in ("forall", "exists"):
            each = (self._holds(rest[1], state, more) for more in self._each(rest[0], bound))
            return (all if word == "forall" else any)(each)
        terms = [bound.get(term, term) for term in rest]
        return terms[0] == terms[1] if word == "=" else (word, *terms) in state

    def _made(self, effect: list[Any], state: State, bound: dict[str, str]) -> Iterator[tuple[Any, bool]]:
        word, *rest = effect
        if word == "and":
            for one in rest:
                yield from self._made(one, state, bound)
        elif word == "forall":
            for more in self._each(rest[0], bound):
                yield from self._made(rest[1], state, more)
        elif word == "when":
            if self._holds(rest[0], state, bound):
                yield from self._made(rest[1], state, bound)
        elif word == "not":
            yield (rest[0][0], *(bound.get(term, term) for term in rest[0][1:])), False
        elif word != "increase":
            yield (word, *(bound.get(term, term) for term in rest)), True

    def _closed(self, state: State) -> State:
        """Derive everything anew: no rule of these tests negates what another one derives."""
        state = state - {fact for fact in state if fact[0] in [head[0] for head, _ in self._rules]}
        before = -1
        while len(state) != before:
            before = len(state)
            for (name, *variables), body in self._rules:
                for bound in self._each(variables, {}):
                    if self._holds(body, state, bound):
                        state = state | {(name, *(bound[v] for v, _ in typed(variables)))}
        return state
