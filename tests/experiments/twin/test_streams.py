"""The streams of the compiled engine: numpy's numbers to the last bit, and SimPy where they are not."""

from __future__ import annotations

import pytest

pytest.importorskip("numba")

from plandrift.experiments.sweeps import engines
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.twin import engine as compiled
from plandrift.experiments.twin import streams
from plandrift.experiments.twin.twin import Twin

pytestmark = pytest.mark.long

KNOWN = [
    [0.03881658026042234, 0.9771447316455419],
    [2, 0],
    [0.35848987217756006, 0.1832382191130772],
    [0.3862139271677386, 0.5317989979398546],
    [2.8825754598083697, 0.04040644571273701],
]


def test_known_answers() -> None:
    """What numpy 2.4 draws: whoever changes it, here or there, sees it."""
    assert [column[:2] for column in streams.expected(7, 2)] == KNOWN


def test_a_numpy_that_draws_otherwise_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """SimPy then runs everything."""
    expected = streams.expected
    assert compiled._twin().agrees
    monkeypatch.setattr(streams, "expected", lambda *which: [*expected(*which)[:-1], [0.5]])
    other = Twin()
    assert not other.agrees
    one = condition("records", "gated", {"volatility": 0.2})
    assert engines.rows(one, 3, 2, "compiled") is not None
    monkeypatch.setattr(compiled, "_twin", lambda: other)
    assert engines.rows(one, 3, 2, "compiled") is None
    said: list[str] = []
    engines.make_ready(["compiled"], said.append)
    assert said == ["this numpy draws other random numbers than the fast engine: SimPy runs every episode"]
    assert str(engines.episode(one, 3, "compiled").row) == str(one.run(3).metrics.row())
