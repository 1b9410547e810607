/* Scene 4, look more often: a button to mash, and what the thinking costs. */
(function () {
  var el = story.el, draw = story.draw, END = 10, ORDER = [0, 1, 2, 3, 4], COUNTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20];

  function round(moves, presses) {
    var bells = presses.map(function (time, i) { return [time, "bell", i + 1]; });
    var changes = moves.filter(function (move) { return move[0] < END; }).concat(bells).sort(function (a, b) { return a[0] - b[0]; });
    return story.game({ guard: "press", order: ORDER, changes: changes, thinking: story.data.thinking, horizon: END });
  }
  /* Parcels brought to the right door, on average over the towns, with so many presses at even distances. */
  story.pressed = function (count) {
    var presses = [], right = 0;
    for (var i = 0; i < count; i++) presses.push(END * (i + 1) / (count + 1));
    story.data.restless.forEach(function (moves) { right += story.right(story.play(round(moves, presses))); });
    return right / story.data.restless.length;
  };

  story.scene("Look more often!", function (section, done) {
    var rounds = 0;
    el(section, "p", { "class": "say" }, "Then look more often! No fog, and news at once. People move all the time, and you have " + END +
      " minutes. Whenever you press, you look around and write your list anew. Press as often as you can.");
    var two = el(section, "div", { "class": "two" }), left = el(two, "div"), right = el(two, "div");
    var town = new story.Town(left), list = new story.List(right, ORDER), game, played, presses, time, on = false;
    var start = story.button(left, "start the clock", begin, "next");
    var look = story.button(left, "Look again! (0)", press, "mash");
    var clock = el(left, "p", { "class": "clock" }), told = el(right, "div", { role: "status" });
    function frame(now) {
      time = now;
      town.show(played, game, now);
      list.show(played, now, now >= END);
      clock.textContent = "minute " + now.toFixed(1) + " of " + END + (played.end < now ? " · the round is over" : "");
    }
    function replay() { game = round(story.data.restless[rounds % story.data.restless.length], presses); played = story.play(game); }
    function press() {
      if (!on) return;
      presses.push(time);
      look.firstChild.textContent = "Look again! (" + presses.length + ")";
      replay();
    }
    function begin() {
      presses = [];
      on = true;
      start.hidden = true;
      look.disabled = false;
      look.focus({ preventScroll: true });
      look.firstChild.textContent = "Look again! (0)";
      replay();
      story.playFrom(0, END, frame, over);
    }
    function over() {
      on = false;
      look.disabled = true;
      rounds += 1;
      var right = story.right(played), wrong = story.wrong(played);
      told.textContent = "";
      el(told, "p", { "class": "say" }, (presses.length < 2 ? ["You never looked again", "You looked once"][presses.length] : "You looked " + presses.length + " times") + ": " +
        right + (right === 1 ? " parcel" : " parcels") + " at the right door, " + wrong + " at a wrong one, " + (5 - right - wrong) + " not delivered. You spent " +
        story.shown(played.spent) + " of the " + END + " minutes writing lists.");
      start.hidden = false;
      start.textContent = "once more";
      // What is named is felt first: a round in which nothing was done.
      if (right + wrong > 0 && rounds === 1) {
        el(told, "p", {}, "Does still more looking help? Once more, and this time press as fast as you can, without a pause.");
        return;
      }
      chart(told, presses.length, right);
      done([
        ["thinking time", "How long it takes to make a plan: here " + story.minutes(story.data.thinking) + ". Meanwhile nobody gets a parcel, and the town moves on."],
        ["replan storm", "Each look begins the thinking again. If looks come faster than the thinking takes, no plan is ever finished, and nothing is done at all."]
      ]);
    }
    function chart(parent, mine, right) {
      var values = COUNTS.map(story.pressed), cliff = COUNTS[values.findIndex(function (value) { return value === 0; })], top = Math.max.apply(null, values);
      var svg = draw(parent, "svg", { viewBox: "0 0 420 216", "class": "chart still", role: "img", "aria-label": "Parcels at the right door by the number of looks: " +
        COUNTS.map(function (count, i) { return values[i].toFixed(1) + " with " + count; }).join(", ") });
      function x(count) { return 40 + 360 * Math.min(count, 20) / 20; }
      function y(value) { return 168 - 140 * value / 5; }
      [0, 5].forEach(function (value) {
        draw(svg, "line", { x1: 40, x2: 400, y1: y(value), y2: y(value), "class": "rule" });
        draw(svg, "text", { x: 32, y: y(value) + 4, "class": "end" }, value);
      });
      [0, 5, 10, 15, 20].forEach(function (count) { draw(svg, "text", { x: x(count), y: 186, "class": "middle" }, count); });
      draw(svg, "text", { x: 220, y: 206, "class": "middle" }, "looks in ten minutes, at even distances");
      draw(svg, "text", { x: 42, y: 16, "class": "start" }, "parcels at the right door, mean of " + story.data.restless.length + " towns");
      draw(svg, "path", { "class": "measured plain", d: "M" + COUNTS.map(function (count, i) { return x(count) + " " + y(values[i]); }).join(" L") });
      draw(svg, "circle", { cx: x(mine), cy: y(right), r: 7, "class": "handle" });
      draw(svg, "text", { x: x(mine) + (mine > 15 ? -12 : 12), y: y(right) - 8, "class": mine > 15 ? "end" : "start" }, "you" + (mine > 20 ? " (" + mine + ")" : ""));
      el(parent, "p", {}, "Some looking helps: from " + values[0].toFixed(1) + " to " + top.toFixed(1) + " right parcels. From " + cliff +
        " looks on there are none: the looks come faster than a list can be written.");
    }
    look.disabled = true;
    presses = [];
    replay();
    frame(0);
  });
})();
