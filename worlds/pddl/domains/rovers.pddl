; Rovers drive between sites, take samples that are still there, and send what they found from where there is a link.
(define (domain rovers)
  (:requirements :strips :typing :negative-preconditions)
  (:types site rover - object)
  (:predicates (path ?a ?b - site) (link ?a - site) (stands ?r - rover ?a - site) (sample ?a - site)
    (carries ?r - rover ?a - site) (laden ?r - rover) (sent ?a - site))
  (:action drive
    :parameters (?r - rover ?a ?b - site)
    :precondition (and (stands ?r ?a) (path ?a ?b))
    :effect (and (stands ?r ?b) (not (stands ?r ?a))))
  (:action take
    :parameters (?r - rover ?a - site)
    :precondition (and (stands ?r ?a) (sample ?a) (not (laden ?r)))
    :effect (and (carries ?r ?a) (laden ?r) (not (sample ?a))))
  (:action send
    :parameters (?r - rover ?what ?from - site)
    :precondition (and (carries ?r ?what) (stands ?r ?from) (link ?from))
    :effect (and (sent ?what) (not (carries ?r ?what)) (not (laden ?r)))))
