"use strict";
/* Plays episodes: the world, what the agent believes about it, and the plan based on that. No network, no library. */
(function () {
  var SVG = "http://www.w3.org/2000/svg", listener = null;
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
    var top = node.offsetTop - box.offsetTop;
    if (top < box.scrollTop || top + node.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = Math.max(0, top - room);
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

  /* The state after the first `count` events of an episode. Going forward is cheap; going back starts over. */
  function State(episode) { this.episode = episode; this.reset(); }
  State.prototype.reset = function () {
    var e = this.episode;
    this.count = 0;
    this.world = e.first.slice();
    this.belief = e.first.slice();
    this.changed = e.first.map(function () { return -1e9; });
    this.plan = []; this.stale = []; this.seen = []; this.marks = []; this.verdict = null;
    this.broken = []; this.counts = [0, 0, 0, 0, 0]; this.value = this.now = null; this.ended = null;
    this.said = [];
  };
  State.prototype.to = function (time, most) {
    var events = this.episode.events, until = most === undefined ? events.length : most;
    if (this.count > until || this.count && events[this.count - 1].t > time + 1e-9) this.reset();
    while (this.count < until && events[this.count].t <= time + 1e-9) this.apply(events[this.count++]);
  };
  State.prototype.apply = function (event) {
    var self = this;
    (event.w || []).forEach(function (p) { self.world[p[0]] = p[1]; self.changed[p[0]] = event.t; });
    (event.b || []).forEach(function (p) { self.belief[p[0]] = p[1]; });
    ["plan", "marks", "verdict", "broken", "counts", "now"].forEach(function (key) { if (event[key] !== undefined) self[key] = event[key]; });
    if (event.stale) { this.stale = event.stale[0]; this.seen = event.stale[1]; this.value = event.stale[2]; }
    if (event.say) { this.said.push([event.t, event.say]); }
    if (event.end) this.ended = event.end;
  };

  function View(parent, episode) {
    this.episode = episode;
    this.state = new State(episode);
    this.root = el("section", { "class": "episode", "aria-label": episode.policy });
    parent.appendChild(this.root);
    var header = el("header");
    header.appendChild(el("h2", {}, episode.policy));
    this.counts = el("div", { "class": "counts" });
    header.appendChild(this.counts);
    this.root.appendChild(header);
    if (episode.does) this.root.appendChild(el("p", { "class": "does" }, episode.does));
    this.told = el("p", { "class": "told" });
    this.root.appendChild(this.told);
    this.build();
    this.chart = document.createElementNS(SVG, "svg");
    this.chart.setAttribute("viewBox", "0 0 640 96");
    this.chart.setAttribute("role", "img");
    this.chart.setAttribute("class", "strip");
    this.root.appendChild(this.chart);
    this.strip();
  }
  /* Three columns: one row per entity, with its steps beside it; news travels in the lane between the first two. */
  View.prototype.build = function () {
    if (this.episode.map) { this.atlas = new window.plandriftAtlas(this, this.root); return; }
    var self = this, episode = this.episode, by = episode.rows.map(function () { return []; });
    episode.fluents.forEach(function (f, i) { if (f[0] >= 0 && episode.shown[i]) by[f[0]].push(i); });
    var head = el("div", { "class": "row head" });
    ["", "the world", "news →\n← calls", "what the agent believes", "", "the plan"].forEach(function (text, i) { head.appendChild(el("span", { "class": ["name", "world", "lane", "belief", "tie", "plan"][i] }, text)); });
    this.root.appendChild(head);
    this.rows = el("div", { "class": "rows", tabindex: "0", role: "group", "aria-label": "world, belief and plan of " + episode.policy });
    this.root.appendChild(this.rows);
    this.lines = [];
    episode.rows.forEach(function (name, r) {
      if (!by[r].length) return;
      var node = el("div", { "class": "row" }), line = { node: node, fluents: by[r], world: {}, belief: {}, key: "" };
      var label = el("span", { "class": "name" }, (episode.deep[r] ? "└\u00a0" : "") + shown(name).replace(/-(?=\d+$)/, " "));
      label.style.paddingLeft = Math.max(0, Math.min(episode.deep[r], 4) - 1) * 0.8 + "em";
      node.appendChild(label);
      ["world", "lane", "belief", "tie", "plan"].forEach(function (part) {
        line[part + "Cell"] = el("span", { "class": part });
        node.appendChild(line[part + "Cell"]);
      });
      by[r].forEach(function (i) {
        line.world[i] = el("span", { "class": "value" }); line.worldCell.appendChild(line.world[i]);
        line.belief[i] = el("span", { "class": "value" }); line.beliefCell.appendChild(line.belief[i]);
      });
      line.svg = document.createElementNS(SVG, "svg");
      line.svg.setAttribute("viewBox", "0 0 100 30"); line.svg.setAttribute("preserveAspectRatio", "none"); line.svg.setAttribute("aria-hidden", "true");
      line.laneCell.appendChild(line.svg);
      self.rows.appendChild(node);
      self.lines[r] = line;
    });
    if (Math.max.apply(null, episode.deep)) this.root.classList.add("tree");
    if (this.lines.filter(Boolean).length <= 6) this.root.classList.add("few");
    this.foot = el("p", { "class": "note hidden-note" }, episode.hidden ? episode.hidden + " more fluents are not shown, because no plan uses them" : "");
    this.root.appendChild(this.foot);
  };
  View.prototype.x = function (time) { return 34 + 596 * (time - this.from) / (this.until - this.from); };
  View.prototype.strip = function () {
    var svg = this.chart, self = this;
    this.y = function (share) { return 60 - 52 * share; };
    [0, 1].forEach(function (share) {
      draw(svg, "line", { x1: 34, x2: 630, y1: self.y(share), y2: self.y(share), stroke: LOOKS.line });
      draw(svg, "text", { x: 28, y: self.y(share) + 4, "text-anchor": "end" }, String(share));
    });
    draw(svg, "text", { x: 38, y: 20, "class": "label" }, "plan staleness");
    draw(svg, "text", { x: 28, y: 80, "text-anchor": "end" }, "calls");
    this.ticks = draw(svg, "g", {});
    this.curve = draw(svg, "path", { fill: "none", stroke: LOOKS.stale, "stroke-width": 2.5 });
    this.fires = draw(svg, "g", {});
    this.head = draw(svg, "line", { y1: 6, y2: 84, stroke: LOOKS.ink, "stroke-width": 2 });
    this.over = draw(svg, "rect", { y: 92, height: 4, fill: LOOKS.edge, visibility: "hidden" });
    draw(svg, "line", { x1: 34, x2: 630, y1: 84, y2: 84, stroke: LOOKS.ink });
  };
  /* For long episodes the strip shows the current stretch, and a bar below it shows where that lies in the whole. */
  View.prototype.zoom = function (time) {
    var whole = this.episode.horizon, crowded = this.episode.calls.length > 25 || this.episode.messages.length > 60;
    var span = crowded ? Math.max(whole / Math.max(this.episode.calls.length / 20, this.episode.messages.length / 50), whole / 40) : whole;
    var from = crowded ? Math.max(0, Math.min(whole - span, Math.floor(time / span * 2) * span / 2 - span / 4)) : 0;
    if (from === this.from && this.until === from + span) return;
    this.from = from; this.until = from + span;
    this.ticks.textContent = "";
    var step = Math.pow(10, Math.floor(Math.log10(span)));
    if (span / step < 3) step /= 2;
    for (var t = Math.ceil(from / step - 1e-9) * step; t <= this.until + 1e-9; t += step) draw(this.ticks, "text", { x: this.x(t), y: 95, "text-anchor": "middle" }, String(Math.round(t * 100) / 100));
    this.over.setAttribute("visibility", crowded ? "visible" : "hidden");
    this.over.setAttribute("x", 34 + 596 * from / whole);
    this.over.setAttribute("width", 596 * span / whole);
    this.over.setAttribute("y", 0);
  };
  View.prototype.moment = function (time) {
    var found = null;
    this.episode.moments.forEach(function (m) { if (m[0] <= time + 1e-9) found = m; });
    return found;
  };
  View.prototype.update = function (time, held) {
    var state = this.state, self = this, episode = this.episode;
    /* While paused on a moment, the step being fired counts; otherwise what the curve shows. */
    var share = held ? state.now : state.value;
    var counts = [["staleness", share === null ? "–" : share.toFixed(2)], ["fired", state.counts[0]],
      ["misfires", state.counts[1]], ["replans", state.counts[2]], ["blocked", state.counts[3]], ["refused", state.counts[4]]];
    this.counts.textContent = "";
    counts.forEach(function (pair) {
      var item = el("span", { "data-count": pair[0] }, pair[0] + " ");
      item.appendChild(el("b", {}, String(pair[1])));
      self.counts.appendChild(item);
    });
    var moment = held ? held.filter(function (pair) { return pair[0] === self; })[0] : null;
    var now = this.moment(time), last = state.said[state.said.length - 1];
    var words = moment ? moment[1][4] : now && (!last || last[0] <= now[0] + 1e-9) ? now[4] : last ? last[1] : "The agent has no plan yet.";
    this.told.textContent = words;
    this.told.className = "told" + (moment || now && words === now[4] ? " " + (moment ? moment[1][1] : now[1]) : "");
    this.root.classList.toggle("held", !!held);
    this.focus = {}; this.broke = {};
    (moment ? moment[1][3] : []).forEach(function (f) { self.focus[f] = 1; });
    state.broken.forEach(function (b) { b[1].forEach(function (f) { self.broke[f] = 1; }); });
    if (this.atlas) this.atlas.update(time, moment);
    else this.lines.forEach(function (line, r) { if (line) self.line(line, r, time, moment); });
    this.curveTo(time);
    this.reveal(moment);
    this.chart.setAttribute("aria-label", "At " + time.toFixed(2) + ": plan staleness " + counts[0][1] + ", " + state.counts[0] + " fired, " + state.counts[1] + " misfired");
  };
  View.prototype.line = function (line, r, time, moment) {
    var state = this.state, self = this, episode = this.episode, key = [];
    line.fluents.forEach(function (i) {
      key.push(state.world[i], state.belief[i], time - state.changed[i] < episode.horizon / 60, self.focus[i], self.broke[i]);
    });
    var mine = [];
    state.plan.forEach(function (s, i) { if (episode.steps[s][0] === r) mine.push([s, i]); });
    mine.forEach(function (m) { key.push(self.stands(m[1], moment)); });
    key = key.join("|");
    this.lane(line, time);
    if (line.key === key) return;
    line.key = key;
    var focus = false;
    line.fluents.forEach(function (i) {
      var kind = episode.fluents[i][1], world = state.world[i], belief = state.belief[i], differs = world !== belief;
      var silent = world === false && belief === false && kind && !self.broke[i];
      line.world[i].textContent = silent ? "" : said(kind, world);
      line.belief[i].textContent = silent ? "" : said(kind, belief);
      line.world[i].className = "value" + (self.broke[i] ? " broke" : differs ? " differs" : "") + (time - state.changed[i] < episode.horizon / 60 ? " flash" : "") + (self.focus[i] ? " focus" : "");
      line.belief[i].className = "value" + (differs ? " differs" : "") + (self.focus[i] ? " focus" : "");
      line.world[i].title = line.belief[i].title = kind;
      focus = focus || !!self.focus[i];
    });
    line.tieCell.textContent = line.planCell.textContent = "";
    var tie = "";
    mine.forEach(function (m) {
      var i = m[1], mark = state.marks[i], how = self.standing(i);
      if (how === "failed" && moment && moment[1][2] === i) tie = "unseen";
      if (how === "unseen" || how === "seen") tie = tie === "unseen" ? tie : how;
      if (how === "fresh") tie = tie || "whole";
      focus = focus || !!moment && moment[1][2] === i;
      line.planCell.appendChild(self.step(i, moment));
    });
    line.tieCell.className = "tie " + tie;
    if (tie) line.tieCell.appendChild(el("span", { title: tie === "whole" ? "holds" : "broken" }, tie === "whole" ? "" : "✕"));
    line.node.classList.toggle("focus", focus);
  };
  /* The state of a plan's step: done, failed, or still to do and fresh, known to be stale, or stale unknown to the agent. */
  View.prototype.standing = function (i) {
    var state = this.state, mark = state.marks[i];
    if (mark && mark !== "flying") return FAILED[mark] ? "failed" : "done";
    return state.stale.indexOf(i) < 0 ? "fresh" : state.seen.indexOf(i) >= 0 ? "seen" : "unseen";
  };
  View.prototype.breach = function (i) {
    return this.state.broken.filter(function (b) { return b[0] === i; })[0];
  };
  /* Everything that a step's appearance depends on, as one text. */
  View.prototype.stands = function (i, moment) {
    var state = this.state, verdict = state.verdict && state.verdict[0] === i ? state.verdict.join() : "";
    return [state.plan[i], i, state.marks[i], this.standing(i), verdict, (this.breach(i) || []).join(), moment && moment[1][2] === i].join();
  };
  View.prototype.step = function (i, moment) {
    var self = this, state = this.state, step = this.episode.steps[state.plan[i]], mark = state.marks[i], how = this.standing(i), b = this.breach(i);
    var item = el("span", { "class": "step" }), word, gate = state.verdict && state.verdict[0] === i ? state.verdict : null;
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
      var wrong = (b && b[1].indexOf(part[1]) >= 0) || (FAILED[mark] && self.focus[part[1]]);
      text.appendChild(el(wrong ? "mark" : "b", {}, part[0]));
    });
    text.appendChild(document.createTextNode(" · "));
    text.appendChild(el("span", { "class": "state" }, word));
    item.appendChild(text);
    if (moment && moment[1][2] === i) item.className += " focus";
    return item;
  };
  /* News crosses from left to right at the top, a call from right to left at the bottom. */
  View.prototype.lane = function (line, time) {
    var svg = line.svg, state = this.state, episode = this.episode;
    svg.textContent = "";
    episode.messages.forEach(function (m) {
      if (m[0] > time || !m[2].some(function (f) { return line.fluents.indexOf(f) >= 0; })) return;
      if (m[1] !== null && m[1] <= time) return;
      var lost = m[1] === null, share = lost ? Math.min(0.5, (time - m[0]) / episode.horizon * 6) : m[1] > m[0] ? (time - m[0]) / (m[1] - m[0]) : 1;
      if (lost && time - m[0] > episode.horizon / 8) return;
      draw(svg, "line", { x1: 0, x2: 100 * share, y1: 10, y2: 10, stroke: LOOKS.fresh, "stroke-width": 2, "stroke-dasharray": lost ? "4 4" : "none" });
      draw(svg, "rect", { x: Math.max(0, 100 * share - 12), y: 4, width: 12, height: 12, rx: 2, fill: lost ? LOOKS.ground : LOOKS.fresh, stroke: LOOKS.fresh, "stroke-width": 2 });
    });
    episode.calls.forEach(function (c) {
      if (c[1] > time || (c[3] !== null && c[3] <= time)) return;
      var s = state.plan[c[0]];
      if (s === undefined || episode.steps[s][0] < 0 || episode.rows[episode.steps[s][0]] === undefined || line !== this.lines[episode.steps[s][0]]) return;
      var share = c[2] === null ? 0 : c[2] > c[1] ? Math.min(1, (time - c[1]) / (c[2] - c[1])) : 1, look = share >= 1 && c[4] ? OUTCOMES[c[4]] : null, x = 100 * (1 - share);
      draw(svg, "line", { x1: 100, x2: x, y1: 23, y2: 23, stroke: look ? look[0] : LOOKS.ink, "stroke-width": 2 });
      draw(svg, "path", { d: "M" + x + " 23 l 12 -6 l 0 12 z", fill: look ? look[0] : LOOKS.ink });
      if (c[4] === "refused" && share >= 1) draw(svg, "line", { x1: 2, x2: 2, y1: 14, y2: 30, stroke: LOOKS.ink, "stroke-width": 6 });
    }, this);
  };
  View.prototype.curveTo = function (time) {
    var state = this.state, self = this, path = "", last = null, events = this.episode.events, i;
    this.zoom(time);
    function inside(t) { return Math.max(self.from, Math.min(self.until, t)); }
    for (i = 0; i < state.count; i++) {
      var s = events[i].stale, x = self.x(inside(events[i].t));
      if (!s) continue;
      if (s[2] === null) { if (last !== null) path += " H" + x; last = null; continue; }
      path += last === null ? " M" + x + " " + self.y(s[2]) : " H" + x + " V" + self.y(s[2]);
      last = s[2];
    }
    if (last !== null) path += " H" + self.x(inside(Math.min(time, this.episode.duration)));
    this.curve.setAttribute("d", path || "M0 0");
    this.head.setAttribute("x1", self.x(inside(time))); this.head.setAttribute("x2", self.x(inside(time)));
    this.fires.textContent = "";
    for (i = 0; i < state.count; i++) {
      var outcome = events[i].outcome;
      if (!outcome || events[i].t < this.from || events[i].t > this.until) continue;
      var look = OUTCOMES[outcome[0]], mark = draw(this.fires, "text", { x: self.x(events[i].t), y: 80, "text-anchor": "middle", fill: look[0], style: "fill:" + look[0] + ";font-size:15px" }, look[1]);
      draw(mark, "title", {}, look[2]);
    }
  };
  /* Keep the row that matters in view without moving the page. */
  View.prototype.reveal = function (moment) {
    if (this.atlas) { this.atlas.reveal(moment); return; }
    var target = null, state = this.state, self = this;
    if (moment) target = this.rows.querySelector(".step.focus");
    if (!target) state.marks.some(function (mark, i) {
      if (mark && mark !== "flying") return false;
      var line = self.lines[self.episode.steps[state.plan[i]][0]];
      target = line ? line.node : null;
      return !!target;
    });
    if (target) show(this.rows, target.closest(".row"), 40);
  };

  function Player(root, data) {
    var self = this;
    this.all = data.episodes;
    this.root = root;
    this.time = 0; this.playing = false; this.speed = 1; this.held = null;
    this.horizon = Math.max.apply(null, data.episodes.map(function (e) { return e.duration; }));
    data.episodes.forEach(function (e) { e.horizon = self.horizon; });
    this.bar(root);
    this.live = el("p", { "aria-live": "polite", "class": "unseen-text", "data-live": "1" });
    root.appendChild(this.live);
    this.holder = el("div", { "class": "episodes" });
    root.appendChild(this.holder);
    root.setAttribute("data-column", "plan");
    this.choose(data.episodes.length > 1 ? 1 : 0);
    if (listener) document.removeEventListener("keydown", listener);
    listener = function (event) { self.key(event); };
    document.addEventListener("keydown", listener);
    root.setAttribute("data-ready", "1");
  }
  Player.prototype.bar = function (root) {
    var self = this, bar = el("div", { "class": "controls", role: "group", "aria-label": "playback" });
    function button(label, name, act) {
      var b = el("button", { type: "button", "aria-label": name, title: name }, label);
      b.addEventListener("click", act);
      bar.appendChild(b);
      return b;
    }
    button("|◀", "to the start", function () { self.pause(); self.seek(0); });
    button("◀", "one event back", function () { self.step(-1); });
    this.toggle = button("▶ play", "play", function () { self.playing ? self.pause() : self.play(); });
    button("▶|", "one event forward", function () { self.step(1); });
    button("▲ next", "next failure", function () { self.jump(1); });
    this.slider = el("input", { type: "range", min: 0, max: this.horizon, step: this.horizon / 1000, value: 0, "aria-label": "time of the episode" });
    this.slider.addEventListener("input", function () { self.pause(); self.seek(Number(self.slider.value)); });
    bar.appendChild(this.slider);
    this.clock = el("span", { "class": "clock" });
    bar.appendChild(this.clock);
    var label = el("label", {}, "speed "), select = el("select", { "aria-label": "speed" });
    [[0.25, "¼"], [0.5, "½"], [1, "1"], [2, "2"], [5, "5"]].forEach(function (pair) {
      var option = el("option", { value: pair[0] }, pair[1] + "×");
      if (pair[0] === 1) option.selected = true;
      select.appendChild(option);
    });
    select.addEventListener("change", function () { self.speed = Number(select.value); });
    label.appendChild(select);
    bar.appendChild(label);
    if (this.all.length > 2) {
      var guards = el("span", { "class": "guards", role: "group", "aria-label": "the guard beside it" });
      this.guards = this.all.slice(1).map(function (e, i) {
        var b = el("button", { type: "button" }, e.policy);
        b.addEventListener("click", function () { self.choose(i + 1); });
        guards.appendChild(b);
        return b;
      });
      bar.appendChild(guards);
    }
    /* On a phone, one column is shown at a time. */
    var columns = el("span", { "class": "columns", role: "group", "aria-label": "column shown" });
    [["world", "world"], ["belief", "belief"], ["plan", "plan"]].forEach(function (pair) {
      var b = el("button", { type: "button" }, pair[1]);
      b.addEventListener("click", function () { root.setAttribute("data-column", pair[0]); });
      columns.appendChild(b);
    });
    bar.appendChild(columns);
    root.appendChild(bar);
  };
  /* Show the first episode, and beside it one of the others. */
  Player.prototype.choose = function (other) {
    var self = this, beside = other ? [this.all[0], this.all[other]] : [this.all[0]], times = {};
    this.holder.textContent = "";
    this.views = beside.map(function (e) { return new View(self.holder, e); });
    (this.guards || []).forEach(function (b, i) { b.setAttribute("aria-pressed", i + 1 === other ? "true" : "false"); });
    beside.forEach(function (e) { e.events.forEach(function (v) { times[v.t] = 1; }); });
    this.times = Object.keys(times).map(Number).sort(function (a, b) { return a - b; });
    var moments = {};
    this.views.forEach(function (view) { view.episode.moments.forEach(function (m) { (moments[m[0]] = moments[m[0]] || []).push([view, m]); }); });
    this.moments = Object.keys(moments).map(function (t) { return [Number(t), moments[t]]; }).sort(function (a, b) { return a[0] - b[0]; });
    this.held = null;
    this.seek(this.time);
  };
  Player.prototype.key = function (event) {
    var tag = event.target.tagName;
    if (tag === "SELECT" || event.ctrlKey || event.metaKey || event.altKey) return;
    var slides = tag === "INPUT", self = this, keys = {
      ArrowRight: function () { self.step(1); }, ArrowLeft: function () { self.step(-1); },
      Home: function () { self.pause(); self.seek(0); }, End: function () { self.pause(); self.seek(self.horizon); },
      n: function () { self.jump(1); }, p: function () { self.jump(-1); },
      " ": tag === "BUTTON" ? null : function () { self.playing ? self.pause() : self.play(); }
    };
    if (slides && event.key !== "n" && event.key !== "p") return;
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  };
  Player.prototype.seek = function (time, held) {
    var self = this;
    this.time = Math.max(0, Math.min(this.horizon, time));
    this.held = held || null;
    this.views.forEach(function (view) {
      /* While paused on a moment, show that moment and not what follows at the same instant. */
      var mine = (self.held || []).filter(function (pair) { return pair[0] === view; })[0];
      view.state.to(self.time, mine ? mine[1][5] : undefined);
      view.update(self.time, self.held);
    });
    this.slider.value = this.time;
    this.clock.textContent = "time " + this.time.toFixed(2) + " of " + this.horizon.toFixed(1);
    this.slider.setAttribute("aria-valuetext", this.clock.textContent);
    if (!this.playing || held) {
      this.live.textContent = this.views.map(function (view) {
        return (self.views.length > 1 ? view.episode.policy + ": " : "") + view.told.textContent;
      }).join("  ");
    }
  };
  Player.prototype.step = function (way) {
    this.pause();
    var times = this.times, now = this.time, next = null, i;
    if (way > 0) { for (i = 0; i < times.length; i++) if (times[i] > now + 1e-9) { next = times[i]; break; } }
    else { for (i = times.length - 1; i >= 0; i--) if (times[i] < now - 1e-9) { next = times[i]; break; } }
    this.seek(next === null ? (way > 0 ? this.horizon : 0) : next);
  };
  /* Jump from failure to failure. */
  Player.prototype.jump = function (way) {
    var now = this.time, found = null;
    this.pause();
    this.moments.forEach(function (m) {
      if (way > 0 ? m[0] > now + 1e-9 && !found : m[0] < now - 1e-9) found = m;
    });
    if (found) this.seek(found[0], found[1]);
  };
  /* The current speed of time: slow before a failure, fast where nothing is near. */
  Player.prototype.pace = function () {
    var now = this.time, near = this.horizon / 20, next = this.horizon, quiet = this.horizon;
    this.moments.some(function (m) { if (m[0] > now + 1e-9) { next = m[0]; return true; } return false; });
    this.times.some(function (t) { if (t > now + 1e-9) { quiet = t; return true; } return false; });
    if (next - now < near) return 0.35;
    return quiet - now > this.horizon / 15 ? 4 : 1;
  };
  Player.prototype.play = function () {
    var self = this, before = null, wait = 0;
    if (this.time >= this.horizon) this.seek(0);
    this.playing = true;
    this.toggle.textContent = "❚❚ pause";
    this.toggle.setAttribute("aria-label", "pause");
    function turn(now) {
      if (!self.playing) return;
      var span = before === null ? 0 : (now - before) / 1000;
      before = now;
      if (wait > 0) { wait -= span * self.speed; window.requestAnimationFrame(turn); return; }
      var to = self.time + self.speed * self.pace() * span * Math.max(self.horizon / 30, 0.02), from = self.time, met = null;
      self.moments.some(function (m) { if (m[0] > from + 1e-9 && m[0] <= to) { met = m; return true; } return false; });
      if (met) {
        self.seek(met[0], met[1]);
        wait = Math.max.apply(null, met[1].map(function (pair) { return 1.5 + pair[1][4].split(" ").length / 5; }));
      } else self.seek(to);
      if (self.time >= self.horizon && !met) { self.pause(); return; }
      window.requestAnimationFrame(turn);
    }
    window.requestAnimationFrame(turn);
  };
  Player.prototype.pause = function () {
    if (!this.playing) return;
    this.playing = false;
    this.toggle.textContent = "▶ play";
    this.toggle.setAttribute("aria-label", "play");
    this.seek(this.time, this.held);
  };
  window.plandrift = { Player: Player, el: el, draw: draw, show: show };
})();
