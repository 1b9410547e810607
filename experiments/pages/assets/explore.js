"use strict";
/* Three questions and a playground over results computed when the page was made. */
(function () {
  var LOOKS = window.plandriftLooks, GUESS = [LOOKS.ink, "3 4"];
  var el = window.plandrift.el, draw = window.plandrift.draw;
  function put(parent, name, attributes, text) { var node = el(name, attributes, text); parent.appendChild(node); return node; }
  function share(one) { return one[0] === null ? "–" : Math.round(100 * one[0]) + " %"; }
  function round(value, digits) { return value === null || value === undefined ? "–" : value.toFixed(digits === undefined ? 2 : digits); }

  function Page(data) {
    this.data = data;
    this.stage = document.getElementById("stage");
    this.nav = document.querySelector(".beats");
    this.locked = [false, false, false];
    this.guess = [];
    var self = this;
    this.tabs = ["1 Plan once", "2 Replan on everything", "3 The gate", "Playground"].concat(data.crew ? ["How many agents?"] : []).map(function (name, i) {
      var button = put(self.nav, "button", { type: "button" }, name);
      button.addEventListener("click", function () { self.go(i); });
      return button;
    });
    document.getElementById("loading").remove();
    this.go(0);
    document.body.setAttribute("data-ready", "1");
  }
  Page.prototype.number = function (v, l, t, p) {
    var d = this.data;
    return ((v * d.latency.length + l) * d.thinking.length + t) * d.policies.length + p;
  };
  Page.prototype.curve = function (metric, l, t, p) {
    var self = this;
    return this.data.volatility.map(function (_, v) { return self.data.curves[metric][self.number(v, l, t, p)]; });
  };
  /* Where nothing was measured (for example, no step was fired), the figures are null and are shown as such. */
  Page.prototype.known = function (metric, l, t, p) { return this.curve(metric, l, t, p).map(function (one) { return one || [null, null, null]; }); };
  Page.prototype.episode = function (v, l, t, p, s) { return JSON.parse(JSON.stringify(this.data.episodes[this.number(v, l, t, p)][s])); };
  Page.prototype.go = function (place) {
    if (place > 0 && place < 3 && !this.locked[place - 1]) return;
    if (place >= 3 && !this.locked[2]) return;
    var self = this;
    this.place = place;
    this.tabs.forEach(function (tab, i) {
      tab.disabled = i > 0 && !self.locked[Math.min(i, 3) - 1];
      if (i === place) tab.setAttribute("aria-current", "step"); else tab.removeAttribute("aria-current");
    });
    this.stage.textContent = "";
    this.stage.setAttribute("data-beat", place + 1);
    [this.first, this.second, this.third, this.playground, this.crew][place].call(this);
  };
  Page.prototype.lock = function (place, guess) {
    this.guess[place] = guess;
    this.locked[place] = true;
    this.go(place);
    this.stage.scrollIntoView();
  };
  Page.prototype.next = function (beat, place) {
    var self = this, button = put(beat, "button", { type: "button", "class": "next" }, place < 3 ? "to the next question" : "to the playground");
    button.addEventListener("click", function () { self.go(place); self.stage.scrollIntoView(); });
  };
  Page.prototype.show = function (beat, v, l, t, policies, s) {
    var self = this, holder = put(beat, "div", {});
    new window.plandrift.Player(holder, { episodes: policies.map(function (p) { return self.episode(v, l, t, p, s); }) });
  };

  /* Question 1: one episode to watch, then one slider; the curve comes after the guess. */
  Page.prototype.first = function () {
    var d = this.data, self = this, beat = put(this.stage, "section", { "class": "beat" }), v = Math.min(2, d.volatility.length - 1);
    put(beat, "h2", {}, "Plan once: how stale does the plan get?");
    if (this.locked[0]) {
      var truth = this.known("plan_staleness", 1, 0, 0), answer = put(beat, "div", { "class": "answer", role: "status" });
      put(answer, "p", {}, "Measured over " + d.many + " episodes: " + truth.map(function (one, i) { return round(one[0]) + " at " + d.volatility[i]; }).join(", ") +
        ". Your guess of " + round(this.guess[0]) + " was off by " + round(Math.abs(truth[v][0] - this.guess[0])) + ".");
      var none = d.volatility.map(function (_, i) { return i === v ? [self.guess[0], self.guess[0], self.guess[0]] : null; });
      this.chart(put(beat, "div", { "class": "curve" }), [{ name: "guess", label: "your guess", points: none }, { name: "plan-once", label: "plan-once", points: this.curve("plan_staleness", 1, 0, 0) }], "plan staleness", 1);
      put(beat, "p", {}, "Step through the episode. What did the agent know when it fired the first call that misfired, and when did the world change?");
      this.next(beat, 1);
    } else {
      put(beat, "p", {}, "The agent plans once, then executes its plan. While it works, others change the world, each fluent " + d.volatility[v] + " times per unit of time. Press play, then guess.");
    }
    this.show(beat, v, 1, 0, [0], 0);
    if (this.locked[0]) return;
    var ask = put(beat, "div", { "class": "ask" }), label = put(ask, "label");
    put(label, "b", {}, "Over " + d.many + " such episodes, which share of the steps left depends on something that is no longer true, on average?");
    var text = put(label, "span", {}, "Your guess: 0.50"), slider = put(label, "input", { type: "range", min: 0, max: 1, step: 0.01, value: 0.5, "aria-label": "guessed staleness at volatility " + d.volatility[v] });
    slider.addEventListener("input", function () { text.textContent = "Your guess: " + round(Number(slider.value)); });
    put(ask, "button", { type: "button", "class": "lock" }, "lock in my guess").addEventListener("click", function () { self.lock(0, Number(slider.value)); });
  };

  /* Question 2: a slider. */
  Page.prototype.second = function () {
    var d = this.data, self = this, beat = put(this.stage, "section", { "class": "beat" }), v = Math.min(2, d.volatility.length - 1);
    var each = d.policies.indexOf("replan-each"), most = Math.max(20, Math.ceil(1.6 * this.known("replans", 1, 0, each)[v][0]));
    put(beat, "h2", {}, "Replan on every observation: what does it cost?");
    put(beat, "p", {}, "Now the agent makes a new plan whenever it hears anything. At a volatility of " + d.volatility[v] + ", how many times does it replan in an episode?");
    var ask = put(beat, "div", { "class": "ask" }), label = put(ask, "label"), start = this.guess[1] === undefined ? Math.round(most / 2) : this.guess[1];
    var text = put(label, "span", {}, "Your guess: " + start + " replans");
    var slider = put(label, "input", { type: "range", min: 0, max: most, step: 1, value: start, "aria-label": "guessed number of replans" });
    slider.disabled = this.locked[1];
    slider.addEventListener("input", function () { text.textContent = "Your guess: " + slider.value + " replans"; });
    if (!this.locked[1]) {
      put(ask, "button", { type: "button", "class": "lock" }, "lock in my guess").addEventListener("click", function () { self.lock(1, Number(slider.value)); });
      return;
    }
    var replans = this.known("replans", 1, 0, each)[v], stale = this.known("plan_staleness", 1, 0, each)[v], once = this.known("plan_staleness", 1, 0, 0)[v];
    var answer = put(beat, "div", { "class": "answer", role: "status" });
    put(answer, "p", {}, "You guessed " + this.guess[1] + ". Measured: " + round(replans[0], 1) + " (between " + round(replans[1], 1) + " and " + round(replans[2], 1) +
      ", 95 %). Its plan is " + round(stale[0]) + " stale instead of " + round(once[0]) + ".");
    var last = d.thinking.length - 1, slow = [], quick = [];
    ["steps_fired", "first_misfires", "success"].forEach(function (metric) { slow.push(self.known(metric, 1, last, each)[v]); quick.push(self.known(metric, 1, 0, each)[v]); });
    put(answer, "p", {}, "If planning takes no time, it fires " + round(quick[0][0], 1) + " calls, of which " + round(quick[1][0], 1) + " misfire at the first attempt, and reaches every goal in " + share(quick[2]) +
      " of the episodes. If each plan takes " + d.thinking[last] + " to make, it fires " + round(slow[0][0], 1) + ", " + round(slow[1][0], 1) + " misfire, and every goal is reached in " + share(slow[2]) + "." + self.cutOff(v, 1, last, [each]) +
      (slow[0][0] < 0.8 * quick[0][0] && slow[2][0] < quick[2][0] ? " Fewer calls go wrong because fewer are made, and less is achieved: the agent is busy thinking." : ""));
    this.next(beat, 2);
    this.show(beat, v, 1, 0, [0, each], 0);
  };

  /* Question 3: a choice. */
  Page.prototype.third = function () {
    var d = this.data, self = this, beat = put(this.stage, "section", { "class": "beat" }), v = Math.min(2, d.volatility.length - 1);
    var gate = d.policies.indexOf("gated"), last = d.latency.length - 1;
    var choices = ["hardly more often than without latency", "about twice as often", "many times as often", "more often than an agent that plans once"];
    put(beat, "h2", {}, "The gate: what does latency take away, and what gives it back?");
    put(beat, "p", {}, "The gated agent replans when an observation touches its plan, and checks each call against what it believes before it fires. Now the news arrives with a delay of " +
      d.latency[last] + ". Per step fired, how often does it misfire at a volatility of " + d.volatility[v] + "?");
    var ask = put(beat, "div", { "class": "ask" }), set = put(ask, "fieldset", {}), button;
    put(set, "legend", {}, "Your guess");
    choices.forEach(function (choice, i) {
      var label = put(set, "label"), input = put(label, "input", { type: "radio", name: "third", value: i });
      label.appendChild(document.createTextNode(" " + choice));
      if (self.guess[2] === i) input.checked = true;
      input.disabled = self.locked[2];
      input.addEventListener("change", function () { button.disabled = false; });
    });
    if (!this.locked[2]) {
      button = put(ask, "button", { type: "button", "class": "lock", disabled: "" }, "lock in my guess");
      button.addEventListener("click", function () { self.lock(2, Number(set.querySelector("input:checked").value)); });
      return;
    }
    var none = this.known("first_misfire_rate", 0, 0, gate)[v], late = this.known("first_misfire_rate", last, 0, gate)[v], once = this.known("first_misfire_rate", last, 0, 0)[v];
    var right = late[0] > once[2] ? 3 : late[0] > 4 * Math.max(none[0], 0.005) ? 2 : late[0] > 1.5 * Math.max(none[0], 0.005) ? 1 : 0;
    var answer = put(beat, "div", { "class": "answer", role: "status" });
    put(answer, "p", {}, "Measured: " + choices[right] + (right === this.guess[2] ? ", as you guessed." : "; you guessed: " + choices[this.guess[2]] + ".") + " Without latency " + round(none[0]) +
      " of its steps misfire; with latency " + d.latency[last] + " it is " + round(late[0]) + " (" + round(late[1]) + " to " + round(late[2]) + "); an agent that plans once has " + round(once[0]) + ".");
    /* What the other guards reach stays out of it: to find that out is what the playground is for. */
    var shown = [0, d.policies.indexOf("replan-each"), gate].filter(function (p, i, all) { return p >= 0 && all.indexOf(p) === i; });
    put(answer, "p", {}, "The gate looks at the belief, and the belief is late too: the gate cannot catch what it cannot see. Misfires per step are not the whole story: with that latency, every goal was reached in " +
      shown.map(function (p) { return share(self.known("success", last, 0, p)[v]) + " (" + d.policies[p] + ", " + round(self.known("steps_fired", last, 0, p)[v][0], 1) + " calls fired)"; }).join(", ") + " of the episodes." + self.cutOff(v, last, 0, shown));
    if (d.policies.indexOf("if-match") >= 0 && d.policies.indexOf("look-first") >= 0) put(answer, "p", {}, "Two guards do not need the news. look-first reads afresh before each call, and is blind only during that read. if-match sends each call with its assumptions, and the world itself refuses the call if they no longer hold. Try both in the playground.");
    var both = put(beat, "div", { "class": "two" });
    this.chart(put(both, "div", { "class": "curve" }), d.latency.map(function (latency, l) { return { name: "gated", label: "latency " + latency, points: self.curve("first_misfire_rate", l, 0, gate), dash: ["", "9 5", "3 4"][l % 3] }; }), "misfires per first attempt of the gated agent", null);
    this.chart(put(both, "div", { "class": "curve" }), shown.map(function (p) { return { name: d.policies[p], label: d.policies[p], points: self.curve("success", last, 0, p) }; }), "every goal reached, latency " + d.latency[last], 1, v);
    this.next(beat, 3);
    this.show(beat, v, last, 0, [gate, 0], 0);
  };

  Page.prototype.playground = function () {
    var d = this.data, self = this, beat = put(this.stage, "section", { "class": "beat" }), chosen = { v: Math.min(2, d.volatility.length - 1), l: d.latency.length - 1, t: d.thinking.length - 1, a: 0, b: d.policies.length - 1, s: 0 };
    var aim = this.goal();
    put(beat, "h2", {}, "Playground");
    var goal = put(beat, "p", { "class": "goal", role: "status" });
    var two = put(beat, "div", { "class": "two" }), left = put(two, "div", { "class": "curve" }), right = put(two, "div", { "class": "curve" });
    var form = put(beat, "div", { "class": "choose" }), tried = {}, solved = false;
    function slide(name, key, values, unit) {
      var label = put(form, "label"), text = put(label, "span", {}, name + ": " + values[chosen[key]] + unit);
      var input = put(label, "input", { type: "range", min: 0, max: values.length - 1, step: 1, value: chosen[key], "aria-label": name });
      input.addEventListener("input", function () { chosen[key] = Number(input.value); text.textContent = name + ": " + values[chosen[key]] + unit; input.setAttribute("aria-valuetext", values[chosen[key]] + unit); redraw(); });
    }
    function choose(name, key, values) {
      var label = put(form, "label", {}, name + " "), select = put(label, "select", { "aria-label": name });
      values.forEach(function (value, i) { var option = put(select, "option", { value: i }, String(value)); if (i === chosen[key]) option.selected = true; });
      select.addEventListener("change", function () { chosen[key] = Number(select.value); redraw(); });
    }
    slide("volatility", "v", d.volatility, "");
    slide("observation latency", "l", d.latency, "");
    slide("thinking time", "t", d.thinking, "");
    choose("policy", "a", d.policies);
    choose("against", "b", d.policies);
    choose("seed", "s", d.seeds);
    /* What a policy reaches is drawn when it has been chosen and tried, so that the charts do not tell which to choose. */
    put(form, "button", { type: "button", "class": "lock" }, "try it").addEventListener("click", function () { tried[chosen.a] = true; redraw(); goal.scrollIntoView(); });
    var holder = put(beat, "div", {});
    function redraw() {
      var began = performance.now();
      function lines(metric) { return d.policies.map(function (policy, p) { return { name: policy, label: policy, points: self.curve(metric, chosen.l, chosen.t, p), place: p }; }).filter(function (line) { return solved || tried[line.place]; }); }
      var counts = chosen.l === d.latency.length - 1 && chosen.t === d.thinking.length - 1 && chosen.v === aim.first;
      var had = self.known("success", chosen.l, chosen.t, chosen.a)[chosen.v], met = tried[chosen.a] && counts && had[0] !== null && had[0] >= aim.success;
      solved = solved || met;
      left.textContent = right.textContent = holder.textContent = "";
      self.chart(left, lines("success"), "every goal reached (share of the episodes)", 1, chosen.v);
      self.chart(right, lines("harm"), "harmful calls per episode", null, chosen.v);
      new window.plandrift.Player(holder, { episodes: [self.episode(chosen.v, chosen.l, chosen.t, chosen.a, chosen.s), self.episode(chosen.v, chosen.l, chosen.t, chosen.b, chosen.s)] });
      goal.className = "goal" + (met ? " met" : "");
      goal.textContent = "You cannot speed up your network or your model: observation latency " + d.latency[d.latency.length - 1] + ", thinking time " + d.thinking[d.thinking.length - 1] + ", volatility " + d.volatility[aim.first] +
        ". Which policy reaches every goal in at least " + share([aim.success]) + " of the episodes?" +
        (!tried[chosen.a] ? " Choose one and try it." : " " + d.policies[chosen.a] + " does in " + share(had) + ", with " +
          ["harm", "replans", "reads"].map(function (metric) { return round(self.known(metric, chosen.l, chosen.t, chosen.a)[chosen.v][0], 1) + " " + { harm: "harmful calls", replans: "replans", reads: "reads" }[metric]; }).join(", ") + (met ? ": reached." : ".") + self.cutOff(chosen.v, chosen.l, chosen.t, [chosen.a])) +
        (counts ? "" : " But these sliders are not set to that system.");
      beat.setAttribute("data-took", String(performance.now() - began));
    }
    redraw();
  };
  /* Said beside what was reached, wherever the horizon ended more than 2 % of the episodes. */
  Page.prototype.cutOff = function (v, l, t, policies) {
    var d = this.data, self = this, cut = policies.filter(function (p) { return self.known("cut_off", l, t, p)[v][0] > 0.02; });
    return cut.length ? " The horizon of " + d.horizon + " cut off " + cut.map(function (p) { return share(self.known("cut_off", l, t, p)[v]) + " (" + d.policies[p] + ")"; }).join(", ") + " of the episodes." : "";
  };
  /* A goal that only the choice of policy can reach: what the best policy achieves, rounded down. */
  Page.prototype.goal = function () {
    var d = this.data, self = this, first = Math.min(2, d.volatility.length - 1);
    var best = Math.max.apply(null, d.policies.map(function (_, p) { return self.known("success", d.latency.length - 1, d.thinking.length - 1, p)[first][0] || 0; }));
    return { first: first, success: Math.max(0.05, Math.floor(20 * best) / 20) };
  };

  /* A crew: guess where it is best, then move the number of agents. */
  Page.prototype.crew = function () {
    var crew = this.data.crew, self = this, beat = put(this.stage, "section", { "class": "beat" });
    put(beat, "h2", {}, "How many agents on one world?");
    var at = this.crewGuess === undefined ? Math.floor(crew.agents.length / 2) : this.crewGuess, said = put(beat, "p", {}), chart = put(beat, "div", { "class": "curve" });
    var label = put(put(beat, "div", { "class": "ask" }), "label"), text = put(label, "span", {}), slider = put(label, "input", { type: "range", min: 0, max: crew.agents.length - 1, step: 1, value: at, "aria-label": "number of agents" });
    var locked = this.crewGuess !== undefined, rows = put(beat, "div", { "class": "scroll", tabindex: 0, role: "region", "aria-label": "numbers of this crew" });
    function show() {
      var n = crew.agents[at], agents = n + (n > 1 ? " agents" : " agent");
      slider.setAttribute("aria-valuetext", agents);
      text.textContent = (locked ? "" : "Your guess: ") + agents;
      if (!locked) return;
      chart.textContent = rows.textContent = "";
      self.crewChart(chart, crew, at);
      var table = put(rows, "table", {}), head = put(table, "tr", {});
      ["with " + agents].concat(crew.columns).forEach(function (name) { put(head, "th", {}, name); });
      crew.ways.forEach(function (way, w) {
        var row = put(table, "tr", {});
        put(row, "td", {}, way[0]);
        crew.rows[w][at].forEach(function (value) { put(row, "td", {}, round(value, 1)); });
      });
    }
    slider.addEventListener("input", function () { at = Number(slider.value); show(); });
    if (locked) {
      said.textContent = "You guessed " + crew.agents[this.crewGuess] + ". With locks the crew is best with " + crew.best[1] + ", with a check by the world with " + crew.best[2] +
        ", and with no guard with " + crew.best[0] + ". Each agent is the others' volatility. Move the number of agents:";
    } else {
      said.textContent = crew.tasks + " tasks in one book of " + crew.shared + " entries, which everybody reads and changes. Each agent locks the entries that a step needs and keeps them until its task is done. With how many agents does the crew get the most tasks right per time?";
      put(label.parentNode, "button", { type: "button", "class": "lock" }, "lock in my guess").addEventListener("click", function () { self.crewGuess = at; self.go(4); self.stage.scrollIntoView(); });
    }
    show();
  };
  /* Right tasks per time over one agent alone, on log axes, with the diagonal on which each agent adds one. */
  Page.prototype.crewChart = function (parent, crew, mark) {
    var svg = draw(parent, "svg", { viewBox: "0 0 640 300", role: "img", "aria-label": "right tasks per time over one agent: " + crew.ways.map(function (way, w) { return way[0] + " " + crew.rows[w].map(function (one) { return round(one[0], 1); }).join(", "); }).join("; ") });
    var most = crew.agents[crew.agents.length - 1];
    function x(n) { return 56 + 400 * Math.log(n) / Math.log(most); }
    function y(value) { return 250 - 210 * Math.log(Math.max(value, 0.1) / 0.1) / Math.log(most / 0.1); }
    draw(svg, "text", { x: 8, y: 22, style: "font-weight:bold;font-size:15px" }, "right tasks per time, over one agent alone (log axes)");
    [0.1, 1, 10].forEach(function (value) { draw(svg, "line", { x1: 56, x2: 456, y1: y(value), y2: y(value), stroke: LOOKS.line }); draw(svg, "text", { x: 50, y: y(value) + 4, "text-anchor": "end" }, String(value)); });
    crew.agents.forEach(function (n) { draw(svg, "text", { x: x(n), y: 270, "text-anchor": "middle" }, String(n)); });
    draw(svg, "text", { x: 256, y: 292, "text-anchor": "middle" }, "agents");
    draw(svg, "line", { x1: x(1), y1: y(1), x2: x(most), y2: y(most), stroke: LOOKS.edge, "stroke-width": 1.5 });
    draw(svg, "text", { x: x(most) - 6, y: y(most) + 4, "text-anchor": "end" }, "each agent adds one");
    draw(svg, "line", { x1: x(crew.agents[mark]), x2: x(crew.agents[mark]), y1: 36, y2: 250, stroke: LOOKS.ink, "stroke-dasharray": "2 3" });
    var ends = crew.ways.map(function (way, w) {
      var look = LOOKS.policies[way[1]], places = crew.rows[w].map(function (one, i) { return [x(crew.agents[i]), y(one[0])]; });
      draw(svg, "path", { d: "M" + places.map(function (p) { return p.join(" "); }).join(" L"), fill: "none", stroke: look[0], "stroke-width": 3, "stroke-dasharray": way[2] ? "3 3" : look[1] });
      places.forEach(function (p) { draw(svg, "circle", { cx: p[0], cy: p[1], r: 4, fill: look[0] }); });
      return [places[places.length - 1][1], way[0], look[0]];
    });
    ends.sort(function (a, b) { return a[0] - b[0]; });
    ends.forEach(function (end, i) { if (i && end[0] < ends[i - 1][0] + 16) end[0] = ends[i - 1][0] + 16; });
    ends.forEach(function (end) { draw(svg, "text", { x: 464, y: end[0] + 4, style: "font-weight:bold;font-size:13px;fill:" + end[2] }, end[1]); });
  };

  /* A chart of means with bands against volatility on a log axis, with names at the lines' ends. */
  Page.prototype.chart = function (parent, lines, title, top, mark) {
    var d = this.data, svg = draw(parent, "svg", { viewBox: "0 0 640 300", role: "img", "aria-label": title + ": " + lines.map(function (line) { return line.label + " " + line.points.map(function (p) { return p ? round(p[0]) : "none"; }).join(", "); }).join("; ") });
    var known = [];
    lines.forEach(function (line) { line.points.forEach(function (p) { if (p) known.push(p[2]); }); });
    var high = top || 1.05 * Math.max.apply(null, known.concat([0.01])), low = Math.log(d.volatility[0]), span = Math.log(d.volatility[d.volatility.length - 1]) - low || 1;
    function x(i) { return 56 + 440 * (Math.log(d.volatility[i]) - low) / span; }
    function y(value) { return 250 - 210 * value / high; }
    draw(svg, "text", { x: 8, y: 22, style: "font-weight:bold;font-size:15px" }, title);
    [0, high / 2, high].forEach(function (value) {
      draw(svg, "line", { x1: 56, x2: 496, y1: y(value), y2: y(value), stroke: LOOKS.line });
      draw(svg, "text", { x: 50, y: y(value) + 4, "text-anchor": "end" }, high > 5 ? round(value, 0) : round(value));
    });
    d.volatility.forEach(function (rate, i) { draw(svg, "text", { x: x(i), y: 270, "text-anchor": "middle" }, String(rate)); });
    draw(svg, "text", { x: 276, y: 292, "text-anchor": "middle" }, "volatility (changes per fluent per unit of time, log axis)");
    if (mark !== undefined) draw(svg, "line", { x1: x(mark), x2: x(mark), y1: 36, y2: 250, stroke: LOOKS.ink, "stroke-dasharray": "2 3" });
    var ends = [];
    lines.forEach(function (line) {
      var look = LOOKS.policies[line.name] || GUESS, points = line.points.map(function (p, i) { return p ? [x(i), y(p[0]), y(p[1]), y(p[2])] : null; }).filter(Boolean);
      if (!points.length) return;
      if (line.name !== "guess") draw(svg, "path", { d: "M" + points.map(function (p) { return p[0] + " " + p[3]; }).join(" L") + " L" + points.slice().reverse().map(function (p) { return p[0] + " " + p[2]; }).join(" L") + " Z", fill: look[0], "fill-opacity": ".18" });
      draw(svg, "path", { d: "M" + points.map(function (p) { return p[0] + " " + p[1]; }).join(" L"), fill: "none", stroke: look[0], "stroke-width": 3, "stroke-dasharray": line.dash === undefined ? look[1] : line.dash });
      points.forEach(function (p) { draw(svg, "circle", { cx: p[0], cy: p[1], r: 4, fill: look[0] }); });
      ends.push([points[points.length - 1][1], line.label, look[0]]);
    });
    ends.sort(function (a, b) { return a[0] - b[0]; });
    ends.forEach(function (end, i) { if (i && end[0] < ends[i - 1][0] + 16) end[0] = ends[i - 1][0] + 16; });
    // Names stay above the axis: one that is too low pushes those above it up.
    for (var i = ends.length - 1, floor = 250; i >= 0; i--, floor = ends[i + 1][0] - 16) ends[i][0] = Math.min(ends[i][0], floor);
    ends.forEach(function (end) { draw(svg, "text", { x: 504, y: end[0] + 4, style: "font-weight:bold;font-size:13px;fill:" + end[2] }, end[1]); });
  };

  async function unpack() {
    var bytes = Uint8Array.from(atob(document.getElementById("packed").textContent), function (c) { return c.charCodeAt(0); });
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }
  unpack().then(function (data) { new Page(data); }, function (error) {
    document.getElementById("loading").textContent = "This browser is too old to unpack the episodes; any browser from 2023 or later can. (" + error + ")";
  });
})();
