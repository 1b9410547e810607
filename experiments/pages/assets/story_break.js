/* Scene 6, break it: the reader plays the world, and hurts each guard with the fewest moves. */
(function () {
  var el = story.el, draw = story.draw, ORDER = [0, 1, 2, 3, 4];
  var ROUNDS = [
    { guard: "gated", name: "the list-reader", task: "He rereads his list before each door. Postcards reach him after 2 minutes. Make him leave a parcel at a wrong door.",
      lesson: "One move, any time within two minutes before he sets off, or while he walks. He cannot see what he has not heard." },
    { guard: "look-first", name: "the knocker", task: "He asks at each door, comes back for the parcel, and then brings it. Make him leave one at a wrong door.",
      lesson: "One move, but at the right moment: after the answer at the door and before the drop. That is half the time that asking takes, and the way with the parcel: R/2 + a, here 0.3 + 0.5 minutes." },
    { guard: "if-match", name: "the lock", task: "The door opens only for the name on the parcel. Make one parcel get lost all the same.",
      lesson: "No move of a resident gets past it, at any time. But it checks only what it was told: the name. Nobody told it about the dog." }
  ];

  story.scene("Break it", function (section, done) {
    var number = 0, best = [null, null, null];
    el(section, "p", { "class": "say" }, "Now you are the world. Press “go”; while he is on the road, press a name, and that resident moves to the next door. Hurt each guard with as few moves as you can.");
    var task = el(section, "p", { "class": "task" }), two = el(section, "div", { "class": "two" }), left = el(two, "div"), right = el(two, "div");
    var town, list, script, time, game, played, tries, timeline;
    function begin(which) {
      number = which;
      tries = 0;
      var one = ROUNDS[number];
      left.textContent = right.textContent = "";
      task.textContent = (number + 1) + " of 3, " + one.name + ". " + one.task;
      town = new story.Town(left);
      var row = el(left, "div", { "class": "columns", role: "group", "aria-label": "residents to move" });
      story.NAMES.forEach(function (name, who) {
        story.button(row, name + " moves", function () { move(who); }, "pick");
      });
      if (number === 2) {
        var dogs = el(left, "div", { "class": "columns dogs", role: "group", "aria-label": "the dog", hidden: "" });
        ORDER.forEach(function (door) { story.button(dogs, "dog to " + (door + 1), function () { change("dog", door); }, "pick"); });
      }
      timeline = el(left, "div");
      var keys = el(left, "div", { "class": "keys" });
      story.button(keys, "▶ go", go, "next");
      story.button(keys, "❚❚ stop", function () { story.stop(); }, "plain");
      story.button(keys, "½ minute on", half, "plain");
      story.button(keys, "from the start", again, "plain");
      el(right, "div", { role: "status", "class": "told" });
      el(right, "p", { "class": "clock" });
      list = new story.List(right, ORDER);
      again();
    }
    function again() {
      story.stop();
      script = [];
      replay();
      right.querySelector(".told").textContent = "";
      frame(0);
    }
    function go() {
      if (time >= played.end) again();
      run();
    }
    function half() {
      story.stop();
      if (time < played.end) step(time + 0.5);
    }
    function run() { story.playFrom(time, time + 60, step); }
    function step(now) {
      frame(Math.min(now, played.end));
      if (now >= played.end) { story.stop(); over(); }
    }
    function replay() {
      game = story.game({ guard: ROUNDS[number].guard, order: ORDER, changes: script, news: 2, horizon: 60 });
      played = story.play(game);
    }
    function home(who) {
      return script.reduce(function (at, one) { return one[1] === who ? one[2] : at; }, who);
    }
    function move(who) { change(who, (home(who) + 1) % 5); }
    function change(what, to) {
      if (time >= played.end) return;
      script.push([time, what, to]);
      replay();
      frame(time);
    }
    function frame(now) {
      time = now;
      town.show(played, game, now, { cards: now < played.end, reveal: now >= played.end });
      list.show(played, now, now >= played.end);
      right.querySelector(".clock").textContent = "minute " + now.toFixed(1) + " · moves: " + script.length;
      windows(now);
    }
    /* When he sets off, asks and drops; what he cannot see is shaded once he has been hurt, or after two tries. */
    function windows(now) {
      timeline.textContent = "";
      var open = best[number] !== null || tries >= 2, svg = draw(timeline, "svg", { viewBox: "0 0 500 54", "class": "windows", role: "img", "aria-label": "time line of the round" });
      function x(at) { return 8 + 484 * at / Math.max(10, played.end); }
      draw(svg, "line", { x1: 8, x2: 492, y1: 26, y2: 26, "class": "rule" });
      var asked = null;
      played.log.forEach(function (event) {
        if (event.time > now && !open) return;
        if (event.kind === "read") asked = event.time + game.trip / 2;
        if (event.kind !== "fire") return;
        var from = number === 0 ? Math.max(0, event.time - game.news) : number === 1 ? asked : event.time + game.lands;
        if (open && number < 2) draw(svg, "rect", { x: x(from), y: number === 0 ? 18 : 14, width: x(event.time + game.lands) - x(from), height: number === 0 ? 16 : 24, "class": "blind" });
        draw(svg, "text", { x: x(event.time + game.lands), y: 50, "class": "small" }, story.NAMES[event.parcel][0]);
        draw(svg, "line", { x1: x(event.time + game.lands), x2: x(event.time + game.lands), y1: 16, y2: 36, "class": "drop" });
      });
      script.forEach(function (one) { draw(svg, "circle", { cx: x(one[0]), cy: 26, r: 5, "class": "mine" }); });
      draw(svg, "path", { d: "M" + x(now) + " 14 l-6 -9 h12 Z", "class": "now" });
      if (open && number < 2) el(timeline, "p", { "class": "small" }, "Shaded: when a move would be one that he cannot see. Your move is the dot.");
    }
    function over() {
      var told = right.querySelector(".told"), one = ROUNDS[number], wrong = story.wrong(played);
      told.textContent = "";
      if (!wrong) {
        tries += 1;
        var refused = played.steps.filter(function (step) { return step[4] === "refused"; }).length;
        el(told, "p", { "class": "verdict saved" }, script.length ? "He got through" + (refused ? ": " + refused + " parcel" + (refused > 1 ? "s" : "") + " came back, none lost." : ", " + story.minutes(played.end) + " on the road.") + " Try another moment." : "You did nothing, and all was well. Move somebody while he is under way.");
        if (number === 2 && tries >= 2) {
          left.querySelector(".dogs").hidden = false;
          el(told, "p", {}, "The name is always checked. What was the lock not told? There is a dog in this street.");
        }
        return;
      }
      best[number] = Math.min(best[number] === null ? Infinity : best[number], script.length);
      el(told, "p", { "class": "verdict harm" }, "✗ You hurt " + one.name + " with " + best[number] + (best[number] === 1 ? " move: fewer is impossible." : " moves. One is enough."));
      el(told, "p", {}, one.lesson);
      frame(time);
      if (number < 2) { story.button(told, "next: " + ROUNDS[number + 1].name + " →", function () { begin(number + 1); }, "next"); return; }
      done([
        ["what each guard cannot see", "The list-reader: everything younger than the news. The knocker: what happens between the look and the landing. The lock: whatever nobody declared. Finding the fewest moves that hurt an agent is a search, and a program can do it: plandrift agent faults."]
      ]);
    }
    begin(0);
  });
})();
