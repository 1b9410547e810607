"""A scene in arrays: `sim.companions.array_scene`, drawn for a seed in compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.streams import below, next_double, open_stream
from plandrift.sim import ArrayScene
from plandrift.sim.settings.exogenous import shares


def load(table: ArrayScene) -> NDArray[Any]:
    """Return an array scene as a record with the layout `SCENE`."""
    record = np.zeros(1, dtype=at.SCENE)
    scene, count, jobs, moving = record[0], len(table.fluents), len(table.writes), table.moving
    width, drawn = table.needs.shape[1], 0
    scene["fluents"], scene["jobs"], scene["sides"] = count, jobs, len(table.sides)
    scene["sibling_next"], scene["sibling_values"] = table.next_sibling, table.siblings
    scene["first"][:count], scene["wanted"][:count] = table.first, at.NONE
    for fluents, values in table.drawn:
        scene["drawn_fluent"][drawn : drawn + len(fluents)] = fluents
        scene["drawn_values"][drawn : drawn + len(fluents)] = values
        drawn += len(fluents)
    scene["drawn"], scene["changing"], scene["moving"][: len(moving)] = drawn, len(moving), moving
    scene["link_need"] = width - 1
    scene["linked"], scene["spread"], scene["rate"] = table.linked, table.spread or 0.0, table.rate
    scene["weights"][: len(moving)] = table.weights
    scene["whole"], scene["edges"][: len(moving)] = shares(tuple(table.weights))
    scene["wanted"][table.writes] = table.done
    scene["rule"][moving] = table.rules
    scene["side"][: len(table.sides)] = table.sides
    scene["writes"][:jobs], scene["done"][:jobs] = table.writes, table.done
    for name, part in (
        *(("fluent", table.needs), ("fixed", table.values)),
        *(("nature", table.natures), ("lossy", table.lossy)),
    ):
        scene[name][:jobs, :width] = part
    scene["fluent"][:jobs, width:] = at.NONE
    return record


@compiled
def draw_scene(c: Any, s: Any) -> None:
    """Draw the scene's first values and links, in the order of `ArrayScene.drawn`."""
    g = s, at.SCENE_DRAWN
    open_stream(s, at.SCENE_DRAWN)
    for i in range(c.drawn):
        c.first[c.drawn_fluent[i]] = below(g, c.drawn_values[i])
    if c.linked > 0:
        for job in range(c.jobs):
            links, which = next_double(g), int(next_double(g) * job)
            c.fluent[job, c.link_need] = c.writes[which] if job and links < c.linked else at.NONE
        index(c)


@compiled
def index(c: Any) -> None:
    """Set the job that writes each need, and the needs of each fluent."""
    for fluent in range(c.fluents + 1):
        c.users[fluent] = 0
    for fluent in range(c.fluents):
        c.writer[fluent] = at.NONE
    for job in range(c.jobs):
        c.writer[c.writes[job]] = job
    for job in range(c.jobs):
        c.needs[job] = 0
        for need in range(at.NEEDS):
            if c.fluent[job, need] != at.NONE:
                c.needs[job] = need + 1
                c.users[c.fluent[job, need] + 1] += 1
                c.source[job, need] = c.writer[c.fluent[job, need]]
    for fluent in range(c.fluents):
        c.users[fluent + 1] += c.users[fluent]
        c.used[fluent] = c.users[fluent + 1]
    for job in range(c.jobs):
        for need in range(c.needs[job]):
            fluent = c.fluent[job, need]
            c.used[fluent] -= 1
            c.user_job[c.used[fluent]], c.user_need[c.used[fluent]] = job, need
