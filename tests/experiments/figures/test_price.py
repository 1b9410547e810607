"""Price and gain."""

from __future__ import annotations

from plandrift.experiments.figures.price import PriceAndGain, front


def test_the_pareto_front_holds_what_nothing_beats() -> None:
    def offer(name: str, price: float, gain: float) -> PriceAndGain:
        return PriceAndGain(name, (price, price, price), (gain, gain, gain))

    found = front([offer("dear", 5, 1), offer("none", 0, 0), offer("good", 2, 3), offer("best", 4, 4)])
    assert [o.name for o in found] == ["none", "good", "best"]
