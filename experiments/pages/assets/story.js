/* The shell: one scene at a time, its number in the address, what it was about at its end. */
(function () {
  var el = story.el, stage = document.getElementById("stage"), nav = document.querySelector(".scenes");
  story.data = JSON.parse(document.getElementById("story-data").textContent);
  var tabs = story.scenes.map(function (scene, i) {
    var tab = story.button(nav, i + 1, function () { go(i, true); }, "tab");
    el(tab, "span", {}, " " + scene.title);
    return tab;
  });

  function go(i, asked) {
    var scene = story.scenes[i];
    story.stop();
    stage.textContent = "";
    tabs.forEach(function (tab, k) { if (k === i) tab.setAttribute("aria-current", "step"); else tab.removeAttribute("aria-current"); });
    var section = el(stage, "section", { "class": "scene", "aria-labelledby": "scene-title" });
    var title = el(section, "h2", { id: "scene-title", tabindex: -1 }, i + 1 + ". " + scene.title);
    var body = el(section, "div"), end = el(section, "div", { role: "status" });
    scene.build(body, function (words) { named(end, words, i); });
    document.body.setAttribute("data-scene", i + 1);
    if (asked) {
      if (Number(location.hash.slice(1).split("&")[0]) !== i + 1) history.pushState(null, "", "#" + (i + 1));
      title.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }
  function named(end, words, i) {
    if (end.firstChild) return;
    var box = el(end, "div", { "class": "named" });
    el(box, "p", {}, words.length > 1 ? "This has names:" : "This has a name:");
    var list = el(box, "dl");
    words.forEach(function (word) { el(list, "dt", {}, word[0]); el(list, "dd", {}, word[1]); });
    if (i + 1 < story.scenes.length) story.button(box, "next: " + story.scenes[i + 1].title + " →", function () { go(i + 1, true); }, "next");
    // As long as the box is out of sight, a button leads to it; the page does not move under the reader's hand.
    var pill = story.button(end.parentNode, "what this is called ↓", function () { box.scrollIntoView({ block: "end" }); }, "next pill");
    pill.hidden = true;
    new IntersectionObserver(function (seen) { pill.hidden = seen[0].isIntersecting; }).observe(box);
    document.body.setAttribute("data-named", i + 1);
  }
  function addressed() {
    var wanted = parseInt(location.hash.slice(1), 10);
    return wanted >= 1 && wanted <= story.scenes.length ? wanted - 1 : 0;
  }
  window.addEventListener("popstate", function () { go(addressed(), false); });
  go(addressed(), false);
})();
