"""Ten small domains, each with derived predicates and conditional effects, and a problem of each."""

from __future__ import annotations

PARTS: dict[str, tuple[str, str]] = {
    "circuit": (
        """(:predicates (on ?s) (wire ?a ?b) (source ?s) (live ?s) (lit) (dark) (seen ?s))
 (:derived (live ?s) (or (source ?s) (exists (?b) (and (wire ?b ?s) (live ?b) (on ?s)))))
 (:derived (lit) (exists (?s) (and (live ?s) (not (exists (?t) (wire ?s ?t))))))
 (:derived (dark) (not (lit)))
 (:action flip :parameters (?s) :precondition (not (source ?s))
  :effect (and (when (on ?s) (not (on ?s))) (when (not (on ?s)) (on ?s)) (when (dark) (not (seen ?s)))))
 (:action look :parameters (?s) :precondition (lit) :effect (seen ?s))""",
        "(:objects z a b c) (:init (source z) (wire z a) (wire a b) (wire b c) (on b))"
        " (:goal (and (seen a) (lit)))",
    ),
    "briefcase": (
        """(:predicates (at ?x ?l) (in ?x) (place ?l) (thing ?x) (case ?x) (empty) (with-case ?x ?l))
 (:derived (empty) (not (exists (?x) (in ?x))))
 (:derived (with-case ?x ?l) (exists (?c) (and (case ?c) (at ?c ?l) (in ?x))))
 (:action carry :parameters (?c ?from ?to) :precondition (and (case ?c) (at ?c ?from) (place ?to))
  :effect (and (at ?c ?to) (not (at ?c ?from))
   (forall (?x) (when (and (in ?x) (at ?x ?from)) (and (at ?x ?to) (not (at ?x ?from)))))))
 (:action put :parameters (?x ?c ?l) :precondition (and (thing ?x) (case ?c) (at ?x ?l) (at ?c ?l))
  :effect (in ?x))
 (:action take :parameters (?x) :precondition (in ?x) :effect (not (in ?x)))""",
        "(:objects c pen ink home work) (:init (case c) (thing pen) (thing ink) (place home) (place work)"
        " (at c work) (at pen home) (at ink work)) (:goal (and (at pen work) (at ink home) (empty)))",
    ),
    "lift": (
        """(:predicates (at ?f) (waits ?p ?f) (wants ?p ?f) (in ?p) (served ?p) (idle) (near ?a ?b))
 (:derived (idle) (forall (?p) (not (in ?p))))
 (:action move :parameters (?a ?b) :precondition (and (at ?a) (near ?a ?b))
  :effect (and (at ?b) (not (at ?a))))
 (:action stop :parameters (?f) :precondition (at ?f)
  :effect (and (forall (?p) (when (waits ?p ?f) (and (in ?p) (not (waits ?p ?f)))))
   (forall (?p) (when (and (in ?p) (wants ?p ?f)) (and (served ?p) (not (in ?p)))))))
 (:action call :parameters (?p ?f) :precondition (and (idle) (served ?p) (wants ?p ?f))
  :effect (and (waits ?p ?f) (not (served ?p))))""",
        "(:objects f g h ana bo) (:init (at f) (near f g) (near g f) (near g h) (near h g) (waits ana g)"
        " (wants ana h) (waits bo h) (wants bo f)) (:goal (and (served ana) (served bo) (idle)))",
    ),
    "doors": (
        """(:predicates (at ?r) (door ?a ?b) (locked ?a ?b) (reach ?r) (key) (alarm) (quiet))
 (:derived (reach ?r) (or (at ?r) (exists (?q) (and (reach ?q) (door ?q ?r) (not (locked ?q ?r))))))
 (:derived (quiet) (not (alarm)))
 (:action jump :parameters (?a ?b) :precondition (and (at ?a) (reach ?b)) :effect (and (at ?b) (not (at ?a))))
 (:action turn :parameters (?a ?b) :precondition (and (at ?a) (door ?a ?b))
  :effect (and (when (and (locked ?a ?b) (key)) (not (locked ?a ?b)))
   (when (not (locked ?a ?b)) (locked ?a ?b)) (when (not (key)) (alarm))))
 (:action find :parameters () :precondition (not (key)) :effect (key))
 (:action hush :parameters () :precondition (alarm) :effect (not (alarm)))""",
        "(:objects r s t) (:init (at r) (door r s) (door s t) (door t r) (locked r s) (locked s t))"
        " (:goal (and (at t) (quiet)))",
    ),
    "rain": (
        """(:predicates (at ?p) (way ?a ?b) (roof ?p) (raining) (coat) (wet) (dry) (sheltered))
 (:derived (sheltered) (or (not (raining)) (coat) (exists (?p) (and (at ?p) (roof ?p)))))
 (:derived (dry) (and (sheltered) (not (wet))))
 (:action go :parameters (?a ?b) :precondition (and (at ?a) (way ?a ?b))
  :effect (and (at ?b) (not (at ?a)) (when (and (raining) (not (coat)) (not (roof ?b))) (wet))))
 (:action dress :parameters () :precondition (not (coat)) :effect (coat))
 (:action undress :parameters () :precondition (coat) :effect (not (coat)))
 (:action weather :parameters ()
  :effect (and (when (raining) (not (raining))) (when (not (raining)) (raining))))
 (:action towel :parameters () :precondition (sheltered) :effect (not (wet)))""",
        "(:objects a b c) (:init (at a) (way a b) (way b a) (way b c) (way c b) (roof a) (raining))"
        " (:goal (and (at c) (dry)))",
    ),
    "tower": (
        """(:predicates (on ?x ?y) (table ?x) (above ?x ?y) (clear ?x) (held ?x) (free) (painted ?x))
 (:derived (above ?x ?y) (or (on ?x ?y) (exists (?z) (and (on ?x ?z) (above ?z ?y)))))
 (:derived (clear ?x) (and (not (exists (?y) (on ?y ?x))) (not (held ?x))))
 (:derived (free) (not (exists (?x) (held ?x))))
 (:action grab :parameters (?x) :precondition (and (clear ?x) (free))
  :effect (and (held ?x) (not (table ?x)) (forall (?y) (when (on ?x ?y) (not (on ?x ?y))))))
 (:action stack :parameters (?x ?y) :precondition (and (held ?x) (clear ?y))
  :effect (and (on ?x ?y) (not (held ?x))))
 (:action drop :parameters (?x) :precondition (held ?x) :effect (and (table ?x) (not (held ?x))))
 (:action spray :parameters (?x) :precondition (clear ?x)
  :effect (and (painted ?x) (forall (?y) (when (above ?x ?y) (painted ?y)))))""",
        "(:objects a b c) (:init (on a b) (table b) (table c)) (:goal (and (above c b) (painted b)))",
    ),
    "rights": (
        """(:predicates (member ?x ?g) (grant ?g ?d) (may ?x ?d) (user ?x) (doc ?d) (read ?x ?d) (frozen))
 (:derived (may ?x ?d) (or (grant ?x ?d) (exists (?g) (and (member ?x ?g) (may ?g ?d)))))
 (:action join :parameters (?x ?g) :precondition (not (frozen)) :effect (member ?x ?g))
 (:action leave :parameters (?x ?g) :precondition (member ?x ?g) :effect (not (member ?x ?g)))
 (:action allow :parameters (?g ?d) :precondition (doc ?d)
  :effect (and (when (not (frozen)) (grant ?g ?d)) (when (frozen) (not (grant ?g ?d)))))
 (:action freeze :parameters () :effect (and (when (frozen) (not (frozen))) (when (not (frozen)) (frozen))))
 (:action see :parameters (?x ?d) :precondition (and (user ?x) (doc ?d) (may ?x ?d)) :effect (read ?x ?d))""",
        "(:objects ana team staff plan) (:init (user ana) (doc plan) (member team staff) (grant staff plan)"
        " (frozen)) (:goal (and (read ana plan) (frozen)))",
    ),
    "build": (
        """(:predicates (needs ?a ?b) (built ?a) (broken ?a) (ready ?a) (stale ?a) (shipped))
 (:derived (stale ?a) (or (not (built ?a)) (exists (?b) (and (needs ?a ?b) (stale ?b)))))
 (:derived (ready ?a) (forall (?b) (or (not (needs ?a ?b)) (not (stale ?b)))))
 (:action edit :parameters (?a) :effect (and (not (built ?a)) (broken ?a)
  (forall (?b) (when (needs ?b ?a) (not (built ?b))))))
 (:action mend :parameters (?a) :precondition (broken ?a) :effect (not (broken ?a)))
 (:action make :parameters (?a) :precondition (ready ?a) :effect (when (not (broken ?a)) (built ?a)))
 (:action ship :parameters () :precondition (not (exists (?a) (stale ?a))) :effect (shipped))""",
        "(:objects app lib core) (:init (needs app lib) (needs lib core) (broken lib) (built core))"
        " (:goal (shipped))",
    ),
    "alarms": (
        """(:predicates (armed ?z) (open ?z) (loud) (safe) (guarded ?z) (checked ?z))
 (:derived (guarded ?z) (and (armed ?z) (not (open ?z))))
 (:derived (safe) (forall (?z) (guarded ?z)))
 (:action arm :parameters (?z) :effect (and (armed ?z) (when (open ?z) (loud))))
 (:action swing :parameters (?z)
  :effect (and (when (open ?z) (not (open ?z))) (when (not (open ?z)) (open ?z))
   (when (guarded ?z) (loud)) (not (checked ?z))))
 (:action check :parameters (?z) :precondition (guarded ?z) :effect (checked ?z))
 (:action silence :parameters () :precondition (safe) :effect (not (loud)))""",
        "(:objects y z) (:init (open y) (open z) (loud)) (:goal (and (safe) (checked y) (not (loud))))",
    ),
    "paint": (
        """(:predicates (is ?w ?c) (colour ?c) (wall ?w) (brush ?c) (same ?a ?b) (even) (wetwall ?w))
 (:derived (same ?a ?b) (exists (?c) (and (is ?a ?c) (is ?b ?c))))
 (:derived (even) (forall (?a ?b) (or (not (wall ?a)) (not (wall ?b)) (same ?a ?b))))
 (:action dip :parameters (?c) :precondition (colour ?c)
  :effect (and (brush ?c) (forall (?d) (when (and (brush ?d) (not (= ?c ?d))) (not (brush ?d))))))
 (:action roll :parameters (?w) :precondition (and (wall ?w) (not (wetwall ?w)))
  :effect (and (wetwall ?w) (forall (?c) (and (when (brush ?c) (is ?w ?c))
   (when (and (is ?w ?c) (not (brush ?c))) (not (is ?w ?c)))))))
 (:action dry :parameters (?w) :precondition (wetwall ?w) :effect (not (wetwall ?w)))""",
        "(:objects v w red blue) (:init (wall v) (wall w) (colour red) (colour blue) (is v red) (is w blue)"
        " (brush blue)) (:goal (and (even) (is v red) (not (wetwall w))))",
    ),
}
SMALL = {
    name: (f"(define (domain {name})\n {domain})", f"(define (problem p) (:domain {name})\n {problem})")
    for name, (domain, problem) in PARTS.items()
}
"""The texts of a domain and of its problem, by name."""
