/* Scene 5, hire a guard: one of four, in the same town, side by side with nobody; then one purse for ten towns. */
(function () {
  var el = story.el, ORDER = [0, 1, 2, 3, 4];
  story.GUARDS = [
    { guard: "plan-once", name: "Nobody", does: "goes by the list" },
    { guard: "on-error", name: "Asks after an error", does: "if a porter sends him away, he finds out where they live now" },
    { guard: "gated", name: "Reads the list again", does: "compares each line with the latest postcards before he goes, and asks after an error" },
    { guard: "look-first", name: "Knocks first", does: "goes to the door without the parcel, asks who lives there, and comes back for it" },
    { guard: "if-match", name: "A lock on the door", does: "the name is on the parcel, and the door itself opens for that name only" }
  ];
  story.guardGame = function (guard, moves) {
    return story.game({ guard: guard, order: ORDER, changes: moves, news: story.data.guards.news, porters: story.data.guards.porters, horizon: 40 });
  };
  /* What ten towns cost: what is lost or not delivered, and each minute more than the plain rounds take. */
  story.cost = function (rounds) {
    var unmet = 0, minutes = 0;
    rounds.forEach(function (round) { unmet += 5 - round[0]; minutes += round[2] - 5; });
    return { unmet: unmet, minutes: minutes, coins: 10 * unmet + minutes };
  };

  story.scene("Hire a guard", function (section, done) {
    var data = story.data.guards, tried = {}, named = false;
    // The first town in which rereading the list shares the blindness, and the two others do not.
    var number = data.towns.findIndex(function (_, i) {
      return data.rounds["plan-once"][i][1] && data.rounds.gated[i][1] && !data.rounds["look-first"][i][1] && !data.rounds["if-match"][i][1];
    });
    el(section, "p", { "class": "say" }, "Put a guard on the road. Postcards take " + story.minutes(data.news) + "; doors " + (6 - data.porters) + " to 5 have a porter who sends wrong parcels away; the other doors take anything. Whom do you hire?");
    var choice = el(section, "div", { "class": "cards", role: "group", "aria-label": "guards" });
    var buttons = story.GUARDS.slice(1).map(function (guard) {
      var button = story.button(choice, guard.name, function () { hire(guard); }, "card-of");
      el(button, "small", {}, guard.does);
      return button;
    });
    var stage = el(section, "div", { "class": "two even", hidden: "" }), verdict = el(section, "p", { "class": "verdict", role: "status", hidden: "" });
    var purse = el(section, "div");
    var sides = [0, 1].map(function () {
      var side = el(stage, "div");
      return { title: el(side, "h3"), town: new story.Town(side, data.porters), said: el(side, "p", { "class": "clock" }) };
    });
    function hire(guard) {
      buttons.forEach(function (button, i) { button.setAttribute("aria-pressed", String(story.GUARDS[i + 1] === guard)); });
      stage.hidden = false;
      verdict.hidden = true;
      stage.scrollIntoView({ block: "nearest" });
      var both = [story.GUARDS[0], guard].map(function (one, i) {
        var game = story.guardGame(one.guard, data.towns[number]);
        sides[i].title.textContent = one.name;
        return { game: game, played: story.play(game), side: sides[i] };
      });
      var last = Math.max(both[0].played.end, both[1].played.end);
      story.playFrom(0, last, function (time) {
        both.forEach(function (one) {
          one.side.town.show(one.played, one.game, time, { cards: time < one.played.end, reveal: time >= one.played.end });
          var steps = one.played.steps.filter(function (step) { return step[1] <= time; });
          one.side.said.textContent = "minute " + Math.min(time, one.played.end).toFixed(1) + " · " +
            steps.filter(function (step) { return step[4] === "effective"; }).length + " right, " + steps.filter(function (step) { return step[4] === "harmful"; }).length + " wrong";
        });
      }, function () {
        tried[guard.guard] = true;
        verdict.hidden = false;
        verdict.className = "verdict " + (story.wrong(both[1].played) ? "harm" : "saved");
        verdict.textContent = ends(guard, both[1].played);
        show();
      });
    }
    function ends(guard, played) {
      var wrong = story.wrong(played), later = story.shown(played.end - 5);
      if (guard.guard === "on-error") return wrong ? "✗ A door that takes anything never says “error”. He heard nothing, so he asked nothing." : "✓ Here the porter spoke up.";
      if (guard.guard === "gated") return wrong ? "✗ He reread the list, and it agreed with the latest postcard: the news was still under way. He shares your blindness." : "✓ This time the postcard was there in time.";
      if (guard.guard === "look-first") return (wrong ? "✗ Somebody moved between the knock and the drop." : "✓ He saw it at the door.") + " It took him " + later + " minutes longer: he goes to every door twice.";
      return "✓ The door refused the parcel: it came back, nothing was lost, and he asked where to go instead. It took him " + later + " minutes longer.";
    }
    function show() {
      purse.textContent = "";
      el(purse, "h3", {}, "One purse of 100 coins for ten towns");
      el(purse, "p", {}, "A parcel that is lost or not delivered costs 10, each minute beyond the plain rounds costs 1. Everybody works in the same ten towns, in which the same people move at the same times; the simulator played them when this page was made.");
      var bars = el(purse, "div", { "class": "bars" });
      story.GUARDS.forEach(function (guard) {
        var open = guard.guard === "plan-once" || tried[guard.guard], cost = story.cost(data.rounds[guard.guard]), left = 100 - Math.round(cost.coins);
        el(bars, "b", {}, guard.name);
        var bar = el(bars, "div", { "class": "bar" });
        if (open) el(bar, "i", { style: "width:" + Math.max(0, left) + "%" });
        el(bars, "span", {}, open ? left + " coins left: " + cost.unmet + " of 50 parcels lost, " + Math.round(cost.minutes) + " minutes more" : "? not hired yet");
      });
      var left = story.GUARDS.slice(1).filter(function (guard) { return !tried[guard.guard]; });
      if (left.length) {
        el(purse, "p", {}, Object.keys(tried).length < 2 ? "Hire a second one:" : "Who else?");
        var keys = el(purse, "div", { "class": "keys" });
        left.forEach(function (guard) { story.button(keys, guard.name, function () { hire(guard); }); });
        if (left.length < 3) story.button(keys, "show all", function () { left.forEach(function (guard) { tried[guard.guard] = true; }); show(); });
      }
      if (!named && Object.keys(tried).length >= 2) {
        named = true;
        done([["the ladder", "Guards by where they learn that a line is out of date: after the failure; from the latest news; at the door, before the drop; at the drop itself, by the door. Each rung is blind for less time, and the last for none, as far as the door was told what to check."]]);
      }
    }
  });
})();
