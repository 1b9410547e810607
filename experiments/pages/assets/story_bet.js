/* Scene 3, the bet: draw the curve, then see the measured one run through the drawing. */
(function () {
  var el = story.el, draw = story.draw, LEFT = 46, RIGHT = 334, TOP = 14, BOTTOM = 206;

  story.scene("Bet", function (section, done) {
    var curve = story.data.bet, count = curve.length, guess = curve.map(function () { return null; }), open = true;
    function x(i) { return LEFT + (RIGHT - LEFT) * i / (count - 1); }
    function y(share) { return BOTTOM - (BOTTOM - TOP) * share; }
    function every(i) { var minutes = 1 / curve[i].rate; return minutes >= 60 ? Math.round(minutes / 60) + " h" : Math.round(minutes) + " min"; }
    el(section, "p", { "class": "say" }, "Fog again, and a list that is never looked at again. How many parcels end up at a wrong door, if people move more and more often? Draw your bet with a finger, the mouse, or the arrow keys.");
    var two = el(section, "div", { "class": "two" }), left = el(two, "div"), right = el(two, "div");
    var chart = draw(left, "svg", { viewBox: "0 0 360 262", "class": "chart", role: "group", "aria-label": "Your bet: parcels at a wrong door, by how often people move" });
    [0, 0.5, 1].forEach(function (share) {
      draw(chart, "line", { x1: LEFT, x2: RIGHT, y1: y(share), y2: y(share), "class": "rule" });
      draw(chart, "text", { x: LEFT - 6, y: y(share) + 4, "class": "end" }, 100 * share + " %");
    });
    draw(chart, "text", { x: LEFT + 4, y: TOP + 14, "class": "start" }, "parcels at a wrong door");
    curve.forEach(function (_, i) { if (i % 2 === 0) draw(chart, "text", { x: x(i), y: BOTTOM + 20, "class": "middle" }, every(i)); });
    draw(chart, "text", { x: (LEFT + RIGHT) / 2, y: BOTTOM + 42, "class": "middle" }, "each resident moves about once in …");
    var truth = draw(chart, "g"), line = draw(chart, "path", { "class": "guess" });
    var handles = curve.map(function (_, i) {
      var dot = draw(chart, "circle", { cx: x(i), cy: y(0.5), r: 7, "class": "handle", tabindex: 0, role: "slider", "aria-valuemin": 0, "aria-valuemax": 100,
        "aria-valuenow": 50, "aria-label": "parcels at a wrong door if each moves once in " + every(i) });
      dot.addEventListener("keydown", function (event) {
        var by = { ArrowUp: 0.05, ArrowRight: 0.05, ArrowDown: -0.05, ArrowLeft: -0.05, PageUp: 0.2, PageDown: -0.2 }[event.key];
        if (!by || !open) return;
        event.preventDefault();
        set(i, (guess[i] === null ? 0.5 : guess[i]) + by);
        redraw();
      });
      return dot;
    });
    function set(i, share) { guess[i] = Math.max(0, Math.min(1, Math.round(share * 100) / 100)); }
    function redraw() {
      var known = guess.map(function (share, i) { return share === null ? null : x(i) + " " + y(share); }).filter(Boolean);
      line.setAttribute("d", known.length ? "M" + known.join(" L") : "");
      handles.forEach(function (dot, i) {
        var share = guess[i] === null ? 0.5 : guess[i];
        dot.setAttribute("cy", y(share));
        dot.setAttribute("aria-valuenow", Math.round(100 * share));
        dot.setAttribute("class", "handle" + (guess[i] === null ? " empty" : ""));
      });
      lock.disabled = !open || guess.indexOf(null) >= 0;
    }
    var last = null;
    function drawn(event) {
      var box = chart.getBoundingClientRect(), at = [(event.clientX - box.left) * 360 / box.width, (event.clientY - box.top) * 262 / box.height];
      var share = (BOTTOM - at[1]) / (BOTTOM - TOP), i = Math.max(0, Math.min(count - 1, Math.round((at[0] - LEFT) * (count - 1) / (RIGHT - LEFT))));
      // A quick stroke skips positions: they lie on its straight line.
      if (last) for (var k = Math.min(i, last[0]); k <= Math.max(i, last[0]); k++) {
        if (k !== i && k !== last[0]) set(k, last[1] + (share - last[1]) * (k - last[0]) / (i - last[0]));
      }
      set(i, share);
      last = [i, share];
      redraw();
    }
    chart.addEventListener("pointerdown", function (event) {
      if (!open) return;
      chart.setPointerCapture(event.pointerId);
      last = null;
      drawn(event);
    });
    chart.addEventListener("pointermove", function (event) { if (open && last && event.buttons) drawn(event); });
    chart.addEventListener("pointerup", function () { last = null; });
    el(right, "p", {}, "A round of five parcels takes five minutes. At the left hardly anybody moves; at the right, everybody moves every minute.");
    var lock = story.button(right, "that is my bet", reveal, "next"), told = el(right, "div", { role: "status" });
    redraw();

    function reveal() {
      open = false;
      lock.hidden = true;
      handles.forEach(function (dot) { dot.setAttribute("aria-disabled", "true"); });
      draw(truth, "path", { "class": "band", d: "M" + curve.map(function (p, i) { return x(i) + " " + y(p.high); }).join(" L") +
        " L" + curve.map(function (p, i) { return x(i) + " " + y(p.low); }).reverse().join(" L") + " Z" });
      draw(truth, "path", { "class": "measured", pathLength: 1, d: "M" + curve.map(function (p, i) { return x(i) + " " + y(p.share); }).join(" L") });
      draw(truth, "text", { x: x(6) + 8, y: y(curve[6].share) + 22, "class": "start measured-name" }, "measured");
      var off = 0, worst = 0;
      curve.forEach(function (p, i) {
        off += Math.abs(p.share - guess[i]) / count;
        if (Math.abs(p.share - guess[i]) > Math.abs(curve[worst].share - guess[worst])) worst = i;
      });
      var some = curve.find(function (p) { return p.share > 0.1; });
      el(told, "p", { "class": "say" }, "You were off by " + Math.round(100 * off) + " points on average, most at one move in " + every(worst) + ": " +
        Math.round(100 * curve[worst].share) + " % measured, " + Math.round(100 * guess[worst]) + " % bet.");
      el(told, "p", {}, "Measured over " + story.data.rounds + " rounds of the simulator at each point; the band is its 95 % interval. Already at one move in " +
        every(curve.indexOf(some)) + ", in which hardly anything seems to happen during a round, " + Math.round(100 * some.share) +
        " % of the parcels go wrong. It never gets beyond 80 %: of five doors, even a random one is right now and then.");
      done([
        ["volatility", "How often one thing changes: here, how often a resident moves."],
        ["staleness", "The share of your list's remaining lines that are no longer true. It grows from the moment of writing, not from the moment of failing."],
        ["half-life", "The time in which half of what you wrote down has changed: 0.69 divided by the volatility. With one move in 8 minutes it is 5½ minutes, one round."]
      ]);
    }
  });
})();
