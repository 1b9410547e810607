/* The town as a picture, the list beside it, and the clock that moves both. */
(function () {
  var NAMES = story.NAMES = ["Ana", "Bo", "Chen", "Dita", "Emre"], HOUSE = 104, DOOR = 168, VAN = [250, 232], MOVING = 0.3;

  function put(parent, node, attributes, text) {
    for (var name in attributes || {}) node.setAttribute(name, attributes[name]);
    if (text !== undefined) node.textContent = text;
    parent.appendChild(node);
    return node;
  }
  story.el = function (parent, name, attributes, text) { return put(parent, document.createElement(name), attributes, text); };
  story.draw = function (parent, name, attributes, text) {
    return put(parent, document.createElementNS("http://www.w3.org/2000/svg", name), attributes, text);
  };
  var el = story.el, draw = story.draw;
  story.button = function (parent, text, act, kind) {
    var button = el(parent, "button", { type: "button", "class": kind || "plain" }, text);
    button.addEventListener("click", act);
    return button;
  };
  story.slider = function (parent, name, range, says, act) {
    var label = el(parent, "label", { "class": "slide" }), text = el(label, "span");
    var input = el(label, "input", { type: "range", min: range[0], max: range[1], step: range[2], "aria-label": name });
    function tell() {
      var words = says(Number(input.value));
      text.textContent = name + ": " + words;
      input.setAttribute("aria-valuetext", words);
    }
    input.value = range[3];
    input.addEventListener("input", function () { tell(); act(Number(input.value)); });
    tell();
    return { input: input, set: function (value) { input.value = value; tell(); } };
  };
  story.minutes = function (value) { return (Math.round(value * 100) / 100) + (value === 1 ? " minute" : " minutes"); };
  story.door = function (number) { return "door " + (number + 1); };

  function x(door) { return 50 + 100 * door; }
  function between(one, other, share) { return [one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share]; }

  /* Fog lies over houses and people; the postman and what he is told are seen through it. */
  story.Town = function (parent, porters, tapped) {
    var svg = draw(parent, "svg", { viewBox: "0 36 500 226", "class": "town", role: "img", "aria-label": "A street with five doors" });
    draw(svg, "rect", { x: 0, y: DOOR, width: 500, height: 262 - DOOR, "class": "road" });
    for (var i = 0; i < 5; i++) {
      var house = draw(svg, "g", { "class": "house", transform: "translate(" + x(i) + ",0)" });
      draw(house, "path", { d: "M-42 92 L0 50 L42 92 Z", "class": "roof" });
      draw(house, "rect", { x: -36, y: 92, width: 72, height: DOOR - 92, "class": "wall-of" });
      draw(house, "rect", { x: -12, y: DOOR - 40, width: 24, height: 40, "class": "door" });
      draw(house, "text", { x: 0, y: DOOR - 14, "class": "number" }, i + 1);
      if (tapped) house.addEventListener("click", tapped.bind(null, i));
      if (i >= 5 - (porters || 0)) {
        draw(house, "path", { d: "M14 " + (DOOR - 26) + " h16 v-5 h-3 v-6 h-10 v6 h-3 Z", "class": "porter" });
        draw(house, "circle", { cx: 22, cy: DOOR - 19, r: 6, "class": "porter" });
        draw(house, "rect", { x: 15, y: DOOR - 13, width: 14, height: 13, "class": "porter" });
      }
    }
    this.still = draw(svg, "g");
    this.fog = draw(svg, "g", { "class": "fog" });
    for (var k = 0; k < 6; k++) draw(this.fog, "ellipse", { cx: 100 * k, cy: 70 + 30 * (k % 2), rx: 110, ry: 72 });
    draw(this.fog, "rect", { x: 0, y: 40, width: 500, height: DOOR - 28 });
    this.over = draw(svg, "g");
  };
  story.Town.prototype.show = function (played, game, time, look) {
    look = look || {};
    this.fog.setAttribute("class", "fog" + (look.fog ? " down" : ""));
    this.still.textContent = this.over.textContent = "";
    var moves = [null, null, null, null, null], dog = -1, homes, drops = [0, 0, 0, 0, 0], act = null, thinking = false, still = this.still, over = this.over;
    played.log.forEach(function (event) {
      if (event.time > time) return;
      if (event.kind === "change" && typeof event.what === "number") moves[event.what] = event;
      if (event.kind === "change" && event.what === "dog") dog = event.to;
      if (event.kind === "fire" || event.kind === "read") act = event;
      if (event.kind === "land" && act) act = Object.assign({}, act, { landed: event });
      if (event.kind === "think" || event.kind === "plan") thinking = event.kind === "think";
    });
    if (dog >= 0) {
      draw(still, "ellipse", { cx: x(dog) - 26, cy: DOOR - 6, rx: 11, ry: 6, "class": "dog" });
      draw(still, "circle", { cx: x(dog) - 37, cy: DOOR - 14, r: 6, "class": "dog" });
      draw(still, "text", { x: x(dog) - 28, y: DOOR + 16, "class": "small" }, "dog");
    }
    homes = NAMES.map(function (_, who) { return moves[who] ? moves[who].to : who; });
    NAMES.forEach(function (name, who) {
      var move = moves[who], home = homes[who], together = homes.filter(function (one) { return one === home; }).length;
      var before = homes.slice(0, who).filter(function (one) { return one === home; }).length;
      var at = [x(home) + (before - (together - 1) / 2) * (together > 3 ? 20 : 29), HOUSE + 8];
      var gone = move && time < move.time + MOVING;
      if (gone) {
        var share = (time - move.time) / MOVING;
        at = between([x(move.from), at[1]], at, share);
        at[1] -= 60 * Math.sin(Math.PI * share);
      }
      var person = draw(still, "g", { "class": "person" + (move ? " moved" : "") });
      draw(person, "circle", { cx: at[0], cy: at[1], r: 14 });
      draw(person, "text", { x: at[0], y: at[1] + 6 }, name[0]);
    });
    played.log.forEach(function (event) {
      if (event.time > time) return;
      if (event.kind === "land" && event.reported === "ok") {
        box(still, x(event.door) + 24 - 3 * drops[event.door], DOOR + 6 - 20 * drops[event.door]++, event.parcel, look.reveal ? (event.outcome === "effective" ? "right" : "wrong") : "");
      }
      if (event.kind === "land" && time < event.time + 0.5) {
        var said = { ok: "ok", error: "not here!", refused: "wrong name" }[event.reported];
        bubble(over, x(event.door), DOOR - 52, said);
      }
    });
    if (look.cards) played.log.forEach(function (event) {
      if (event.kind !== "change" || typeof event.what !== "number" || event.time > time || time >= event.time + game.news) return;
      var place = between([x(event.to), DOOR - 60], [VAN[0], VAN[1] - 22], (time - event.time) / game.news);
      var card = draw(over, "g", { "class": "card", transform: "translate(" + place[0] + "," + place[1] + ")" });
      draw(card, "rect", { x: -30, y: -17, width: 60, height: 34, rx: 3 });
      draw(card, "text", { x: 0, y: 6 }, NAMES[event.what][0] + " → " + (event.to + 1));
    });
    draw(over, "rect", { x: VAN[0] - 30, y: VAN[1] - 12, width: 60, height: 34, rx: 5, "class": "van" });
    draw(over, "circle", { cx: VAN[0] - 16, cy: VAN[1] + 23, r: 6, "class": "wheel" });
    draw(over, "circle", { cx: VAN[0] + 16, cy: VAN[1] + 23, r: 6, "class": "wheel" });
    if (thinking && time < played.end) bubble(over, VAN[0], VAN[1] - 34, "thinking …");
    var walk = act && walking(act, game, time), man = walk ? walk.at : [VAN[0] + 44, VAN[1] - 4];
    var figure = draw(over, "g", { "class": "postman", transform: "translate(" + man[0] + "," + man[1] + ")" });
    draw(figure, "rect", { x: -8, y: -2, width: 16, height: 22, rx: 6 });
    draw(figure, "circle", { cx: 0, cy: -10, r: 8 });
    if (walk && walk.carries) box(figure, 14, 8, act.parcel, "");
    if (walk && walk.knocks) bubble(over, x(act.door), DOOR - 52, "knock");
  };
  function walking(act, game, time) {
    var door = [x(act.door), DOOR + 8], van = [VAN[0] + 44, VAN[1] - 4], since = time - act.time;
    if (act.kind === "read") {
      if (since >= game.trip) return null;
      return { at: between(van, door, 1 - Math.abs(1 - 2 * since / game.trip)), knocks: Math.abs(since - game.trip / 2) < 0.2 };
    }
    if (since < game.lands) return { at: between(van, door, since / game.lands), carries: true };
    if (since >= game.step) return null;
    var back = game.step > game.lands ? (since - game.lands) / (game.step - game.lands) : 1;
    return { at: between(door, van, back), carries: act.landed && act.landed.reported !== "ok" };
  }
  function box(parent, left, bottom, parcel, judged) {
    var thing = draw(parent, "g", { "class": "parcel " + judged });
    draw(thing, "rect", { x: left - 11, y: bottom - 22, width: 22, height: 22, rx: 2 });
    draw(thing, "text", { x: left, y: bottom - 4 }, NAMES[parcel][0]);
    if (judged) draw(thing, "text", { x: left + 17, y: bottom - 2, "class": "judged" }, judged === "right" ? "✓" : "✗");
  }
  function bubble(parent, left, middle, text) {
    var half = 9 + 4.8 * text.length, said = draw(parent, "g", { "class": "bubble" });
    left = Math.max(half + 2, Math.min(498 - half, left));
    draw(said, "rect", { x: left - half, y: middle - 15, width: 2 * half, height: 24, rx: 8 });
    draw(said, "text", { x: left, y: middle + 3 }, text);
  }

  /* The list as the postman holds it: where he goes next, and what he was told. */
  story.List = function (parent, order) {
    var list = el(parent, "ol", { "class": "list" });
    this.rows = order.map(function (parcel) {
      var row = el(list, "li");
      el(row, "b", {}, NAMES[parcel]);
      return { parcel: parcel, row: row, door: el(row, "span", { "class": "to" }), said: el(row, "span", { "class": "said" }) };
    });
  };
  story.List.prototype.show = function (played, time, reveal) {
    this.rows.forEach(function (row) {
      var door = row.parcel, changed = false, said = "", kind = "", right = false;
      played.log.forEach(function (event) {
        if (event.time > time) return;
        if (event.kind === "plan") event.steps.forEach(function (step) {
          if (step[0] === row.parcel && !said) { changed = changed || step[1] !== row.parcel; door = step[1]; }
        });
        if (event.parcel !== row.parcel) return;
        if (event.kind === "read") kind = "out", said = "";
        if (event.kind === "fire") { kind = "out"; said = "on the way"; door = event.door; }
        if (event.kind === "land") {
          kind = event.reported;
          said = { ok: "delivered: ok", error: "error: not here", refused: "came back: wrong name" }[event.reported];
          right = event.outcome === "effective";
        }
        if (event.kind === "blocked") kind = said = "";
      });
      row.row.className = kind + (changed ? " changed" : "") + (reveal && kind === "ok" ? (right ? " right" : " wrong") : "");
      row.door.textContent = "→ " + story.door(door);
      row.said.textContent = reveal && kind === "ok" && !right ? "✗ delivered: ok" : said;
    });
  };

  /* Milliseconds for a minute of the town. */
  story.pace = 1300;
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)"), running = null;
  /* Play from one time to another; a reader who wants no motion sees half-minutes one by one. */
  story.playFrom = function (from, to, frame, done) {
    story.stop();
    var began = performance.now(), mine = running = {};
    function next() {
      if (running !== mine) return;
      var time = from + (performance.now() - began) / story.pace;
      if (calm.matches) time = from + Math.floor((time - from) * 2) / 2;
      if (time < to) {
        frame(time);
        if (calm.matches) setTimeout(next, 100); else requestAnimationFrame(next);
        return;
      }
      running = null;
      frame(to);
      if (done) done();
    }
    next();
  };
  story.stop = function () { running = null; };
  story.later = function (minutes, act) {
    var section = document.querySelector(".scene");
    setTimeout(function () { if (document.contains(section)) act(); }, minutes * story.pace);
  };
  story.wrong = function (played) { return played.steps.filter(function (step) { return step[4] === "harmful"; }).length; };
  story.right = function (played) { return played.steps.filter(function (step) { return step[4] === "effective"; }).length; };
})();
