; A hand moves crates between stacks on a table.
(define (domain stacking)
  (:requirements :strips :typing)
  (:types crate - object)
  (:predicates (on ?a ?b - crate) (on-table ?a - crate) (clear ?a - crate) (holding ?a - crate) (free))
  (:action lift
    :parameters (?a - crate)
    :precondition (and (on-table ?a) (clear ?a) (free))
    :effect (and (holding ?a) (not (on-table ?a)) (not (clear ?a)) (not (free))))
  (:action set-down
    :parameters (?a - crate)
    :precondition (holding ?a)
    :effect (and (on-table ?a) (clear ?a) (free) (not (holding ?a))))
  (:action take-off
    :parameters (?a ?b - crate)
    :precondition (and (on ?a ?b) (clear ?a) (free))
    :effect (and (holding ?a) (clear ?b) (not (on ?a ?b)) (not (clear ?a)) (not (free))))
  (:action put-on
    :parameters (?a ?b - crate)
    :precondition (and (holding ?a) (clear ?b))
    :effect (and (on ?a ?b) (clear ?a) (free) (not (holding ?a)) (not (clear ?b)))))
