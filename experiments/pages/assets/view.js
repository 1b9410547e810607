"use strict";
/* One agent's episode: the world, what the agent believes about it, the plan based on that, and its staleness. */
(function () {
  var LOOKS = window.plandriftLooks, OUTCOMES = LOOKS.outcomes, plandrift = window.plandrift;
  var el = plandrift.el, draw = plandrift.draw, show = plandrift.show, said = plandrift.said, shown = plandrift.shown;

  /* What the view of one agent and that of a crew have in common: a heading, counts, and a sentence. */
  function Frame() { }
  Frame.prototype = Object.create(plandrift.Hand.prototype);
  Frame.prototype.open = function (parent, episode, title) {
    this.episode = episode;
    this.state = new plandrift.State(episode);
    this.root = el("section", { "class": "episode", "aria-label": title });
    parent.appendChild(this.root);
    var header = el("header"), heading = el("h2", {}, title), look = LOOKS.policies[episode.policy] || LOOKS.policies[episode.policy.split("(")[0]];
    if (look) {
      var line = draw(heading, "svg", { viewBox: "0 0 44 6", "class": "look", "aria-hidden": "true" });
      draw(line, "line", { x1: 0, x2: 44, y1: 3, y2: 3, stroke: look[0], "stroke-width": 4, "stroke-dasharray": look[1] || "none" });
      heading.insertBefore(line, heading.firstChild);
    }
    header.appendChild(heading);
    this.counts = el("div", { "class": "counts" });
    header.appendChild(this.counts);
    this.root.appendChild(header);
    if (episode.does) this.root.appendChild(el("p", { "class": "does" }, episode.does));
    this.told = el("p", { "class": "told", tabindex: "0", role: "group", "aria-label": "what happens under " + title });
    this.root.appendChild(this.told);
  };
  Frame.prototype.moment = function (time) {
    var found = null;
    this.episode.moments.forEach(function (m) { if (m[0] <= time + 1e-9) found = m; });
    return found;
  };
  /* Say what a moment is about, or else what happened last. */
  Frame.prototype.tell = function (time, held, counts) {
    var self = this, said = this.state.said, now = this.moment(time), last = said[said.length - 1];
    var moment = held ? held.filter(function (pair) { return pair[0] === self; })[0] : null;
    this.counts.textContent = "";
    counts.forEach(function (pair) {
      var item = el("span", { "data-count": pair[0] }, pair[0] + " ");
      item.appendChild(el("b", {}, String(pair[1])));
      self.counts.appendChild(item);
    });
    if (!moment && now && this.state.count < now[5]) now = null;
    var words = moment ? moment[1][4] : now && (!last || last[0] <= now[0] + 1e-9) ? now[4] : last ? last[1] : "The agent has no plan yet.";
    this.told.textContent = words;
    this.told.className = "told" + (moment || now && words === now[4] ? " " + (moment ? moment[1][1] : now[1]) : "");
    this.root.classList.toggle("held", !!held);
    this.focus = {};
    (moment ? moment[1][3] : []).forEach(function (f) { self.focus[f] = 1; });
    return moment;
  };

  function View(parent, episode) {
    this.open(parent, episode, episode.title);
    this.build();
    this.chart = draw(this.root, "svg", { viewBox: "0 0 640 96", preserveAspectRatio: "xMinYMid", role: "img", "class": "strip" });
    this.strip();
  }
  View.prototype = Object.create(Frame.prototype);
  /* Three columns: one row per entity, with its steps beside it; news travels in the lane between the first two. */
  View.prototype.build = function () {
    if (this.episode.map) { this.atlas = new plandrift.Atlas(this, this.root); return; }
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
      line.svg = draw(line.laneCell, "svg", { viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" });
      self.rows.appendChild(node);
      self.lines[r] = line;
    });
    if (Math.max.apply(null, episode.deep)) this.root.classList.add("tree");
    if (this.lines.filter(Boolean).length <= 6) this.root.classList.add("few");
    var notes = [];
    if (episode.hidden) notes.push(episode.hidden + " more fluents are not shown, because no plan uses them");
    if (episode.unchanging) notes.push(episode.unchanging + " more fluents are not shown, because nothing changes them");
    this.root.appendChild(el("p", { "class": "note hidden-note" }, notes.join("; ")));
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
  View.prototype.update = function (time, held) {
    var seat = this.seat = this.state.seats[0], self = this;
    /* While paused on a moment, the step being fired counts; otherwise what the curve shows. */
    var share = held ? seat.now : seat.value, staleness = share === null ? "–" : share.toFixed(2);
    var moment = this.tell(time, held, [["staleness", staleness], ["fired", seat.counts[0]], ["misfires", seat.counts[1]],
      ["replans", seat.counts[2]], ["blocked", seat.counts[3]], ["refused", seat.counts[4]]]);
    this.broke = {};
    seat.broken.forEach(function (b) { b[1].forEach(function (f) { self.broke[f] = 1; }); });
    if (this.atlas) this.atlas.update(time, moment);
    else this.lines.forEach(function (line, r) { if (line) self.line(line, r, time, moment); });
    this.curveTo(time);
    this.reveal(moment);
    this.chart.setAttribute("aria-label", "At " + time.toFixed(2) + ": plan staleness " + staleness + ", " + seat.counts[0] + " fired, " + seat.counts[1] + " misfired");
  };
  /* Whether the belief is wrong about a fluent; that its own write has worked is no news to the agent. */
  View.prototype.differs = function (i) {
    return this.state.world[i] !== this.seat.belief[i] && this.seat.own.indexOf(i) < 0;
  };
  View.prototype.line = function (line, r, time, moment) {
    var state = this.state, seat = this.seat, self = this, episode = this.episode, key = [];
    line.fluents.forEach(function (i) {
      key.push(state.world[i], seat.belief[i], self.differs(i), time - state.changed[i] < episode.horizon / 60, self.focus[i], self.broke[i]);
    });
    var mine = [];
    seat.plan.forEach(function (s, i) { if (episode.steps[s][0] === r) mine.push([s, i]); });
    mine.forEach(function (m) { key.push(self.stands(m[1], moment)); });
    key = key.join("|");
    this.lane(line, time, moment);
    if (line.key === key) return;
    line.key = key;
    var focus = false;
    line.fluents.forEach(function (i) {
      var kind = episode.fluents[i][1], world = state.world[i], belief = seat.belief[i], differs = self.differs(i);
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
      var i = m[1], how = self.standing(i);
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
  /* News crosses from left to right at the top, a call from right to left at the bottom. */
  View.prototype.lane = function (line, time, moment) {
    var svg = line.svg, self = this, seat = this.seat, episode = this.episode;
    svg.textContent = "";
    episode.messages.forEach(function (m) {
      if (!m[2].some(function (f) { return line.fluents.indexOf(f) >= 0; })) return;
      if (m[3] !== undefined) { self.look(svg, m, time, moment); return; }
      if (m[0] > time || m[1] !== null && m[1] <= time) return;
      var lost = m[1] === null, share = lost ? Math.min(0.5, (time - m[0]) / episode.horizon * 6) : m[1] > m[0] ? (time - m[0]) / (m[1] - m[0]) : 1;
      if (lost && time - m[0] > episode.horizon / 8) return;
      draw(svg, "line", { x1: 0, x2: 100 * share, y1: 8, y2: 8, stroke: LOOKS.fresh, "stroke-width": 2, "stroke-dasharray": lost ? "4 4" : "none" });
      draw(svg, "rect", { x: Math.max(0, 100 * share - 12), y: 2, width: 12, height: 12, rx: 2, fill: lost ? LOOKS.ground : LOOKS.fresh, stroke: LOOKS.fresh, "stroke-width": 2 });
    });
    episode.calls.forEach(function (c) {
      if (c[1] > time || (c[3] !== null && c[3] <= time)) return;
      var s = seat.plan[c[0]];
      if (s === undefined || line !== self.lines[episode.steps[s][0]]) return;
      var share = c[2] === null ? 0 : c[2] > c[1] ? Math.min(1, (time - c[1]) / (c[2] - c[1])) : 1, look = share >= 1 && c[4] ? OUTCOMES[c[4]] : null, x = 100 * (1 - share);
      draw(svg, "line", { x1: 100, x2: x, y1: 23, y2: 23, stroke: look ? look[0] : LOOKS.ink, "stroke-width": 2 });
      draw(svg, "path", { d: "M" + x + " 23 l 12 -6 l 0 12 z", fill: look ? look[0] : LOOKS.ink });
      if (c[4] === "refused" && share >= 1) draw(svg, "line", { x1: 2, x2: 2, y1: 14, y2: 30, stroke: LOOKS.ink, "stroke-width": 6 });
    });
  };
  /* A look sets out from the belief, reads the world half-way, and comes back with what it saw; held, it is drawn whole. */
  View.prototype.look = function (svg, m, time, moment) {
    if (moment ? m[3] > time - 1e-9 || m[1] < time - 1e-9 : m[3] > time || m[1] < time + 1e-9) return;
    var out = m[0] > m[3] ? Math.min(1, (time - m[3]) / (m[0] - m[3])) : 1, back = m[1] > m[0] ? Math.max(0, (time - m[0]) / (m[1] - m[0])) : 1;
    draw(svg, "line", { x1: 100, x2: 100 - 92 * out, y1: 15, y2: 15, stroke: LOOKS.ink, "stroke-width": 2, "stroke-dasharray": "5 4" });
    if (out === 1) draw(svg, "line", { x1: 8, x2: 8, y1: 15, y2: 23, stroke: LOOKS.fresh, "stroke-width": 2 });
    if (back) draw(svg, "line", { x1: 8, x2: 8 + 92 * back, y1: 23, y2: 23, stroke: LOOKS.fresh, "stroke-width": 3 });
    draw(svg, "ellipse", { cx: back ? 8 + 84 * back : 100 - 92 * out, cy: back ? 23 : 15, rx: 9, ry: 5, fill: back ? LOOKS.fresh : LOOKS.ground, stroke: back ? LOOKS.fresh : LOOKS.ink, "stroke-width": 2 });
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
    var target = null, seat = this.seat, self = this;
    if (moment) target = this.rows.querySelector(".step.focus");
    if (!target) seat.marks.some(function (mark, i) {
      if (mark && mark !== "flying") return false;
      var line = self.lines[self.episode.steps[seat.plan[i]][0]];
      target = line ? line.node : null;
      return !!target;
    });
    if (target) show(this.rows, target.closest(".row"), 40);
  };

  plandrift.Frame = Frame;
  plandrift.View = View;
})();
