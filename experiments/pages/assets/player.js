"use strict";
/* Plays episodes: the world, what the agent believes of it, the plan between them. No network, no library. */
(function () {
  var SVG = "http://www.w3.org/2000/svg", listener = null;
  var LOOKS = window.plandriftLooks, OUTCOMES = LOOKS.outcomes;

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
  function shown(value) {
    if (value === null) return "–";
    if (value === true) return "yes";
    if (value === false) return "no";
    var text = String(value);
    return text.length > 22 ? text.slice(0, 10) + "…" + text.slice(-8) : text;
  }

  /* What is so after the first `count` events of an episode. Going on is cheap, going back begins anew. */
  function State(episode) { this.episode = episode; this.reset(); }
  State.prototype.reset = function () {
    var e = this.episode;
    this.count = 0;
    this.world = e.first.slice();
    this.belief = e.first.slice();
    this.changed = e.first.map(function () { return -1e9; });
    this.plan = []; this.stale = []; this.seen = []; this.marks = []; this.verdict = null;
    this.counts = [0, 0, 0, 0]; this.value = null; this.ended = null;
    this.said = [];
  };
  State.prototype.to = function (time) {
    var events = this.episode.events;
    if (this.count && events[this.count - 1].t > time) this.reset();
    while (this.count < events.length && events[this.count].t <= time + 1e-9) this.apply(events[this.count++]);
  };
  State.prototype.apply = function (event) {
    var self = this;
    (event.w || []).forEach(function (p) { self.world[p[0]] = p[1]; self.changed[p[0]] = event.t; });
    (event.b || []).forEach(function (p) { self.belief[p[0]] = p[1]; });
    if (event.plan) this.plan = event.plan;
    if (event.marks) this.marks = event.marks;
    if (event.verdict !== undefined) this.verdict = event.verdict;
    if (event.counts) this.counts = event.counts;
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
    this.said = el("div", { "class": "said" });
    this.root.appendChild(this.said);
    this.root.appendChild(el("h3", {}, "Plan staleness, calls, and observations on their way from the world to the belief"));
    this.chart = document.createElementNS(SVG, "svg");
    this.chart.setAttribute("viewBox", "0 0 640 190");
    this.chart.setAttribute("role", "img");
    this.root.appendChild(this.chart);
    this.root.appendChild(el("h3", {}, "The plan in hand"));
    this.steps = el("ol", { "class": "plan" });
    this.root.appendChild(this.steps);
    this.root.appendChild(el("h3", {}, "The world, and where the agent believes something else"));
    this.grid = el("div", { "class": "grid", tabindex: "0", role: "group", "aria-label": "fluents of " + episode.policy });
    this.root.appendChild(this.grid);
    this.table();
    this.frame();
  }
  View.prototype.table = function () {
    var rows = {}, order = [], columns = [], cells = [], self = this;
    this.episode.fluents.forEach(function (name, i) {
      if (!self.episode.shown[i]) return;
      var dot = name.indexOf("."), entity = dot < 0 ? name : name.slice(0, dot), kind = dot < 0 ? "" : name.slice(dot + 1);
      if (!rows[entity]) { rows[entity] = {}; order.push(entity); }
      if (columns.indexOf(kind) < 0) columns.push(kind);
      rows[entity][kind] = i;
    });
    var table = el("table"), head = el("tr");
    table.appendChild(el("caption", { "class": "note" }, this.episode.hidden ? this.episode.hidden + " more fluents play no part in a plan" : ""));
    head.appendChild(el("td", { "aria-hidden": "true" }, ""));
    columns.forEach(function (kind) { head.appendChild(el("th", { scope: "col" }, kind || "value")); });
    table.appendChild(head);
    order.forEach(function (entity) {
      var row = el("tr");
      row.appendChild(el("th", { scope: "row" }, entity));
      columns.forEach(function (kind) {
        var cell = el("td");
        if (rows[entity][kind] !== undefined) cells[rows[entity][kind]] = cell;
        row.appendChild(cell);
      });
      table.appendChild(row);
    });
    this.cells = cells;
    this.held = [];
    this.grid.appendChild(table);
  };
  View.prototype.x = function (time) { return 34 + 596 * time / this.episode.horizon; };
  View.prototype.frame = function () {
    var svg = this.chart, self = this, top = 100;
    this.y = function (share) { return top - 88 * share; };
    [0, 0.5, 1].forEach(function (share) {
      draw(svg, "line", { x1: 34, x2: 630, y1: self.y(share), y2: self.y(share), stroke: LOOKS.line });
      draw(svg, "text", { x: 28, y: self.y(share) + 4, "text-anchor": "end" }, share === 0.5 ? "½" : String(share));
    });
    draw(svg, "text", { x: 28, y: 128, "text-anchor": "end" }, "calls");
    draw(svg, "line", { x1: 34, x2: 630, y1: 144, y2: 144, stroke: LOOKS.ink });
    draw(svg, "line", { x1: 34, x2: 630, y1: 176, y2: 176, stroke: LOOKS.ink });
    draw(svg, "text", { x: 28, y: 148, "text-anchor": "end" }, "w.");
    draw(svg, "text", { x: 28, y: 180, "text-anchor": "end" }, "b.");
    var step = Math.pow(10, Math.floor(Math.log10(this.episode.horizon))), ticks = this.episode.horizon / step < 3 ? step / 2 : step;
    for (var t = 0; t <= this.episode.horizon + 1e-9; t += ticks) draw(svg, "text", { x: self.x(t), y: 189, "text-anchor": "middle" }, String(Math.round(t * 10) / 10));
    this.messages = draw(svg, "g", {});
    this.curve = draw(svg, "path", { fill: "none", stroke: LOOKS.stale, "stroke-width": 2.5 });
    this.fires = draw(svg, "g", {});
    this.head = draw(svg, "line", { y1: 8, y2: 180, stroke: LOOKS.ink, "stroke-width": 2 });
  };
  View.prototype.update = function (time) {
    var state = this.state, self = this;
    /* Numbers */
    var counts = [["staleness", state.value === null ? "–" : state.value.toFixed(2)], ["fired", state.counts[0]],
      ["misfires", state.counts[1]], ["replans", state.counts[2]], ["blocked", state.counts[3]]];
    this.counts.textContent = "";
    counts.forEach(function (pair) {
      var item = el("span", { "data-count": pair[0] }, pair[0] + " ");
      item.appendChild(el("b", {}, String(pair[1])));
      self.counts.appendChild(item);
    });
    /* Words */
    this.said.textContent = "";
    state.said.slice(-4).forEach(function (line) { self.said.appendChild(el("p", {}, line[0].toFixed(2) + "  " + line[1])); });
    /* Steps */
    this.steps.textContent = "";
    state.plan.forEach(function (text, i) {
      var mark = state.marks[i], stale = state.stale.indexOf(i) >= 0, seen = state.seen.indexOf(i) >= 0;
      var item = el("li"), word;
      if (mark && mark !== "flying") {
        item.className = "done";
        word = OUTCOMES[mark] ? OUTCOMES[mark][1] + " " + OUTCOMES[mark][2] : "✓ done";
      } else {
        item.className = (stale ? "stale" : "fresh") + (stale && !seen ? " unseen" : "") + (mark === "flying" ? " now" : "");
        word = (mark === "flying" ? "on its way, " : "") + (stale ? (seen ? "stale" : "stale, unseen") : "fresh");
        if (state.verdict && state.verdict[0] === i) word = "gate: " + state.verdict[1] + (state.verdict[2] ? " (" + state.verdict[2] + ")" : "");
      }
      item.appendChild(el("span", {}, String(i + 1)));
      item.appendChild(el("span", {}, text));
      item.appendChild(el("span", { "class": "state" }, word));
      self.steps.appendChild(item);
    });
    /* Fluents */
    this.cells.forEach(function (cell, i) {
      var key = [shown(state.world[i]), shown(state.belief[i]), time - state.changed[i] < self.episode.horizon / 60, state.world[i] !== state.belief[i]].join("|");
      if (self.held[i] === key) return;
      self.held[i] = key;
      cell.textContent = shown(state.world[i]);
      var differs = state.world[i] !== state.belief[i];
      cell.className = (differs ? "differs" : "") + (key.split("|")[2] === "true" ? " flash" : "");
      if (differs) cell.appendChild(el("span", { "class": "belief" }, "≠ believes " + shown(state.belief[i])));
    });
    /* Curve */
    var path = "", last = null, events = this.episode.events;
    for (var i = 0; i < state.count; i++) {
      var s = events[i].stale;
      if (!s) continue;
      if (s[2] === null) { if (last !== null) path += " H" + self.x(events[i].t); last = null; continue; }
      path += last === null ? " M" + self.x(events[i].t) + " " + self.y(s[2]) : " H" + self.x(events[i].t) + " V" + self.y(s[2]);
      last = s[2];
    }
    var until = Math.min(time, this.episode.duration);
    if (last !== null) path += " H" + self.x(until);
    this.curve.setAttribute("d", path || "M0 0");
    this.head.setAttribute("x1", self.x(time)); this.head.setAttribute("x2", self.x(time));
    /* Calls */
    this.fires.textContent = "";
    for (i = 0; i < state.count; i++) {
      var outcome = events[i].outcome;
      if (!outcome) continue;
      var look = OUTCOMES[outcome[0]], mark = draw(this.fires, "text", { x: self.x(events[i].t), y: 128, "text-anchor": "middle", fill: look[0], style: "fill:" + look[0] + ";font-size:15px" }, look[1]);
      draw(mark, "title", {}, look[2]);
    }
    /* Observations */
    this.messages.textContent = "";
    this.episode.messages.forEach(function (m) {
      if (m[0] > time) return;
      var arrived = m[1] !== null && m[1] <= time, share = m[1] === null ? Math.min(1, (time - m[0]) / self.episode.horizon * 6) : m[1] > m[0] ? Math.min(1, (time - m[0]) / (m[1] - m[0])) : 1;
      var x1 = self.x(m[0]), x2 = self.x(m[1] === null ? m[0] + self.episode.horizon / 6 : m[1]);
      var x = x1 + (x2 - x1) * share, y = 144 + 32 * share;
      draw(self.messages, "line", { x1: x1, y1: 144, x2: x, y2: y, stroke: arrived ? LOOKS.past : LOOKS.fresh, "stroke-width": arrived ? 1 : 2.5, "stroke-dasharray": m[1] === null ? "3 3" : "none" });
      if (!arrived) draw(self.messages, "circle", { cx: x, cy: y, r: 4, fill: LOOKS.fresh });
    });
    this.chart.setAttribute("aria-label", "At " + time.toFixed(2) + ": plan staleness " + counts[0][1] + ", " + state.counts[0] + " fired, " + state.counts[1] + " misfired");
  };

  function Player(root, data) {
    var self = this;
    this.horizon = Math.max.apply(null, data.episodes.map(function (e) { return e.duration; }));
    this.time = 0; this.playing = false; this.speed = 1;
    data.episodes.forEach(function (e) { e.horizon = self.horizon; });
    var times = {};
    data.episodes.forEach(function (e) { e.events.forEach(function (v) { times[v.t] = 1; }); });
    this.times = Object.keys(times).map(Number).sort(function (a, b) { return a - b; });
    var bar = el("div", { "class": "controls", role: "group", "aria-label": "playback" });
    function button(label, name, act) {
      var b = el("button", { type: "button", "aria-label": name, title: name }, label);
      b.addEventListener("click", act);
      bar.appendChild(b);
      return b;
    }
    button("|◀", "to the start", function () { self.pause(); self.seek(0); });
    button("◀", "one event back", function () { self.step(-1); });
    this.toggle = button("▶ play", "play", function () { self.playing ? self.pause() : self.play(); });
    button("▶|", "one event on", function () { self.step(1); });
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
    root.appendChild(bar);
    this.live = el("p", { "aria-live": "polite", "class": "note", "data-live": "1" });
    root.appendChild(this.live);
    var holder = el("div", { "class": "episodes" });
    root.appendChild(holder);
    this.views = data.episodes.map(function (e) { return new View(holder, e); });
    /* Only the latest player of a page listens. */
    if (listener) document.removeEventListener("keydown", listener);
    listener = function (event) {
      var tag = event.target.tagName;
      if (tag === "SELECT" || event.ctrlKey || event.metaKey || event.altKey) return;
      var slides = tag === "INPUT";
      if (event.key === " " && tag !== "BUTTON" && !slides) { event.preventDefault(); self.playing ? self.pause() : self.play(); }
      else if (event.key === "ArrowRight" && !slides) { event.preventDefault(); self.step(1); }
      else if (event.key === "ArrowLeft" && !slides) { event.preventDefault(); self.step(-1); }
      else if (event.key === "Home" && !slides) { event.preventDefault(); self.pause(); self.seek(0); }
      else if (event.key === "End" && !slides) { event.preventDefault(); self.pause(); self.seek(self.horizon); }
    };
    document.addEventListener("keydown", listener);
    this.seek(0);
    root.setAttribute("data-ready", "1");
  }
  Player.prototype.seek = function (time) {
    var self = this;
    this.time = Math.max(0, Math.min(this.horizon, time));
    this.views.forEach(function (view) { view.state.to(self.time); view.update(self.time); });
    this.slider.value = this.time;
    this.clock.textContent = "time " + this.time.toFixed(2) + " of " + this.horizon.toFixed(1);
    this.slider.setAttribute("aria-valuetext", this.clock.textContent);
    if (!this.playing) {
      this.live.textContent = this.views.map(function (view) {
        var said = view.state.said, last = said[said.length - 1];
        return (self.views.length > 1 ? view.episode.policy + ": " : "") + (last ? last[1] : "The episode begins.");
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
  Player.prototype.play = function () {
    var self = this, before = null;
    if (this.time >= this.horizon) this.seek(0);
    this.playing = true;
    this.toggle.textContent = "❚❚ pause";
    this.toggle.setAttribute("aria-label", "pause");
    function turn(now) {
      if (!self.playing) return;
      if (before !== null) self.seek(self.time + self.speed * (now - before) / 1000 * Math.max(self.horizon / 40, 0.02));
      before = now;
      if (self.time >= self.horizon) { self.pause(); return; }
      window.requestAnimationFrame(turn);
    }
    window.requestAnimationFrame(turn);
  };
  Player.prototype.pause = function () {
    if (!this.playing) return;
    this.playing = false;
    this.toggle.textContent = "▶ play";
    this.toggle.setAttribute("aria-label", "play");
    this.seek(this.time);
  };
  window.plandrift = { Player: Player, el: el, draw: draw };
})();
