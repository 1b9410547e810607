"""Random problems for the domains that come with plandrift, in five sizes each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from itertools import pairwise

import numpy as np

SIZES = range(1, 6)
Random = np.random.Generator


def domain_text(name: str) -> str:
    """Return the domain with this name, as PDDL.

    >>> "(define (domain ferry)" in domain_text("ferry")
    True
    """
    return (resources.files("plandrift.worlds.pddl") / "domains" / f"{name}.pddl").read_text(encoding="utf-8")


def problem_text(name: str, size: int, number: int) -> str:
    """Return a problem of a domain, as PDDL; the same size and number always give the same problem.

    Args:
        name: the name of the domain.
        size: the size of the problem, from 1 to 5.
        number: the number of the problem among those of that size.

    >>> problem_text("ferry", size=1, number=0).splitlines()[0]
    '(define (problem ferry-1-0) (:domain ferry)'
    """
    random = np.random.default_rng(np.random.SeedSequence([sorted(DOMAINS).index(name), size, number]))
    objects, init, goal = DOMAINS[name](size, random)
    kinds = " ".join(f"{' '.join(names)} - {kind}" for kind, names in objects)
    return (
        f"(define (problem {name}-{size}-{number}) (:domain {name})\n"
        f"  (:objects {kinds})\n  (:init {_facts(init)})\n  (:goal (and {_facts(goal)})))\n"
    )


Objects = list[tuple[str, list[str]]]
Facts = list[tuple[str, ...]]
Drawn = tuple[Objects, Facts, Facts]


def _facts(facts: Iterable[tuple[str, ...]]) -> str:
    return " ".join(f"({' '.join(fact)})" for fact in facts)


def _names(kind: str, count: int) -> list[str]:
    return [f"{kind}{i}" for i in range(1, count + 1)]


def _ferry(size: int, random: Random) -> Drawn:
    landings, cars = _names("landing", 2 + size), _names("car", 1 + size)
    at = [_one(random, landings) for _ in cars]
    to = [_one(random, [p for p in landings if p != now]) for now in at]
    init: Facts = [("moored", _one(random, landings))]
    init += [("parked", car, place) for car, place in zip(cars, at, strict=True)]
    goal: Facts = [("parked", car, place) for car, place in zip(cars, to, strict=True)]
    return [("landing", landings), ("car", cars)], init, goal


def _stacking(size: int, random: Random) -> Drawn:
    crates = _names("crate", 2 + size)
    first, last = _stacks(crates, random), _stacks(crates, random)
    init: Facts = [("free",)]
    for stack in first:
        init += [("on-table", stack[0]), ("clear", stack[-1])]
        init += [("on", above, below) for below, above in pairwise(stack)]
    goal: Facts = [("on", above, below) for s in last for below, above in pairwise(s)]
    return [("crate", crates)], init, goal or [("on", crates[1], crates[0])]


def _stacks(crates: Sequence[str], random: Random) -> list[list[str]]:
    stacks: list[list[str]] = []
    for i in random.permutation(len(crates)).tolist():
        if stacks and random.random() < 0.6:
            stacks[int(random.integers(len(stacks)))].append(crates[i])
        else:
            stacks.append([crates[i]])
    return stacks


def _deliveries(size: int, random: Random) -> Drawn:
    towns, trucks = _names("town", 3 + size), _names("truck", 1 + size // 3)
    parcels = _names("parcel", 1 + size)
    init: Facts = [("road", *pair) for pair in _roads(towns, size, random)]
    init += [("stands", truck, _one(random, towns)) for truck in trucks]
    goal: Facts = []
    for parcel in parcels:
        start = _one(random, towns)
        init.append(("lies", parcel, start))
        goal.append(("lies", parcel, _one(random, [town for town in towns if town != start])))
    return [("town", towns), ("truck", trucks), ("parcel", parcels)], init, goal


def _rovers(size: int, random: Random) -> Drawn:
    sites, rovers = _names("site", 4 + size), _names("rover", 1 + size // 3)
    init: Facts = [("path", *pair) for pair in _roads(sites, size, random)]
    init += [("stands", rover, _one(random, sites)) for rover in rovers]
    chosen = random.permutation(len(sites)).tolist()
    init += [("link", sites[i]) for i in chosen[: 1 + size // 2]]
    wanted = [sites[i] for i in chosen[-(1 + size) :]]
    init += [("sample", site) for site in wanted]
    return [("site", sites), ("rover", rovers)], init, [("sent", site) for site in wanted]


def _visits(size: int, random: Random) -> Drawn:
    side = 2 + size // 2 + size % 2
    cells = [f"cell{x}-{y}" for x in range(side) for y in range(side)]
    pairs = [
        (a, b)
        for i, a in enumerate(cells)
        for j, b in enumerate(cells)
        if abs(i // side - j // side) + abs(i % side - j % side) == 1
    ]
    init: Facts = [("next", *pair) for pair in pairs]
    init += [("open", *pair) for pair in pairs if random.random() < 0.7]
    init.append(("here", cells[0]))
    chosen = random.permutation(len(cells) - 1)[: 1 + size].tolist()
    return [("cell", cells)], init, [("visited", cells[1 + i]) for i in chosen]


def _roads(places: Sequence[str], more: int, random: Random) -> list[tuple[str, str]]:
    """Return the two-way roads of a random tree, and a few more."""
    pairs = {(i, int(random.integers(i))) for i in range(1, len(places))}
    for _ in range(more):
        a, b = random.integers(len(places), size=2).tolist()
        if a != b:
            pairs.add((max(a, b), min(a, b)))
    return [(places[x], places[y]) for a, b in sorted(pairs) for x, y in ((a, b), (b, a))]


def _one(random: Random, choices: Sequence[str]) -> str:
    return choices[int(random.integers(len(choices)))]


DOMAINS: dict[str, Callable[[int, Random], Drawn]] = {
    "ferry": _ferry,
    "stacking": _stacking,
    "deliveries": _deliveries,
    "rovers": _rovers,
    "visits": _visits,
}
"""The domains that come with plandrift."""
