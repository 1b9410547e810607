"""What an episode costs: prices of what can go wrong and of what guards do."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from plandrift.sim import Metrics, SettingError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prices:
    """The price of each thing, in any single currency.

    Attributes:
        misfire: price of a call that misfires.
        harm: price of a harmful call, instead of a misfire's; the misfire's price if not given.
        unmet: price of a goal that does not hold at the end, or of a missed point; the misfire's price if
            not given. It must not be 0, because an agent that does nothing has no misfires.
        false_block: price of blocking a call that was fine.
        refusal: price of a call that the world refuses.
        read: price of a fresh read.
        replan: price of each plan after the first.
        time: price of a second, or of a unit of time.

    >>> Prices(misfire=50).harm_price, Prices(misfire=50, unmet=5).unmet_price
    (50, 5)
    """

    misfire: float = 50.0
    harm: float | None = None
    unmet: float | None = None
    false_block: float = 1.0
    refusal: float = 1.0
    read: float = 0.0
    replan: float = 2.0
    time: float = 0.0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                name = f"--cost-{one.name.replace('_', '-')}"
                raise SettingError(f"{name} {value}: give a number of at least 0")
        if not any(self.vector):
            raise SettingError("every price is 0, so nothing is worth guarding against: give --cost-misfire")

    @property
    def harm_price(self) -> float:
        """Return the price of a harmful call."""
        return self.misfire if self.harm is None else self.harm

    @property
    def unmet_price(self) -> float:
        """Return the price of a goal that is not met."""
        return self.misfire if self.unmet is None else self.unmet

    @property
    def vector(self) -> Array:
        """Return the prices in the order of `COMPONENTS`."""
        return np.array(
            [
                self.misfire,
                self.harm_price,
                self.unmet_price,
                self.false_block,
                self.refusal,
                self.read,
                self.replan,
                self.time,
                0.0,
            ],
            float,
        )


COMPONENTS = ("misfires", "harm", "unmet", "false blocks", "refusals", "reads", "replans", "time", "cut off")
"""What is paid for, in the order of `Prices.vector`; the cut-off by the horizon has no price."""


def components(metrics: Metrics) -> list[float]:
    """Count each component in one episode; harmful calls are counted once, as harm."""
    harmful = min(metrics.harm, metrics.misfires)
    return [
        float(metrics.misfires - harmful),
        float(metrics.harm),
        metrics.score_reachable - metrics.score,
        float(metrics.false_blocks),
        float(metrics.refused),
        float(metrics.reads),
        float(metrics.replans),
        metrics.duration,
        float(metrics.cut_off),
    ]
