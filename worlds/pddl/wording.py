"""Facts of a planning problem as sentences, by one rule for every predicate."""

from __future__ import annotations

import re

_FACT = re.compile(r"([\w-]+)(?:\(([^()]*)\))?")


def in_words(fact: str, holds: bool) -> str:
    """Describe a fact that has become true or false, in a clause without a full stop.

    A predicate that ends in *s* is read as a verb, any other as a property or relation. A derived fact that
    stands for a disjunction or a quantifier is shown as it is.

    >>> in_words("moored(landing2)", True), in_words("on(crate1, crate2)", False)
    ('landing 2 is now moored', 'crate 1 is no longer on crate 2')
    >>> in_words("stands(truck1, town3)", True), in_words("free", False)
    ('truck 1 now stands town 3', 'it is no longer free')
    """
    found = _FACT.fullmatch(fact)
    now = "now" if holds else "no longer"
    if found is None:
        return f"it is {now} so that {fact}"
    predicate = found[1].replace("-", " ").replace("_", " ")
    first, *others = [_name(word) for word in found[2].split(",")] if found[2] else ["it"]
    about = f" {', '.join(others)}" if others else ""
    if predicate.endswith("s") and not predicate.endswith("ss"):
        return f"{first} {now} {predicate}{about}"
    return f"{first} is {now} {predicate}{about}"


def _name(word: str) -> str:
    """Return the name of an object, with its number separated by a space."""
    return re.sub(r"(?<=[A-Za-z])[-_]?(?=\d+$)", " ", word.strip())
