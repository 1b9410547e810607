"use strict";
/* Plays episodes side by side: the controls, the keys, and time. */
(function () {
  var plandrift = window.plandrift, el = plandrift.el, listener = null;

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
    this.notice = el("p", { "class": "notice", role: "status" });
    if (this.all.length > 2) {
      var guards = el("span", { "class": "guards", role: "group", "aria-label": "the guard beside it" });
      this.guards = this.all.slice(1).map(function (e, i) {
        var b = el("button", { type: "button" }, e.title);
        b.addEventListener("click", function () { self.choose(i + 1); });
        guards.appendChild(b);
        return b;
      });
      bar.appendChild(guards);
    }
    bar.appendChild(this.notice);
    root.appendChild(bar);
  };
  /* Show the first episode, and beside it one of the others. */
  Player.prototype.choose = function (other) {
    var self = this, beside = other ? [this.all[0], this.all[other]] : [this.all[0]], times = {};
    this.holder.textContent = "";
    this.views = beside.map(function (e) { return e.crew ? new plandrift.Crew(self.holder, e) : new plandrift.View(self.holder, e); });
    (this.guards || []).forEach(function (b, i) { b.setAttribute("aria-pressed", i + 1 === other ? "true" : "false"); });
    beside.forEach(function (e) { e.events.forEach(function (v) { times[v.t] = 1; }); });
    this.times = Object.keys(times).map(Number).sort(function (a, b) { return a - b; });
    /* Moments of one time are held together, but of each view only one at once. */
    var groups = {};
    this.views.forEach(function (view) {
      var before = null, nth = 0;
      view.episode.moments.forEach(function (m) {
        nth = m[0] === before ? nth + 1 : 0;
        before = m[0];
        (groups[m[0] + " " + nth] = groups[m[0] + " " + nth] || []).push([view, m]);
      });
    });
    this.moments = Object.keys(groups).map(function (key) { return [groups[key][0][1][0], groups[key], Number(key.split(" ")[1])]; });
    this.moments.sort(function (a, b) { return a[0] - b[0] || a[2] - b[2]; });
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
  /* Go to a time, or hold one of `moments`; `until` is how many events of that time have happened. The beginning is before the first call. */
  Player.prototype.seek = function (time, held, until) {
    var self = this;
    this.time = Math.max(0, Math.min(this.horizon, time));
    this.held = held || null;
    this.begun = this.time > 0 || !!held || until !== undefined;
    this.notice.textContent = "";
    this.views.forEach(function (view) {
      /* While paused on a moment, show that moment and not what follows at the same instant. */
      var mine = (self.held || []).filter(function (pair) { return pair[0] === view; })[0];
      view.state.to(self.time, mine ? mine[1][5] : self.begun ? until : view.episode.begin);
      view.update(self.time, self.held);
    });
    this.slider.value = this.time;
    this.clock.textContent = "time " + this.time.toFixed(2) + " of " + this.horizon.toFixed(1);
    this.slider.setAttribute("aria-valuetext", this.clock.textContent);
    if (!this.playing || held) {
      this.live.textContent = this.views.map(function (view) {
        return (self.views.length > 1 ? view.episode.title + ": " : "") + view.told.textContent;
      }).join("  ");
    }
    if (held) this.sight();
  };
  /* On a phone, the page is scrolled until what a moment is about is in sight. */
  Player.prototype.sight = function () {
    var view = this.held[0][0], node = view.root.querySelector(".row.focus, .step.focus") || view.root.querySelector(".fluent.focus");
    if (!node || !window.matchMedia("(max-width: 700px)").matches) return;
    var top = node.getBoundingClientRect().top, told = view.told.getBoundingClientRect().height;
    if (top < told || node.getBoundingClientRect().bottom > window.innerHeight) window.scrollBy(0, top - told - 60);
  };
  /* One event on or back: in a crew, many happen at one time. */
  Player.prototype.step = function (way) {
    var now = this.time, view = this.views[0], one = this.views.length === 1 && view.episode.crew, at = view.state.count;
    this.pause();
    if (way > 0 && !this.begun && !one) { this.seek(0, null, Infinity); return; }
    var points = one ? view.episode.events.map(function (e, i) { return e.say ? [e.t, i + 1] : null; }).filter(Boolean) : this.times.map(function (t) { return [t]; });
    var there = points.filter(function (p) {
      return one ? (way > 0 ? p[1] > at : p[1] < at) : way > 0 ? p[0] > now + 1e-9 : p[0] < now - 1e-9;
    });
    if (!there.length) this.seek(way > 0 ? this.horizon : 0);
    else { var to = there[way > 0 ? 0 : there.length - 1]; this.seek(to[0], null, to[1]); }
  };
  /* The number of the moment that comes next. */
  Player.prototype.coming = function () {
    var held = this.held, now = this.begun ? this.time + 1e-9 : -1, i;
    for (i = 0; i < this.moments.length; i++) if (held ? this.moments[i][1] === held : this.moments[i][0] > now) break;
    return held ? i + 1 : i;
  };
  /* Jump from failure to failure, and say so if there is none. */
  Player.prototype.jump = function (way) {
    var now = this.time, held = this.held, i;
    this.pause();
    if (way > 0 || held) i = this.coming() + (way > 0 ? 0 : -2);
    else { i = this.moments.length - 1; while (i >= 0 && this.moments[i][0] >= now - 1e-9) i--; }
    if (this.moments[i]) this.seek(this.moments[i][0], this.moments[i][1]);
    else this.notice.textContent = !this.moments.length ? "No call fails here, and none is stopped." : way > 0 ? "No failure after this." : "No failure before this.";
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
      var to = self.time + self.speed * self.pace() * span * Math.max(self.horizon / 30, 0.02), met = self.moments[self.coming()];
      if (met && met[0] <= to) {
        self.seek(met[0], met[1]);
        wait = Math.max.apply(null, met[1].map(function (pair) { return 1.5 + pair[1][4].split(" ").length / 5; }));
      } else self.seek(to);
      if (self.time >= self.horizon && !self.held) { self.pause(); return; }
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
  plandrift.Player = Player;
})();
