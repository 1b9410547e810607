"use strict";
/* The postman's round as the engine plays it, for the scenes in which the reader's moves decide.
   A test holds it equal to the engine, to the last bit, on a thousand random games.

   story.play(game) takes
     changes: [time, what, value] in order of time; what is a resident (0 to 4), "dog" or "bell" (a press)
     order: the parcels in the order of the list
     guard: a key of GUARDS
     news, thinking, step, lands, trip: L, P, d, a and R; thinking only with guards that do not listen for news
     porters: the last doors that have a porter; horizon
   and returns what happened, in order: {log, steps, end, reads, replans, spent}. */
var story = { scenes: [] };
story.scene = function (title, build) { story.scenes.push({ title: title, build: build }); };
(function () {
  var WORLD = 0, NEWS = 1, PLANNING = 2, ACTING = 3, DOORS = 5;
  var GUARDS = {
    "plan-once": {},
    "press": { presses: true },
    "on-error": { heeds: true },
    "gated": { heeds: true, listens: true },
    "look-first": { heeds: true, listens: true, looks: true },
    "if-match": { heeds: true, listens: true, declares: true }
  };

  story.play = function (game) {
    var guard = GUARDS[game.guard], now = 0, events = [], number = 0, over = false;
    var log = [], steps = [], reads = 0, replans = 0, spent = 0, end = game.horizon;
    var truth = {}, belief = {}, done = [], mail = [], next = 0;
    var plan = null, flying = null, asleep = false;
    var thought = null;
    [0, 1, 2, 3, 4, "dog", "bell"].forEach(function (f) {
      var value = typeof f === "number" ? f : f === "dog" ? -1 : 0;
      truth[f] = { value: value, version: 0 };
      belief[f] = { value: value, version: 0, stamp: 0 };
    });
    function note(kind, more) { log.push(Object.assign({ time: now, kind: kind }, more)); }
    function at(delay, rank, act) { events.push({ time: now + delay, rank: rank, number: number++, act: act }); }

    /* The world and the post. */
    function awaitChange() { if (next < game.changes.length) at(game.changes[next][0] - now, WORLD, change); }
    function change() {
      var what = game.changes[next][1], held = truth[what];
      note("change", { what: what, from: held.value, to: game.changes[next][2] });
      held.value = game.changes[next][2];
      held.version += 1;
      next += 1;
      send({ taken: now, what: what, value: held.value, version: held.version });
      awaitChange();
    }
    function send(message) {
      if (game.news === 0) { deliver(message); return; }
      if (!mail.length) at(game.news, NEWS, arrive);
      mail.push([now + game.news, message]);
    }
    function arrive() {
      var message = mail.shift()[1];
      if (mail.length) at(mail[0][0] - now, NEWS, arrive);
      deliver(message);
    }
    /* An older stamp never overwrites a newer one. */
    function hear(message) {
      var known = belief[message.what];
      if (message.taken < known.stamp || (message.taken === known.stamp && message.version < known.version)) return false;
      known.stamp = message.taken;
      if (message.version === known.version && message.value === known.value) return false;
      known.value = message.value;
      known.version = message.version;
      return true;
    }
    function deliver(message) {
      var changed = hear(message);
      if (!message.read) {
        note("news", { what: message.what, to: message.value, taken: message.taken });
        if (changed && guard.listens && plan && plan.some(function (step) {
          return !step.fired && step.parcel === message.what && step.door !== message.value;
        })) request();
        if (changed && guard.presses && message.what === "bell") request();
        wake();
      }
    }

    /* The planner; a request while it thinks makes it begin again. */
    function request() {
      if (thought) spent += now - thought.begun;
      var made = { begun: now, steps: game.order.filter(function (parcel) { return !done[parcel]; }).map(function (parcel) {
        return { parcel: parcel, door: belief[parcel].value, fired: false };
      }) };
      if (game.thinking === 0) { adopt(made); return; }
      note("think");
      thought = made;
      at(game.thinking, PLANNING, function () {
        if (thought !== made) return;
        thought = null;
        spent += now - made.begun;
        adopt(made);
      });
    }
    function adopt(made) {
      if (plan) replans += 1;
      plan = made.steps;
      plan.forEach(function (step) { step.fired = Boolean(done[step.parcel]) || step.parcel === flying; });
      note("plan", { steps: plan.map(function (step) { return [step.parcel, step.door]; }) });
      wake();
    }

    /* The executor. */
    function wake() {
      if (asleep && !thought) { asleep = false; at(0, ACTING, resume); }
    }
    function first() { return plan.find(function (step) { return !step.fired; }); }
    function* fetch(parcel) {
      note("read", { parcel: parcel, door: belief[parcel].value });
      if (game.trip > 0) yield game.trip / 2;
      var message = { taken: now, what: parcel, value: truth[parcel].value, version: truth[parcel].version, read: true };
      if (game.trip > 0) yield game.trip / 2;
      reads += 1;
      deliver(message);
    }
    function* judge(step) {
      if (!guard.listens) return step;
      if (guard.looks) {
        yield* fetch(step.parcel);
        var still = first();
        if (!still || still.parcel !== step.parcel || still.door !== step.door) return null;
        step = still;
      }
      if (belief[step.parcel].value === step.door) return step;
      note("blocked", { parcel: step.parcel, door: step.door });
      request();
      return null;
    }
    function answer(step) {
      var right = truth[step.parcel].value === step.door;
      if (guard.declares && !right) return ["refused", "refused"];
      if (!right && step.door >= DOORS - game.porters) return ["rejected", "error"];
      if (!right || truth.dog.value === step.door) return ["harmful", "ok"];
      return ["effective", "ok"];
    }
    function* fire(step) {
      var sent = now, found, record;
      step.fired = true;
      flying = step.parcel;
      note("fire", { parcel: step.parcel, door: step.door });
      if (game.lands > 0) yield game.lands;
      found = answer(step);
      note("land", { parcel: step.parcel, door: step.door, outcome: found[0], reported: found[1] });
      record = [sent, now, step.parcel, step.door, found[0], null];
      steps.push(record);
      var left = sent + Math.max(game.step, game.lands) - now;
      if (left > 0) yield left;
      note("answer", { parcel: step.parcel, reported: found[1] });
      record[5] = found[1];
      flying = null;
      if (found[1] === "ok") done[step.parcel] = true;
      else if (guard.heeds) { yield* fetch(step.parcel); request(); }
    }
    function* round() {
      for (;;) {
        if (game.order.every(function (parcel) { return done[parcel]; })) break;
        if (!plan || thought) { asleep = true; yield null; continue; }
        var step = first();
        if (!step) break;
        step = yield* judge(step);
        if (step) yield* fire(step);
      }
      over = true;
      end = now;
      note("end");
    }
    var executor = round();
    function resume() {
      var found = executor.next();
      if (!found.done && found.value !== null) at(found.value, ACTING, resume);
    }

    awaitChange();
    request();
    at(0, ACTING, resume);
    while (!over && events.length) {
      var soonest = events.reduce(function (one, other) {
        return (other.time - one.time || other.rank - one.rank || other.number - one.number) < 0 ? other : one;
      });
      if (soonest.time >= game.horizon) break;
      events.splice(events.indexOf(soonest), 1);
      now = soonest.time;
      soonest.act();
    }
    if (thought) spent += end - thought.begun;
    return { log: log, steps: steps, end: end, reads: reads, replans: replans, spent: spent };
  };
})();
