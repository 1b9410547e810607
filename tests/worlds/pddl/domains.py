"""Domains of our own, each with features that the competitions' problems have."""

WALK = """(define (domain walk)
 (:requirements :strips :typing :conditional-effects :disjunctive-preconditions :derived-predicates)
 (:types place - object)
 (:predicates (at ?p - place) (way ?a ?b - place) (raining) (wet) (coat) (dry ?p - place) (lamp ?p - place)
   (lit ?p - place) (sheltered ?p - place) (open ?a ?b - place) (linked ?a ?b - place))
 (:functions (total-cost) - number (length ?a ?b - place) - number)
 (:derived (linked ?a ?b - place) (or (open ?a ?b) (exists (?c - place) (and (open ?a ?c) (linked ?c ?b)))))
 (:derived (sheltered ?p - place) (and (not (raining)) (at ?p)))
 (:action go :parameters (?a ?b - place) :precondition (and (at ?a) (way ?a ?b) (or (lit ?b) (not (raining))))
  :effect (and (at ?b) (not (at ?a)) (when (and (raining) (not (coat))) (wet))
    (when (lamp ?b) (lit ?b)) (increase (total-cost) (length ?a ?b))))
 (:action dress :parameters () :precondition (not (coat)) :effect (coat))
 (:action undress :parameters () :precondition (coat) :effect (not (coat)))
 (:action dry-off :parameters () :precondition (not (raining)) :effect (not (wet)))
 (:action toggle :parameters (?p - place) :precondition (at ?p)
  :effect (and (when (lamp ?p) (not (lamp ?p))) (when (not (lamp ?p)) (lamp ?p))
   (when (lamp ?p) (not (lit ?p)))))
 (:action carry-lamp :parameters (?p - place) :precondition (at ?p) :effect (and (lamp ?p) (lit ?p)))
 (:action dig :parameters (?a ?b - place) :precondition (and (at ?a) (way ?a ?b)) :effect (open ?a ?b))
 (:action fill :parameters (?a ?b - place) :precondition (and (at ?a) (open ?a ?b))
  :effect (not (open ?a ?b)))
 (:action rain :parameters () :precondition (not (raining)) :effect (raining))
 (:action clear :parameters () :precondition (raining) :effect (not (raining))))
"""
"""Rain that wets who goes without a coat, lamps, tunnels that link; an either-or before each way."""

GOALS = {
    "there": "(at c)",
    "dry": "(and (at c) (not (wet)))",
    "linked": "(and (linked a c) (at b))",
    "either": "(or (at c) (and (coat) (at b)))",
    "every": "(and (forall (?p - place) (or (lit ?p) (lamp ?p))) (not (wet)))",
    "unlinked": "(and (not (linked a c)) (sheltered c))",
}
"""Goals that rest on what the state decides."""


def walk(goal: str, raining: bool = False, cost: bool = True) -> str:
    """A problem of `WALK`."""
    return (
        "(define (problem stroll) (:domain walk) (:objects a b c - place)"
        f" (:init (at a) (way a b) (way b a) (way b c) (way c b) (lamp b) {'(raining)' if raining else ''}"
        " (open a b) (open b c)"
        " (= (total-cost) 0) (= (length a b) 2) (= (length b a) 2) (= (length b c) 3) (= (length c b) 3))"
        f" (:goal {GOALS[goal]}){'(:metric minimize (total-cost))' if cost else ''})"
    )
