"use strict";
/* A crew: the world that its agents share, with locks as tags; a lane for each agent; and their time, side by side. */
(function () {
  var LOOKS = window.plandriftLooks, OUTCOMES = LOOKS.outcomes, plandrift = window.plandrift;
  var el = plandrift.el, draw = plandrift.draw, show = plandrift.show, shown = plandrift.shown;
  var COUNTS = ["right tasks", "fired", "misfires", "by fellows", "lost updates", "waits", "begun again"];
  var BUSY = { task: "task", think: "thinks", wait: "waits for", "queue-for": "queues for", merge: "is merged" };

  function named(agent) { return "agent " + agent; }

  function Crew(parent, episode) {
    var crew = episode.crew, self = this;
    this.crew = crew;
    this.goals = {};
    crew.goals.forEach(function (f) { self.goals[f] = 1; });
    this.open(parent, episode, episode.title);
    this.root.classList.add("crew");
    var both = el("div", { "class": "both" });
    this.root.appendChild(both);
    this.board = el("div", { "class": "board", tabindex: "0", role: "group", "aria-label": "the world, its locks, and what agents believe otherwise" });
    this.hands = el("div", { "class": "hands", tabindex: "0", role: "group", "aria-label": "the agents and their plans" });
    both.appendChild(this.board);
    both.appendChild(this.hands);
    this.lanes = crew.policies.map(function (policy, n) { return self.lane(policy, n); });
    /* What is above and below, and a row for each agent's time, stay on the screen. */
    this.high = Math.max(0.5, Math.min(1.5, 9 / this.lanes.length));
    if (this.root.clientWidth > 56 * parseFloat(getComputedStyle(document.documentElement).fontSize)) {
      [this.board, this.hands].forEach(function (box) { box.style.maxHeight = "calc(100vh - " + (17.6 + self.high * self.lanes.length) + "rem)"; });
    }
    this.spans();
    this.legend();
  }
  Crew.prototype = Object.create(plandrift.Frame.prototype);
  Crew.prototype.legend = function () {
    var line = el("p", { "class": "note keys" }), kinds = {}, tags = [["thinks", "believes or needs another value"]];
    function key(node, words) {
      var item = el("span", { "class": "key" });
      item.appendChild(node);
      item.appendChild(document.createTextNode(" " + words));
      line.appendChild(item);
    }
    this.episode.events.forEach(function (e) { if (e.lock) kinds[e.lock[0] + (e.lock[0] === "holds" ? e.lock[2] : "")] = 1; if (e.private) kinds.private = 1; });
    this.crew.spans.forEach(function (s) { kinds[s[1]] = 1; });
    if (kinds.holds1) tags.push(["held", "holds it alone"]);
    if (kinds.holds0) tags.push(["held also", "shares it"]);
    if (kinds.waits) tags.push(["waits", "waits for it"]);
    if (kinds["private"]) tags.push(["own", "has written, not yet merged"]);
    tags.forEach(function (pair) { key(el("span", { "class": "tag " + pair[0] }, "1"), "agent 1 " + pair[1]); });
    if (this.crew.lost.length) key(el("s", {}, "24"), "a lost update");
    [["think", "thinks"], ["wait", "waits"], ["queue-for", "queues for a model"], ["merge", "is merged"]].forEach(function (pair) {
      if (kinds[pair[0]]) key(el("span", { "class": "sample " + pair[0] }), pair[1]);
    });
    this.root.appendChild(line);
  };
  Crew.prototype.lane = function (policy, n) {
    var lane = new plandrift.Hand(this.episode), several = this.crew.policies.some(function (p) { return p !== policy; });
    lane.node = el("div", { "class": "hand" });
    var head = el("div", { "class": "who" });
    head.appendChild(el("b", {}, named(n) + (several ? ", " + policy : "")));
    lane.task = el("span", { "class": "at" });
    head.appendChild(lane.task);
    lane.says = el("p", { "class": "says" });
    lane.node.appendChild(head);
    lane.node.appendChild(lane.says);
    lane.steps = el("div", { "class": "cards", tabindex: "0", role: "group", "aria-label": "plan of " + named(n) });
    lane.node.appendChild(lane.steps);
    this.hands.appendChild(lane.node);
    return lane;
  };
  /* Each agent's time in a row: its tasks, its thinking, its waiting, and its calls. */
  Crew.prototype.spans = function () {
    var self = this, crew = this.crew, whole = this.episode.horizon, n = crew.policies.length;
    this.time = el("div", { "class": "times", role: "img" });
    this.time.style.fontSize = this.high / 2 + "rem";
    this.window = el("div", { "class": "window" });
    this.sheet = el("div", { "class": "sheet" });
    this.root.appendChild(this.time);
    var names = el("div", { "class": "names" });
    this.time.appendChild(names);
    this.time.appendChild(this.window);
    this.window.appendChild(this.sheet);
    this.rows = crew.policies.map(function (_, i) {
      names.appendChild(el("div")).appendChild(el("span", {}, n <= 16 || i % 4 === 0 ? String(i) : ""));
      var line = self.sheet.appendChild(el("div", { "class": "line" }));
      line.past = line.appendChild(el("div", { "class": "past" }));
      return line;
    });
    crew.spans.forEach(function (s) {
      var bar = el("span", { "class": "span " + s[1], title: named(s[0]) + " " + BUSY[s[1]] + " " + s[4] + ", " + s[2] + " to " + s[3] });
      bar.style.left = 100 * s[2] / whole + "%";
      bar.style.width = 100 * (s[3] - s[2]) / whole + "%";
      if (s[1] === "task" && n <= 16) bar.textContent = s[4];
      self.rows[s[0]].past.appendChild(bar);
    });
    this.marks = this.episode.calls.filter(function (c) { return c[4] !== null; }).map(function (c) {
      var look = OUTCOMES[c[4]], mark = el("span", { "class": "mark", title: look[2] }, look[1]);
      mark.style.left = 100 * c[2] / whole + "%";
      mark.style.color = look[0];
      mark.at = c[2];
      self.rows[c[5]].appendChild(mark);
      return mark;
    });
    /* A lost update: what was written is struck through, and a line leads there from the write that replaced it. */
    var strikes = draw(this.sheet, "svg", { viewBox: "0 0 100 " + n, preserveAspectRatio: "none", "class": "strikes", "aria-hidden": "true" });
    this.struck = crew.lost.map(function (l) {
      var x = 100 * l[1] / whole, was = 100 * l[3] / whole;
      var line = draw(strikes, "line", { x1: x, y1: l[0] + 0.5, x2: was, y2: l[2] + 0.5, "vector-effect": "non-scaling-stroke" });
      var cross = el("span", { "class": "mark struck", title: "what " + named(l[2]) + " wrote is lost to " + named(l[0]) }, "—");
      cross.style.left = was + "%";
      self.rows[l[2]].appendChild(cross);
      return [l[1], line, cross];
    });
    this.cursor = this.sheet.appendChild(el("div", { "class": "cursor" }));
    this.axis = this.sheet.appendChild(el("div", { "class": "axis" }));
    this.most = Math.max.apply(null, crew.policies.map(function (_, i) { return self.episode.calls.filter(function (c) { return c[5] === i; }).length; }));
  };
  /* Show as much of the time as there is room for its calls. */
  Crew.prototype.zoom = function (time) {
    var whole = this.episode.horizon, times = Math.max(1, this.most * 20 / Math.max(this.window.clientWidth, 1)), span = whole / times;
    var from = times > 1 ? Math.max(0, Math.min(whole - span, Math.floor(time / span * 2) * span / 2 - span / 4)) : 0;
    this.sheet.style.left = -100 * times * from / whole + "%";
    if (this.times === times) return;
    this.times = times;
    this.sheet.style.width = 100 * times + "%";
    this.axis.textContent = "";
    var step = Math.pow(10, Math.floor(Math.log10(span)));
    if (span / step < 3) step /= 2;
    for (var t = 0; t <= whole; t += step) {
      var tick = this.axis.appendChild(el("span", {}, String(Math.round(t * 100) / 100)));
      tick.style.left = 100 * t / whole + "%";
    }
  };
  Crew.prototype.update = function (time, held) {
    var self = this, state = this.state;
    var moment = this.tell(time, held, COUNTS.map(function (name, i) { return [name, state.sum[i] || 0]; }));
    this.lanes.forEach(function (lane, n) { self.hand(lane, n, moment && moment[1][6] === n ? moment : null); });
    this.world(time, moment);
    this.zoom(time);
    this.cursor.style.left = 100 * time / this.episode.horizon + "%";
    this.rows.forEach(function (row) { row.past.style.clipPath = "inset(0 " + (100 - 100 * time / self.episode.horizon) + "% 0 0)"; });
    this.marks.forEach(function (mark) { mark.hidden = mark.at > time + 1e-9; });
    this.struck.forEach(function (lost) {
      var later = lost[0] > time + 1e-9;
      lost[1].setAttribute("visibility", later ? "hidden" : "visible");
      lost[2].hidden = later;
    });
    this.time.setAttribute("aria-label", "The agents' time, up to " + time.toFixed(2) + ": " + COUNTS.map(function (name, i) { return name + " " + (state.sum[i] || 0); }).join(", "));
    var target = moment && (this.hands.querySelector(".hand.focus") || null);
    if (target) show(this.hands, target, 4);
    target = this.board.querySelector(".fluent.focus");
    if (target) show(this.board, target, 4);
  };
  /* One agent's lane: what it is at, and its plan's steps, each with what it needs. */
  Crew.prototype.hand = function (lane, n, moment) {
    var self = this, seat = lane.seat = this.state.seats[n], key = [seat.task, seat.said.length, !!moment];
    lane.focus = moment ? this.focus : {};
    seat.plan.forEach(function (s, i) { key.push(lane.stands(i, moment), self.lostOf(n, s)); });
    key = key.join("|");
    if (key === lane.key) return;
    lane.key = key;
    lane.node.classList.toggle("focus", !!moment);
    lane.task.textContent = seat.task === null ? "" : "task " + seat.task;
    lane.says.textContent = seat.said.length ? seat.said[seat.said.length - 1][1] : "";
    lane.steps.textContent = "";
    seat.plan.forEach(function (s, i) { lane.steps.appendChild(self.card(lane, n, s, i, moment)); });
    var next = lane.steps.querySelector(".step.focus, .step.now") || lane.steps.querySelector(".step.fresh, .step.stale");
    if (next && lane.steps.scrollWidth > lane.steps.clientWidth) lane.steps.scrollLeft = Math.max(0, next.offsetLeft - lane.steps.offsetLeft - 20);
  };
  Crew.prototype.card = function (lane, n, s, i, moment) {
    var self = this, state = this.state, card = lane.step(i, moment), broken = (lane.breach(i) || [0, []])[1];
    var said = {}, needs = el("span", { "class": "needs" }), some = false;
    this.episode.steps[s][1].forEach(function (part) { said[part[1]] = 1; });
    this.crew.requires[s].forEach(function (pair) {
      var f = pair[0], wrong = broken.indexOf(f) >= 0 || (plandrift.FAILED[lane.seat.marks[i]] && lane.focus[f]);
      if (self.goals[f] || (said[f] && !wrong)) return;
      needs.appendChild(document.createTextNode(some ? ", " : "needs "));
      needs.appendChild(el(wrong ? "mark" : "span", {}, self.crew.names[f] + " " + shown(pair[1])));
      if (wrong && (broken.indexOf(f) >= 0 || self.crew.writes[s].indexOf(f) < 0)) needs.appendChild(document.createTextNode(" is " + shown(state.world[f])));
      some = true;
    });
    if (some) card.appendChild(needs);
    if (this.lostOf(n, s)) {
      card.classList.add("struck");
      card.appendChild(el("span", { "class": "needs lost" }, this.lostOf(n, s)));
    }
    return card;
  };
  /* What is said of a step whose write a fellow has replaced without having seen it; empty if none has. */
  Crew.prototype.lostOf = function (n, s) {
    var state = this.state, found = "", wrote = this.crew.writes[s];
    wrote.forEach(function (f) {
      var lost = state.lost[f];
      if (lost && lost.of === n && !found) found = "lost to " + named(lost.by);
    });
    return found;
  };
  /* The fluents that matter now: those that the plans in hand need or write, and those that are locked or lost. */
  Crew.prototype.inPlay = function () {
    var self = this, state = this.state, found = {};
    state.seats.forEach(function (seat) {
      seat.plan.forEach(function (s) {
        self.crew.requires[s].forEach(function (pair) { found[pair[0]] = 1; });
        self.crew.writes[s].forEach(function (f) { found[f] = 1; });
      });
      for (var f in seat.hidden) found[f] = 1;
    });
    for (var f in state.lost) found[f] = 1;
    for (f in this.focus) found[f] = 1;
    return Object.keys(found).map(Number).filter(function (f) { return !self.goals[f] || self.focus[f]; }).sort(function (a, b) { return a - b; });
  };
  Crew.prototype.world = function (time, moment) {
    var self = this, state = this.state, board = this.board, top = board.scrollTop;
    board.textContent = "";
    Object.keys(state.locks).forEach(function (name) {
      if (!isNaN(name)) return;
      var queue = el("div", { "class": "queue" });
      queue.appendChild(el("b", {}, name));
      self.tags(queue, state.locks[name]);
      if (queue.childNodes.length === 1) queue.appendChild(el("span", {}, "free"));
      board.appendChild(queue);
    });
    var fault = moment && moment[1][2] !== null ? this.lanes[moment[1][6]].seat.plan[moment[1][2]] : undefined;
    this.inPlay().forEach(function (f) {
      var lost = state.lost[f], cell = el("div", { "class": "fluent" + (self.focus[f] ? " focus" : "") });
      cell.appendChild(el("span", { "class": "name", title: self.crew.names[f] }, self.crew.names[f]));
      if (lost) cell.appendChild(el("s", { title: "what " + named(lost.of) + " wrote is lost to " + named(lost.by) }, shown(lost.was)));
      var value = el("span", { "class": "value" + (time - state.changed[f] < self.episode.horizon / 60 ? " flash" : "") }, shown(state.world[f]));
      cell.appendChild(value);
      if (state.locks[f]) self.tags(cell, state.locks[f]);
      state.seats.forEach(function (seat, n) {
        var needed = fault !== undefined && moment[1][6] === n && self.crew.requires[fault].filter(function (pair) { return pair[0] === f; })[0];
        if (self.focus[f] && needed) self.tag(cell, "thinks", n, shown(needed[1]), "the call of agent " + n + " needs " + shown(needed[1]));
        else if (seat.hidden[f] !== undefined) self.tag(cell, "own", n, shown(seat.hidden[f]), "agent " + n + " has written " + shown(seat.hidden[f]) + ", not yet merged");
        else if (seat.belief[f] !== state.world[f] && seat.own.indexOf(f) < 0 && self.uses(seat, f)) self.tag(cell, "thinks", n, shown(seat.belief[f]), "agent " + n + " believes " + shown(seat.belief[f]));
      });
      board.appendChild(cell);
    });
    board.scrollTop = top;
  };
  Crew.prototype.uses = function (seat, f) {
    var requires = this.crew.requires;
    return seat.plan.some(function (s, i) { return (!seat.marks[i] || seat.marks[i] === "flying") && requires[s].some(function (pair) { return pair[0] === f; }); });
  };
  Crew.prototype.tags = function (parent, lock) {
    for (var n in lock.held) this.tag(parent, "held" + (lock.held[n] ? "" : " also"), n, "", named(n) + (lock.held[n] ? " holds it alone" : " shares it"));
    lock.waits.forEach(function (n) { this.tag(parent, "waits", n, "", named(n) + " waits for it"); }, this);
  };
  Crew.prototype.tag = function (parent, kind, n, value, words) {
    var tag = el("span", { "class": "tag " + kind, title: words }, String(n));
    tag.appendChild(el("span", { "class": "unseen-text" }, " " + words));
    parent.appendChild(tag);
    if (value !== "") parent.appendChild(el("span", { "class": "of " + kind, "aria-hidden": "true" }, value));
  };
  plandrift.Crew = Crew;
})();
