"""Files: lost updates, files that are gone, and the difference between a hash and a modification time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import pytest

from plandrift.policies import gated, plan_once
from plandrift.sim import Call, Change, Compares, Episode, Scene, Streams, Value, run
from plandrift.worlds import Files
from plandrift.worlds.colleagues import WHOLE
from plandrift.worlds.files import NEW, OLD, Tree, _updated
from tests.worlds.moving import moves


def tree(**settings: float) -> Tree:
    return Tree(Files(**settings), Streams(3))  # type: ignore[arg-type]


def update_of(scene: Tree, name: str = "billing") -> Call:
    return next(c for c in scene.plan(scene.first) if dict(c.args).get("file") == name)


RENAMED: dict[str, Value] = {"module.path": NEW}


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ({}, "effective"),
        ({"module.path": OLD}, "rejected"),
        ({"billing.content": "newer"}, "harmful"),
        ({"billing.path": "app/core/billing.py"}, "rejected"),
        ({"billing.path": None, "billing.content": None, "billing.outdated": False}, "rejected"),
        ({"billing.path": "app/core/billing.py", "billing.content": "newer"}, "rejected"),
    ],
)
def test_what_an_update_does(state: dict[str, Value], outcome: str) -> None:
    scene = tree()
    call = update_of(scene)
    assert scene.answer(call, {**scene.first, **RENAMED, **state}).outcome == outcome


def test_a_lost_update_looks_like_success_and_overwrites_what_somebody_else_wrote() -> None:
    scene = tree()
    call = update_of(scene)
    answer = scene.answer(call, {**scene.first, **RENAMED, "billing.content": "newer"})
    assert answer.violated == ("billing.content",)
    assert answer.writes == {
        "billing.content": _updated(scene.first["billing.content"]),
        "billing.outdated": False,
    }


def test_an_update_made_twice_is_a_repeat_and_one_over_a_later_edit_is_not() -> None:
    scene = tree()
    call = update_of(scene)
    after = {**scene.first, **RENAMED, **scene.effects(call)}
    assert scene.answer(call, after).outcome == "repeat"
    assert scene.answer(call, {**after, "billing.content": "newer"}).outcome == "harmful"


def test_a_file_that_imports_through_another_comes_after_it() -> None:
    scene = tree(linked=1.0)
    order = [c.arg("file") for c in scene.plan(scene.first) if c.action == "update_import"]
    assert len(order) == 8
    for name in order[1:]:
        through = scene.through[name]
        assert order.index(through) < order.index(name)
        values = {**scene.first, **RENAMED}
        assert scene.answer(update_of(scene, name), values).violated == (f"{through}.outdated",)


def test_others_keep_the_agents_update_when_they_save_over_it() -> None:
    scene = tree()
    saved = scene.happen(("save", ("billing", (("billing.content", 4),))), scene.first)["billing.content"]
    updated = scene.happen(
        ("save", ("billing", (("billing.content", 4),))), {**scene.first, "billing.outdated": False}
    )
    assert updated == {"billing.content": _updated(saved)}


def test_a_module_renamed_to_a_wrong_name_does_harm() -> None:
    scene = tree()
    rename = scene.plan(scene.first)[0]
    assert rename == Call.of("rename_module", source=OLD, target=NEW)
    for sibling in scene.confusable(rename):
        assert scene.answer(sibling, scene.first).outcome == "harmful"


@pytest.mark.parametrize("regions", [1, 4])
def test_fluents_change_at_the_volatility_whatever_a_file_is_cut_into(regions: int) -> None:
    scene = tree(volatility=0.5, regions=regions)
    log = list(islice(moves(scene, dict(scene.first)), 60_000))
    assert len(log) / log[-1][0] / len(scene.first) == pytest.approx(0.5, rel=0.02)


def test_an_update_rests_on_the_region_of_the_import_or_on_the_whole() -> None:
    elsewhere: dict[str, Value] = {**RENAMED, "billing.region-2": "newer"}
    here: dict[str, Value] = {**RENAMED, "billing.region-1": "newer"}
    for update, outcome in (("region", "effective"), ("whole", "harmful")):
        scene = Tree(Files(regions=3, update=update), Streams(3))
        call = update_of(scene)
        assert scene.answer(call, {**scene.first, **elsewhere}).outcome == outcome
        assert scene.answer(call, {**scene.first, **here}).outcome == "harmful"
        assert scene.answer(call, {**scene.first, **RENAMED}).outcome == "effective"


def test_a_save_touches_one_region_and_now_and_then_all() -> None:
    scene = Tree(Files(regions=3, volatility=1.0), Streams(3))
    sizes: dict[int, int] = {}
    for count, (_, _, event) in enumerate(scene.changes()):
        if event[0] == "save":
            saved = event[1][1]
            sizes[len(saved)] = sizes.get(len(saved), 0) + 1
        if count == 20_000:
            break
    assert set(sizes) == {1, 3}
    assert sizes[3] / (sizes[1] + sizes[3]) == pytest.approx(WHOLE, abs=0.01)


def test_the_same_text_written_to_another_file_does_harm() -> None:
    scene = tree(linked=0.0)
    for sibling in scene.confusable(update_of(scene)):
        if scene.first[f"{sibling.arg('file')}.path"] is not None:
            assert scene.answer(sibling, {**scene.first, **RENAMED}).outcome == "harmful"


def test_everything_that_happens_to_a_tree_happens() -> None:
    """Creations, deletions, renames, edits, saves that change nothing, and changes back."""
    scene = tree(volatility=1.0)
    values = dict(scene.first)
    held: dict[str, list[Value]] = {}
    seen: dict[str, int] = {}
    before = dict(values)
    for place, (_, fluent, after) in enumerate(moves(scene, values)):
        if place == 6000:
            break
        kind = fluent.partition(".")[2]
        if kind == "content" and after is not None and before[fluent] is not None:
            past = held.setdefault(fluent, [scene.first[fluent]])
            what = "touched" if after == past[-1] else "back" if after in past else "edited"
            past.append(after)
        else:
            what = f"{kind} {'gone' if after is None else 'new' if before[fluent] is None else 'other'}"
        seen[what] = seen.get(what, 0) + 1
        before[fluent] = after
    for what in ("touched", "back", "edited", "path gone", "path new", "path other"):
        assert seen[what] > 50, what


@dataclass(frozen=True)
class Saved(Files):
    """Files of which one is saved by somebody before the agent gets to it."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return SavedTree(self, random)


class SavedTree(Tree):
    """The last file is edited and changed back, or only touched, and nothing else moves."""

    def changes(self) -> Iterator[Change]:
        last = self.importers[self.world.importers - 1]
        content = f"{last}.content"
        yield 0.5, content, self.first[content]
        yield 0.6, content, "other"
        yield 0.7, content, self.first[content]


def test_a_guard_by_hash_sees_no_change_where_one_by_modification_time_does() -> None:
    def episode(compares: Compares) -> Episode:
        return run(Saved(), gated(compares=compares, trigger="never"), seed=1)

    by_hash, by_time = episode("value"), episode("version")
    assert by_hash.metrics.false_blocks == 0
    assert by_time.metrics.false_blocks >= 1
    assert by_hash.metrics.version_staleness > by_hash.metrics.plan_staleness


@pytest.mark.parametrize("update", ["region", "whole"])
def test_a_merge_keeps_both_changes_or_does_harm_at_its_share(update: str) -> None:
    scene = Tree(Files(regions=3, update=update, on_conflict="merge", wrong_merges=0.3), Streams(3))
    call = update_of(scene)
    here = {**scene.first, **RENAMED}
    assert not any("region" in fluent for fluent in scene.requires(call))
    held = scene.first["billing.region-1"]
    assert scene.answer(call, here).writes == {"billing.region-1": _updated(held), "billing.outdated": False}
    outcomes = {"effective": 0, "harmful": 0}
    for number in range(2000):
        newer = {**here, "billing.region-1": f"newer {number}"}
        effect = scene.answer(call, newer)
        assert scene.answer(call, newer) == effect
        assert not effect.violated
        assert not effect.writes["billing.outdated"]
        kept = effect.writes["billing.region-1"] == _updated(f"newer {number}")
        assert kept is (effect.outcome == "effective")
        outcomes[effect.outcome] += 1
    # Four standard errors of a share of 0.3 among 2000.
    assert outcomes["harmful"] / 2000 == pytest.approx(0.3, abs=0.041)
    elsewhere = {scene.answer(call, {**here, "billing.region-2": f"{i}"}).outcome for i in range(30)}
    assert elsewhere == ({"effective", "harmful"} if update == "whole" else {"effective"})
    gone = {**here, "billing.path": None}
    assert scene.answer(call, gone).outcome == "rejected"


def test_where_updates_are_merged_well_only_what_is_gone_fails() -> None:
    merged, written_over = (
        [
            run(Files(volatility=0.05, on_conflict=how), plan_once(), seed=seed, latency=2.0)
            for seed in range(30)
        ]
        for how in ("merge", "overwrite")
    )
    assert sum(e.metrics.harm for e in written_over) > 10
    assert sum(e.metrics.harm for e in merged) == 0
    assert any(step.outcome == "rejected" for e in merged for step in e.steps)
