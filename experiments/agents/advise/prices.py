"""What an episode costs whoever runs the agent: prices of what can go wrong and of what guards do."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from plandrift.sim import Metrics, SettingError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prices:
    """What each thing costs, in one money of the user's own.

    Attributes:
        misfire: a call that misfires.
        harm: one that does harm, in place of a misfire's price; that price if not given.
        unmet: a goal that does not hold at the end, or a point missed; a misfire's price if not given.
            An agent that does nothing has no misfires, so that this must cost something.
        false_block: a block of a call that was fine.
        refusal: a call that the world refuses.
        read: a fresh read.
        replan: a plan after the first.
        time: a second, or a unit of time.

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
            raise SettingError(
                "every price is 0: then nothing is worth guarding against: give --cost-misfire"
            )

    @property
    def harm_price(self) -> float:
        """What a harmful call costs."""
        return self.misfire if self.harm is None else self.harm

    @property
    def unmet_price(self) -> float:
        """What a goal costs that is not met."""
        return self.misfire if self.unmet is None else self.unmet

    @property
    def vector(self) -> Array:
        """The prices in the order of `COMPONENTS`."""
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
"""What is paid for, in the order of `Prices.vector`; and at no price whether the horizon cut it off."""


def components(metrics: Metrics) -> list[float]:
    """How much there was of each in one episode; harmful calls are counted once, as harm."""
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
