/* Scene 1, you are the agent; scene 2, rewind: the same round with news that is late. */
(function () {
  var el = story.el, button = story.button, NAMES = story.NAMES;
  var BASE = { guard: "plan-once", news: 0, thinking: 0, step: 1, lands: 0.5, trip: 0.6, porters: 0, horizon: 30 };
  story.game = function (more) { return Object.assign({}, BASE, more); };

  /* A town of the engine in which somebody moves once, on whom this order calls too late, but not by much. */
  function townFor(order, towns) {
    for (var i = 0; i < towns.length; i++) {
      var moves = towns[i].filter(function (move) { return move[0] < 6; });
      if (moves.length !== 1) continue;
      var place = order.indexOf(moves[0][1]), sets = place, ahead = sets - moves[0][0];
      if (place >= 2 && moves[0][0] > 0.3 && ahead > 0.4 && ahead < 3) return { number: i, moves: moves };
    }
    return null;
  }
  story.townFor = townFor;

  story.scene("You are the agent", function (section, done) {
    var order = [], game = story.game({ changes: [], order: [] }), still = { log: [] };
    var ask = el(section, "p", { "class": "say" }, "Five parcels, five doors. Tap them in the order in which you will go.");
    var two = el(section, "div", { "class": "two" }), left = el(two, "div"), right = el(two, "div"), list = null;
    var town = new story.Town(left, 0, function (door) { buttons[door].click(); });
    town.show(still, game, 0);
    var row = el(left, "div", { "class": "columns", role: "group", "aria-label": "parcels" });
    var buttons = NAMES.map(function (name, who) {
      var one = button(row, name, function () {
        order.push(who);
        one.disabled = true;
        one.setAttribute("aria-label", name + ", number " + order.length);
        el(one, "i", {}, order.length);
        written.textContent = "";
        list = new story.List(written, order);
        list.show(still, 0);
        if (order.length < 5) buttons.find(function (other) { return !other.disabled; }).focus({ preventScroll: true });
        else begin();
      }, "pick");
      return one;
    });
    var written = el(right, "div"), told = el(right, "div", { role: "status" });
    function begin() {
      var found = townFor(order, story.data.towns);
      story.mine = { order: order, number: found.number, moves: found.moves };
      game = story.game({ order: order, changes: found.moves });
      var played = story.play(game), mover = found.moves[0];
      row.hidden = true;
      ask.textContent = "Fog falls. You have your list.";
      town.show(played, game, 0, { fog: true });
      story.later(1, function () {
        story.playFrom(0, played.end, function (time) {
          town.show(played, game, time, { fog: true });
          list.show(played, time);
        }, function () {
          ask.textContent = "Five times “delivered: ok”. A perfect round. The fog lifts.";
          story.later(1.5, function () {
            town.show(played, game, played.end, { reveal: true });
            list.show(played, played.end, true);
            var name = NAMES[mover[1]];
            el(told, "p", { "class": "say" }, name + " had moved from " + story.door(mover[1]) + " to " + story.door(mover[2]) +
              " while you were on your way. The parcel lies at the wrong house, and nobody said a word.");
            el(told, "p", {}, "Your list was right when you wrote it. You went by it faithfully. Each door said ok.");
            done([
              ["plan", "What you wrote down before you set off: steps, each of which counts on something being so."],
              ["drift", "The world moves away from the plan, while the plan stays as it was."],
              ["harm", "The wrong thing is done, and it is reported as a success. Nothing in your list can tell."]
            ]);
          });
        });
      });
    }
  });

  story.scene("Rewind", function (section, done) {
    var mine = story.mine || (function () {
      var order = [2, 0, 4, 1, 3], found = townFor(order, story.data.towns);
      return { order: order, number: found.number, moves: found.moves };
    })();
    var move = mine.moves[0], name = NAMES[move[1]], sets = mine.order.indexOf(move[1]), exact = sets - move[0];
    var news = Math.min(4, Math.round((exact + 1) * 2) / 2), time = 0, seen = { harm: false, saved: false }, named = false, game, played;
    el(section, "p", { "class": "say" }, "The same round without fog, and this time " + name + " writes you a postcard: “I have moved.” Drag the time and watch it crawl.");
    var two = el(section, "div", { "class": "two" }), left = el(two, "div"), right = el(two, "div");
    var town = new story.Town(left);
    var clock = story.slider(left, "Time", [0, 7, 0.05, 0], story.minutes, function (value) { story.stop(); time = value; draw(); });
    button(left, "▶ play", function () {
      story.playFrom(time >= played.end ? 0 : time, played.end, function (now) { time = now; clock.set(now); draw(); });
    });
    var post = story.slider(left, "The post takes", [0, 4, 0.01, news], story.minutes, function (value) {
      story.stop();
      news = value;
      replay();
      time = played.end;
      clock.set(time);
      draw();
    });
    var verdict = el(right, "p", { "class": "verdict", role: "status" }), list = new story.List(right, mine.order), told = el(right, "div", { role: "status" });
    function replay() {
      game = story.game({ order: mine.order, changes: mine.moves, guard: "gated", news: news });
      played = story.play(game);
    }
    function draw() {
      var over = time >= played.end, harm = story.wrong(played) > 0;
      town.show(played, game, time, { reveal: over, cards: true });
      list.show(played, time, over);
      verdict.className = "verdict" + (over ? (harm ? " harm" : " saved") : "");
      verdict.textContent = over ? (harm ? "✗ Harm: the postcard came after you had set off." : "✓ Saved: you read it in time, and went to " + story.door(move[2]) + ".") : "Drag the time to the end.";
      if (!over) return;
      seen[harm ? "harm" : "saved"] = true;
      if (harm && !seen.saved) verdict.textContent += " Now make the post faster: does the ending change?";
      if (seen.harm && seen.saved && !named) {
        named = true;
        el(told, "p", { "class": "say" }, "The ending turns at one exact position, " + story.minutes(exact) + ": " + name + " moved at minute " + story.shown(move[0]) +
          ", and you set off for " + story.door(move[1]) + " at minute " + sets + ". A faster post changes nothing up to that point, and everything beyond it.");
        button(told, "go to that position", function () { news = Math.floor(exact * 100) / 100; post.set(news); replay(); time = played.end; clock.set(time); draw(); });
        done([
          ["observation latency", "How long the news of a change takes to reach you: here, the postcard's journey."],
          ["blind spot", "What has changed, while the news of it is still under way. Whoever trusts what was last heard cannot see it, however clever."]
        ]);
      }
    }
    replay();
    draw();
  });
  story.shown = function (value) { return String(Math.round(value * 100) / 100); };
})();
