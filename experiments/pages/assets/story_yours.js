/* Scene 7, yours: three numbers, the closed forms, a link to share, and the command that goes on. */
(function () {
  var el = story.el, STEPS = 10, VALUES = 1000, REPLAN = 2, REFUSAL = 1, FALSE = 1;

  /* The closed forms of docs/model/validation.md, for one fluent a step. */
  function differs(age, rate) { return (1 - 1 / VALUES) * -Math.expm1(-rate * VALUES / (VALUES - 1) * age); }
  /* The chain of replans of experiments/agents/advise/exact.py, which says what it counts. */
  function replans(of, first, again, each, replan) {
    var most = [24, 400];
    for (var m = 0; m < 2; m++) {
      var weight = [1], ages = [], count, i, k;
      for (k = 1; k < most[m]; k++) weight.push(0);
      for (i = 0; i < STEPS; i++) {
        var next = [], failed = [];
        ages.push([weight, weight.map(function (_, n) { return of.thinking + i * each + n * replan; })]);
        for (k = 0; k < most[m]; k++) {
          var fails = first(ages[i][1][k]), carried = k ? failed[k - 1] * again : 0;
          failed.push(carried + weight[k] * fails * (1 - again));
          next.push(weight[k] * (1 - fails) + (k ? failed[k - 1] : 0));
        }
        weight = next;
      }
      if (1 - weight.reduce(function (a, b) { return a + b; }, 0) <= 1e-9 * STEPS) {
        for (count = 0, k = 0; k < most[m]; k++) count += k * weight[k];
        return { count: count, ages: ages };
      }
    }
    return null;
  }
  story.forms = {
    none: function (of) {
      var wrong = 0;
      for (var i = 0; i < STEPS; i++) wrong += differs(of.thinking + i * of.step + of.lands, of.rate);
      return { wrong: wrong, price: of.error * wrong };
    },
    belief: function (of) {
      if (of.news === null) return null;
      var wrong = 0, heard = 0;
      for (var i = 0; i < STEPS; i++) {
        var age = of.thinking + i * of.step;
        wrong += differs(Math.min(age, of.news) + of.lands, of.rate);
        heard += of.rate * Math.max(0, age - of.news);
      }
      return { wrong: wrong, price: of.error * wrong + REPLAN * heard };
    },
    look: function (of) {
      var half = of.trip / 2, again = differs(of.thinking + of.trip, of.rate);
      function first(age) { return differs(age + half, of.rate); }
      function back(age) { return (1 - differs(age + half, of.rate)) - (1 - differs(age, of.rate)) * (1 - differs(half, of.rate)); }
      var found = replans(of, first, again, of.trip + of.step, of.thinking + of.trip);
      if (!found) return null;
      var wrong = STEPS * differs(half + of.lands, of.rate), early = 0, blocked = 0;
      found.ages.forEach(function (one) {
        one[0].forEach(function (weight, k) { early += weight * back(one[1][k] + half); blocked += weight * first(one[1][k]); });
      });
      early += again ? (found.count - blocked) * back(of.thinking + of.trip) / again : 0;
      return { wrong: wrong, price: of.error * wrong + FALSE * early + REPLAN * found.count };
    },
    match: function (of) {
      var again = differs(of.trip / 2 + of.thinking + of.lands, of.rate);
      var found = replans(of, function (age) { return differs(age + of.lands, of.rate); }, again, of.step, of.step + of.trip + of.thinking);
      return found && { wrong: 0, price: (REFUSAL + REPLAN) * found.count };
    }
  };
  var NAMES = { none: "No guard", belief: "Compare with the latest news", look: "Look before each call", match: "Let the door check (if-match)" };
  var SEEN = { none: "nothing", belief: "what is younger than the news", look: "what happens between look and landing", match: "only what was not declared" };

  var CHANGES = [1 / 24, 1 / 8, 0.5, 1, 3, 10, 30, 60, 180, 600], STEP = [1, 2, 5, 15, 60, 300, 1800], NEWS = [null, 0, 1, 5, 30, 120, 600, 3600], ERROR = [1, 3, 10, 30, 100, 300, 1000];
  function span(seconds) { return seconds < 60 ? seconds + " s" : seconds < 3600 ? seconds / 60 + " min" : seconds / 3600 + " h"; }
  function often(rate) { return rate >= 60 ? rate / 60 + " per minute" : rate >= 1 ? rate + " per hour" : rate * 24 + " per day"; }
  var FIELDS = [
    { key: "changes", name: "One thing that a step rests on changes", values: CHANGES, says: often, start: 4 },
    { key: "step", name: "A step of your agent takes", values: STEP, says: span, start: 3 },
    { key: "news", name: "You hear of a change after", values: NEWS, says: function (value) { return value === null ? "never" : span(value); }, start: 5 },
    { key: "error", name: "An error costs as much as", values: ERROR, says: function (value) { return value + " retries"; }, start: 4 }
  ];
  story.system = function (state) {
    return { rate: CHANGES[state.changes] / 3600, step: STEP[state.step], thinking: STEP[state.step], lands: STEP[state.step] / 2, trip: STEP[state.step], news: NEWS[state.news], error: ERROR[state.error] };
  };
  story.command = function (state) {
    var news = NEWS[state.news] === null ? "" : " --news " + NEWS[state.news] + "s", half = ERROR[state.error] / 2;
    var changes = CHANGES[state.changes] >= 1 ? CHANGES[state.changes] + " per hour" : CHANGES[state.changes] * 24 + " per day";
    return "plandrift agent advise --changes \"" + changes + "\" --think " + STEP[state.step] + "s --tool " + STEP[state.step] + "s" + news +
      " --cost-misfire " + half + " --cost-unmet " + half + (state.refuse ? "" : " --without if-match");
  };
  function fragment(state) {
    return "#7&" + FIELDS.map(function (field) { return field.key + "=" + state[field.key]; }).join("&") + "&refuse=" + (state.refuse ? 1 : 0);
  }
  function fromFragment() {
    var state = { refuse: true };
    FIELDS.forEach(function (field) { state[field.key] = field.start; });
    location.hash.split("&").slice(1).forEach(function (pair) {
      var key = pair.split("=")[0], value = parseInt(pair.split("=")[1], 10), field = FIELDS.find(function (one) { return one.key === key; });
      if (key === "refuse") state.refuse = value !== 0;
      if (field && value >= 0 && value < field.values.length) state[key] = value;
    });
    return state;
  }

  story.scene("Yours", function (section, done) {
    var state = fromFragment(), touched = location.hash.indexOf("&") > 0, named = false;
    el(section, "p", { "class": "say" }, "Your agent has doors too: files, records, tickets, prices. What does it go by, and what does that cost you?");
    var two = el(section, "div", { "class": "two even" }), left = el(two, "div"), right = el(two, "div");
    FIELDS.forEach(function (field) {
      story.slider(left, field.name, [0, field.values.length - 1, 1, state[field.key]], function (i) { return field.says(field.values[i]); }, function (i) { state[field.key] = i; redraw(true); });
    });
    var label = el(left, "label", { "class": "tick" }), box = el(label, "input", { type: "checkbox" });
    label.appendChild(document.createTextNode(" What it writes to can refuse a write that no longer fits (a version, an ETag, a compare-and-set)"));
    box.checked = state.refuse;
    box.addEventListener("change", function () { state.refuse = box.checked; redraw(true); });
    el(left, "p", { "class": "small" }, "A plan of ten steps; making a plan and looking take as long as a step, and a call lands half-way. A retry costs 1, a new plan 2.");
    var answer = el(right, "p", { "class": "verdict", role: "status" }), table = el(right, "div"), onward = el(section, "div");
    function redraw(asked) {
      var of = story.system(state), rows = ["none", "belief", "look", "match"].map(function (key) {
        return { key: key, found: key === "match" && !state.refuse ? null : story.forms[key](of), why: key === "match" && !state.refuse ? "it cannot refuse" : key === "belief" ? "you never hear" : "it would never get done" };
      });
      var open = rows.filter(function (row) { return row.found; }), best = open.reduce(function (one, other) { return other.found.price < one.found.price ? other : one; });
      var none = rows[0].found;
      answer.textContent = best.key === "none" ? "No guard: what goes wrong costs " + price(none.price) + " a plan, less than any guard." :
        NAMES[best.key] + ": " + price(best.found.price) + " a plan instead of " + price(none.price) + ".";
      table.textContent = "";
      var grid = el(table, "table"), head = el(grid, "tr");
      ["", "wrong steps of 10", "price of a plan", "cannot see"].forEach(function (name) { el(head, name ? "th" : "td", name ? { scope: "col" } : {}, name); });
      rows.forEach(function (row) {
        var line = el(grid, "tr", row === best ? { "class": "best" } : {});
        el(line, "th", { scope: "row" }, (row === best ? "→ " : "") + NAMES[row.key]);
        el(line, "td", {}, row.found ? (row.found.wrong < 0.005 ? "0" : row.found.wrong.toFixed(2)) : "–");
        el(line, "td", {}, row.found ? price(row.found.price) : row.why);
        el(line, "td", {}, row.key === "none" ? "any change" : SEEN[row.key]);
      });
      onward.textContent = "";
      el(onward, "p", {}, "Closed forms, no simulation. Looking and if-match are priced as if no news ever came; for the news, the number of new plans is an estimate. With your agent's real numbers, ranges instead of points, and every guard, this goes on:");
      el(onward, "pre", {}, story.command(state));
      var share = el(onward, "label", { "class": "share" }, "This page with your numbers: "), input = el(share, "input", { type: "text", readonly: "", value: location.href.split("#")[0] + fragment(state) });
      input.addEventListener("focus", function () { input.select(); });
      if (asked) { history.replaceState(null, "", fragment(state)); touched = true; }
      if (touched && !named) {
        named = true;
        done([["guard", "What stands between a plan and its effect, and asks whether what the step rests on still holds. Which one you need follows from a few numbers that you can measure. How clever the planner is, is not among them."]]);
      }
    }
    function price(value) { return value < 10 ? value.toFixed(1) : String(Math.round(value)); }
    redraw(false);
  });
})();
