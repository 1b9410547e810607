; A visitor walks over a grid and calls on certain cells; doors between cells open and shut.
(define (domain visits)
  (:requirements :strips :typing)
  (:types cell - object)
  (:predicates (next ?a ?b - cell) (open ?a ?b - cell) (here ?a - cell) (visited ?a - cell))
  (:action walk
    :parameters (?a ?b - cell)
    :precondition (and (here ?a) (next ?a ?b) (open ?a ?b))
    :effect (and (here ?b) (visited ?b) (not (here ?a))))
  (:action unlock
    :parameters (?a ?b - cell)
    :precondition (and (here ?a) (next ?a ?b))
    :effect (open ?a ?b)))
