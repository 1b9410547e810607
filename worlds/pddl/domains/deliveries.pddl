; Trucks carry parcels between towns along roads.
(define (domain deliveries)
  (:requirements :strips :typing)
  (:types town truck parcel - object)
  (:predicates (road ?a ?b - town) (stands ?t - truck ?a - town) (lies ?p - parcel ?a - town) (in ?p - parcel ?t - truck))
  (:action drive
    :parameters (?t - truck ?a ?b - town)
    :precondition (and (stands ?t ?a) (road ?a ?b))
    :effect (and (stands ?t ?b) (not (stands ?t ?a))))
  (:action load
    :parameters (?p - parcel ?t - truck ?a - town)
    :precondition (and (lies ?p ?a) (stands ?t ?a))
    :effect (and (in ?p ?t) (not (lies ?p ?a))))
  (:action unload
    :parameters (?p - parcel ?t - truck ?a - town)
    :precondition (and (in ?p ?t) (stands ?t ?a))
    :effect (and (lies ?p ?a) (not (in ?p ?t)))))
