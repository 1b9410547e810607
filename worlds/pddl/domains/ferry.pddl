; A ferry carries one car at a time between landings; a landing may be closed.
(define (domain ferry)
  (:requirements :strips :typing :negative-preconditions)
  (:types landing car - object)
  (:predicates (moored ?l - landing) (parked ?c - car ?l - landing) (aboard ?c - car) (loaded) (closed ?l - landing))
  (:action sail
    :parameters (?from ?to - landing)
    :precondition (and (moored ?from) (not (= ?from ?to)) (not (closed ?to)))
    :effect (and (moored ?to) (not (moored ?from))))
  (:action board
    :parameters (?c - car ?l - landing)
    :precondition (and (parked ?c ?l) (moored ?l) (not (loaded)))
    :effect (and (aboard ?c) (loaded) (not (parked ?c ?l))))
  (:action leave
    :parameters (?c - car ?l - landing)
    :precondition (and (aboard ?c) (moored ?l))
    :effect (and (parked ?c ?l) (not (aboard ?c)) (not (loaded)))))
