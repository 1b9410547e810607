"use strict";
/* The state of an episode at a time, and how a plan's step looks in it. No network, no library. */
(function () {
  var SVG = "http://www.w3.org/2000/svg";
  var LOOKS = window.plandriftLooks, OUTCOMES = LOOKS.outcomes;
  var FAILED = { harmful: 1, "void": 1, rejected: 1 };

  function el(name, attributes, text) {
    var node = document.createElement(name);
    for (var key in attributes || {}) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    return node;
  }
  function draw(parent, name, attributes, text) {
    var node = document.createElementNS(SVG, name);
    for (var key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    parent.appendChild(node);
    return node;
  }
  /* If a box overflows, scroll it until `node` is in view with `room` above it. */
  function show(box, node, room) {
    if (box.scrollHeight <= box.clientHeight + 1) return;
    var outer = box.getBoundingClientRect(), inner = node.getBoundingClientRect();
    if (inner.top < outer.top || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - room;
  }
  function shown(value) {
    if (value === null) return "–";
    if (value === true) return "yes";
    if (value === false) return "no";
    var text = String(value);
    return text.length > 22 ? text.slice(0, 10) + "…" + text.slice(-8) : text;
  }
  /* The text of a property's cell: a word speaks for itself; a number or a yes/no needs its name. */
  function said(kind, value) {
    if (value === true) return kind || "yes";
    if (value === false) return kind ? "not " + kind : "no";
    if (kind && (typeof value === "number" || value === null)) return kind + " " + shown(value);
    return shown(value);
  }

  /* What one agent has: its belief, its plan, and how that stands. */
  function Seat(first) {
    this.belief = first.slice();
    this.plan = []; this.stale = []; this.seen = []; this.marks = []; this.verdict = null;
    this.broken = []; this.own = []; this.counts = [0, 0, 0, 0, 0]; this.value = this.now = null;
    this.said = []; this.task = null; this.hidden = {};
  }
  Seat.prototype.take = function (event, time) {
    var self = this;
    (event.b || []).forEach(function (p) { self.belief[p[0]] = p[1]; });
    ["plan", "marks", "verdict", "broken", "own", "counts", "now", "task"].forEach(function (key) { if (event[key] !== undefined) self[key] = event[key]; });
    if (event.stale) { this.stale = event.stale[0]; this.seen = event.stale[1]; this.value = event.stale[2]; }
    if (event.private) { this.hidden = {}; event.private.forEach(function (p) { self.hidden[p[0]] = p[1]; }); }
    if (event.say) this.said.push([time, event.say]);
  };

  /* The state after the first `count` events of an episode. Going forward is cheap; going back starts over. */
  function State(episode) { this.episode = episode; this.reset(); }
  State.prototype.reset = function () {
    var e = this.episode;
    this.count = 0;
    this.world = e.first.slice();
    this.changed = e.first.map(function () { return -1e9; });
    this.seats = (e.crew ? e.crew.policies : [e.policy]).map(function () { return new Seat(e.first); });
    this.sum = []; this.locks = {}; this.lost = {}; this.said = [];
  };
  State.prototype.to = function (time, most) {
    var events = this.episode.events, until = most === undefined ? events.length : Math.min(most, events.length);
    if (this.count > until || this.count && events[this.count - 1].t > time + 1e-9) this.reset();
    while (this.count < until && events[this.count].t <= time + 1e-9) this.apply(events[this.count++]);
  };
  State.prototype.apply = function (event) {
    var self = this;
    (event.w || []).forEach(function (p) { delete self.lost[p[0]]; });
    (event.lost || []).forEach(function (l) { self.lost[l[0]] = { was: self.world[l[0]], of: l[1], by: event.a }; });
    (event.w || []).forEach(function (p) { self.world[p[0]] = p[1]; self.changed[p[0]] = event.t; });
    if (event.a >= 0) this.seats[event.a].take(event, event.t);
    for (var a in event.others || {}) this.seats[a].take(event.others[a], event.t);
    if (event.sum) this.sum = event.sum;
    if (event.say) this.said.push([event.t, event.say]);
    if (event.lock) this.lock(event.lock, event.a);
  };
  State.prototype.lock = function (change, agent) {
    var lock = this.locks[change[1]] = this.locks[change[1]] || { held: {}, waits: [] };
    if (change[0] === "waits") { lock.waits.push(agent); return; }
    if (change[0] === "frees") delete lock.held[agent];
    else {
      lock.waits = lock.waits.filter(function (n) { return n !== agent; });
      if (change[0] === "holds") lock.held[agent] = change[2];
    }
  };

  /* An agent's plan as it is drawn: `seat` is its state, and `focus` the fluents that a moment is about. */
  function Hand(episode) { this.episode = episode; this.focus = {}; }
  /* The state of a plan's step: done, failed, or still to do and fresh, known to be stale, or stale unknown to the agent. */
  Hand.prototype.standing = function (i) {
    var seat = this.seat, mark = seat.marks[i];
    if (mark && mark !== "flying") return FAILED[mark] ? "failed" : "done";
    return seat.stale.indexOf(i) < 0 ? "fresh" : seat.seen.indexOf(i) >= 0 ? "seen" : "unseen";
  };
  Hand.prototype.breach = function (i) {
    return this.seat.broken.filter(function (b) { return b[0] === i; })[0];
  };
  /* Everything that a step's appearance depends on, as one text. */
  Hand.prototype.stands = function (i, moment) {
    var seat = this.seat, verdict = seat.verdict && seat.verdict[0] === i ? seat.verdict.join() : "";
    return [seat.plan[i], i, seat.marks[i], this.standing(i), verdict, (this.breach(i) || []).join(), moment && moment[1][2] === i].join();
  };
  Hand.prototype.step = function (i, moment) {
    var self = this, seat = this.seat, step = this.episode.steps[seat.plan[i]], mark = seat.marks[i], how = this.standing(i), b = this.breach(i);
    var item = el("span", { "class": "step" }), word, gate = seat.verdict && seat.verdict[0] === i ? seat.verdict : null;
    if (how === "failed" || how === "done") {
      item.className += " " + how;
      word = OUTCOMES[mark] ? OUTCOMES[mark][1] + " " + OUTCOMES[mark][2] : "✓ done";
    } else {
      item.className += (how === "fresh" ? " fresh" : " stale") + (how === "unseen" ? " unseen" : "") + (mark === "flying" ? " now" : "");
      word = (mark === "flying" ? "◀ fired, " : "") + { fresh: "fresh", seen: "stale", unseen: "stale, unseen" }[how];
    }
    if (gate) {
      var shut = gate[1] === "block" || gate[1] === "replan" || gate[1] === "give-up";
      item.appendChild(el("span", { "class": "gate " + (shut ? "shut" : gate[1] === "read" ? "look" : "open") }, shut ? "gate: stop" : gate[1] === "read" ? "gate: looks" : gate[1] === "if-match" ? "carries its assumptions" : "gate: " + gate[1]));
    } else if (mark === "refused") item.appendChild(el("span", { "class": "gate shut" }, "the world refuses it"));
    item.appendChild(el("span", { "class": "number" }, String(i + 1)));
    var text = el("span", { "class": "call" });
    step[1].forEach(function (part) {
      if (part[1] < 0) { text.appendChild(document.createTextNode(part[0])); return; }
      var wrong = (b && b[1].indexOf(part[1]) >= 0) || ((FAILED[mark] || mark === "refused") && self.focus[part[1]]);
      text.appendChild(el(wrong ? "mark" : "b", {}, part[0]));
    });
    text.appendChild(document.createTextNode(" · "));
    text.appendChild(el("span", { "class": "state" }, word));
    item.appendChild(text);
    if (moment && moment[1][2] === i) item.className += " focus";
    return item;
  };
  window.plandrift = { el: el, draw: draw, show: show, shown: shown, said: said, State: State, Hand: Hand, FAILED: FAILED };
})();
