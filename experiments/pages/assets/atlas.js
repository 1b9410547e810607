"use strict";
/* A world with places, drawn as a map: the world on the left, what the agent believes about it and its plan on the right. */
(function () {
  var plandrift = window.plandrift, draw = plandrift.draw, el = plandrift.el, GAP = 2;

  /* A mark is [x, y, look, text, to]. */
  function put(parent, mark) {
    var x = mark[0], y = mark[1], look = mark[2], to = mark[4];
    if (to) {
      draw(parent, "line", { x1: x, y1: y, x2: to[0], y2: to[1], "class": look });
      if (look === "shut") draw(parent, "text", { x: (x + to[0]) / 2, y: (y + to[1]) / 2, "class": "cross" }, "✕");
      return;
    }
    if (look === "wall") draw(parent, "rect", { x: x - 0.5, y: y - 0.5, width: 1, height: 1, "class": look });
    else if (look === "thing") draw(parent, "rect", { x: x - 0.42, y: y - 0.42, width: 0.84, height: 0.84, rx: 0.12, "class": look });
    else draw(parent, "circle", { cx: x, cy: y, r: look === "agent" ? 0.4 : 0.3, "class": look });
    if (look === "agent") draw(parent, "circle", { cx: x, cy: y, r: 0.15, "class": "eye" });
    if (mark[3]) draw(parent, "text", { x: x, y: y, "class": "of-" + look }, mark[3]);
  }

  function Atlas(view, root) {
    var self = this, map = view.episode.map, left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    this.view = view;
    function reach(mark) {
      if (!mark) return;
      [[mark[0], mark[1]], mark[4] || [mark[0], mark[1]]].forEach(function (p) {
        left = Math.min(left, p[0]); right = Math.max(right, p[0]); top = Math.min(top, p[1]); bottom = Math.max(bottom, p[1]);
      });
    }
    map.ground.forEach(reach);
    map.fluents.forEach(function (f) { f[1].forEach(function (pair) { reach(pair[1]); }); });
    this.shift = right - left + 1 + GAP;
    var head = el("div", { "class": "row head atlas-head" });
    ["the world", "what the agent believes", "the plan"].forEach(function (text) { head.appendChild(el("span", {}, text)); });
    root.appendChild(head);
    this.holder = el("div", { "class": "rows atlas" });
    this.svg = draw(this.holder, "svg", { viewBox: [left - 0.6, top - 0.6, this.shift + right - left + 1.2, bottom - top + 1.2].join(" "), preserveAspectRatio: "xMidYMin meet", role: "img", "aria-label": "map of the world and of what the agent believes about it" });
    this.list = el("div", { "class": "steps" });
    this.list.tabIndex = 0;
    this.list.setAttribute("role", "group");
    this.list.setAttribute("aria-label", "plan of " + view.episode.policy);
    this.holder.appendChild(this.list);
    root.appendChild(this.holder);
    this.sides = ["world", "belief"].map(function (name, i) {
      var g = draw(self.svg, "g", { transform: "translate(" + i * self.shift + " 0)", "class": name }), side = { name: name, marks: {} };
      var ground = draw(g, "g", {});
      map.ground.forEach(function (mark) { put(ground, mark); });
      side.lines = draw(g, "g", {}); side.plan = draw(g, "g", { "class": "path" }); side.things = draw(g, "g", {}); side.last = draw(g, "g", {});
      return side;
    });
    this.flight = draw(this.svg, "g", {});
    /* How each value of a fluent is drawn, and where it was last visible. */
    this.looks = map.fluents.map(function (f) {
      var by = new Map();
      f[1].forEach(function (pair) { by.set(pair[0], pair[1]); });
      return { fluent: f[0], by: by };
    });
    this.of = {};
    this.looks.forEach(function (look) { self.of[look.fluent] = look; });
  }
  Atlas.prototype.layer = function (side, mark) {
    return mark[4] ? side.lines : mark[2] === "agent" ? side.last : side.things;
  };
  /* Where a fluent is now, or else where it last was. */
  Atlas.prototype.spot = function (fluent) {
    var look = this.of[fluent], found = null;
    if (!look) return null;
    [this.view.state.world[fluent], this.view.seat.belief[fluent]].forEach(function (value) { found = found || look.by.get(value); });
    if (!found) look.by.forEach(function (mark) { found = found || mark; });
    return found && (found[4] ? [(found[0] + found[4][0]) / 2, (found[1] + found[4][1]) / 2] : [found[0], found[1]]);
  };
  Atlas.prototype.update = function (time, moment) {
    var self = this, view = this.view, state = view.state, recent = view.episode.horizon / 60;
    this.looks.forEach(function (look) {
      var i = look.fluent, differs = view.differs(i);
      self.sides.forEach(function (side) {
        var value = (side.name === "world" ? state.world : view.seat.belief)[i], mark = look.by.get(value), held = side.marks[i];
        var name = (differs ? "differs" : "") + (view.broke[i] ? " broke" : "") + (view.focus[i] ? " focus" : "") + (side.name === "world" && time - state.changed[i] < recent ? " flash" : "");
        if (held && held.value === value) { if (held.g) held.g.setAttribute("class", name); return; }
        if (held && held.g) held.g.remove();
        side.marks[i] = { value: value, g: mark ? draw(self.layer(side, mark), "g", { "class": name }) : null };
        if (mark) put(side.marks[i].g, mark);
      });
    });
    this.plan(moment);
    this.fly(time);
    this.here(moment);
  };
  /* Where the current call was meant to act, in the world and in the belief. */
  Atlas.prototype.here = function (moment) {
    var self = this, s = moment ? this.view.seat.plan[moment[1][2]] : undefined, mark = s === undefined ? null : this.view.episode.steps[s][3];
    if (!mark) return;
    var at = mark[4] || mark;
    [0, self.shift].forEach(function (dx) { draw(self.flight, "circle", { cx: at[0] + dx, cy: at[1], r: 0.95, "class": "here" }); });
  };
  Atlas.prototype.plan = function (moment) {
    var self = this, view = this.view, seat = view.seat, path = this.sides[1].plan, key = [];
    seat.plan.forEach(function (s, i) { key.push(view.stands(i, moment)); });
    key = key.join("|");
    if (key === this.key) return;
    this.key = key;
    path.textContent = this.list.textContent = "";
    seat.plan.forEach(function (s, i) {
      var how = view.standing(i), mark = view.episode.steps[s][3];
      self.list.appendChild(view.step(i, moment));
      if (!mark || how === "done") return;
      if (mark[4]) draw(path, "line", { x1: mark[0], y1: mark[1], x2: mark[4][0], y2: mark[4][1], "class": how });
      else draw(path, "circle", { cx: mark[0], cy: mark[1], r: 0.55, "class": how });
    });
  };
  /* News crosses from where the change happened to the belief; a call crosses back. */
  Atlas.prototype.fly = function (time) {
    var self = this, view = this.view, flight = this.flight;
    flight.textContent = "";
    view.episode.messages.forEach(function (m) {
      /* A look goes there before it comes back. */
      var out = m[3] !== undefined && m[3] <= time && time < m[0];
      if ((m[0] > time && !out) || m[1] === null || m[1] <= time) return;
      var share = out ? 1 - (time - m[3]) / (m[0] - m[3]) : (time - m[0]) / (m[1] - m[0]);
      m[2].forEach(function (fluent) {
        var at = self.spot(fluent);
        if (!at) return;
        var x = at[0] + share * self.shift;
        draw(flight, "line", { x1: out ? at[0] + self.shift : at[0], y1: at[1], x2: x, y2: at[1], "class": "news" });
        draw(flight, "rect", { x: x - 0.35, y: at[1] - 0.35, width: 0.7, height: 0.7, rx: 0.1, "class": "news" });
      });
    });
    view.episode.calls.forEach(function (c) {
      var step = view.episode.steps[view.seat.plan[c[0]]];
      if (c[1] > time || c[2] === null || c[2] <= time || !step || !step[3]) return;
      var share = c[2] > c[1] ? (time - c[1]) / (c[2] - c[1]) : 1, at = step[3][4] || step[3], x = at[0] + (1 - share) * self.shift;
      draw(flight, "path", { d: "M" + (x - 0.4) + " " + at[1] + " l 0.8 -0.4 l 0 0.8 z", "class": "call" });
    });
  };
  /* Keep the step that matters in view. */
  Atlas.prototype.reveal = function (moment) {
    var list = this.list, view = this.view, next = -1;
    view.seat.plan.some(function (s, i) { if (view.standing(i) === "done" || view.standing(i) === "failed") return false; next = i; return true; });
    var target = moment ? list.querySelector(".step.focus") : list.children[next];
    if (target) plandrift.show(list, target, 30);
  };
  plandrift.Atlas = Atlas;
})();
