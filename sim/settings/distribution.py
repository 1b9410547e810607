"""Random times: a constant, a distribution such as `"gamma(mean=2, shape=4)"`, or measured times."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plandrift.sim.settings.real_time import seconds
from plandrift.sim.terms.errors import SettingError

if TYPE_CHECKING:
    import numpy as np

LARGEST = 1e12
"""The longest time allowed: sums of times are still exact up to here."""

WIDEST = 20.0
"""The greatest σ of a lognormal time's logarithm: beyond it nearly every time drawn is 0."""

NARROWEST = 1e-3
"""The smallest shape of a gamma time, for the same reason."""

BLOCK = 64
"""How many values are drawn at once: drawn singly, each costs ten times as much."""

_FORMS = {
    "constant": ("value",),
    "uniform": ("low", "high"),
    "exponential": ("mean",),
    "gamma": ("mean", "shape"),
    "lognormal": ("mean", "shape"),
}
_USAGE = (
    "a number, a time such as 5s or 20 ms, or uniform(low, high), exponential(mean), gamma(mean, shape), "
    "lognormal(mean, shape) or empirical(FILE)"
)
MEASURED = 10_000
"""The greatest number of measured times in a distribution."""


@dataclass(frozen=True)
class Distribution:
    """The distribution of a non-negative time, drawn afresh for each use.

    Forms and parameters (all in units of time except `shape`):
        ``constant(value)``, ``uniform(low, high)``, ``exponential(mean)``,
        ``gamma(mean, shape)`` (coefficient of variation 1/√shape) and
        ``lognormal(mean, shape)`` (`shape` is σ of the logarithm, `mean` the mean of the time itself).
        A time may be in words (``5s``, ``20 ms``): one unit of time is then a second.
        ``empirical(FILE)`` draws one of the times in a file with one number per line; from then on its name
        holds the times themselves, as in ``empirical(0.5, 2, 2.25)``, which can also be given.

    >>> Distribution.parse("gamma(mean=2, shape=4)").mean
    2.0
    """

    form: str
    parameters: tuple[float, ...]

    @classmethod
    def parse(cls, text: object) -> Distribution:
        """Read a number, a text such as ``"exponential(2)"``, or a Distribution.

        Raises:
            SettingError: the form is unknown, or a parameter is missing, negative or not a number.
        """
        if isinstance(text, Distribution):
            return text
        if isinstance(text, bool) or not isinstance(text, int | float | str):
            raise SettingError(f"{text!r} is not a time: give {_USAGE}")
        try:
            number = float(text)
        except OverflowError:
            raise SettingError(f"a time has more than 300 digits: give at most {LARGEST:g}") from None
        except ValueError:
            assert isinstance(text, str)  # converting a number never raises ValueError
        else:
            return cls.constant(number)
        real = seconds(text)
        if real is not None:
            return cls.constant(real)
        match = re.fullmatch(r"\s*(\w+)\s*\((.*)\)\s*", text)
        if match is not None and match[1] == "empirical":
            return cls("empirical", _measured(match[2].strip()))
        if match is None or match[1] not in _FORMS:
            raise SettingError(f"{text!r} is not a time: give {_USAGE}")
        form, names = match[1], _FORMS[match[1]]
        given: dict[str, float] = {}
        for place, part in enumerate(filter(None, (p.strip() for p in match[2].split(",")))):
            name, _, number = part.rpartition("=")
            name = name.strip() or (names[place] if place < len(names) else "")
            if name not in names or name in given:
                raise SettingError(f"{text!r}: {form} takes {', '.join(names)}")
            real = seconds(number) if name != "shape" else None
            try:
                given[name] = float(number) if real is None else real
            except ValueError:
                raise SettingError(f"{text!r}: {number.strip()!r} is not a number") from None
        if len(given) != len(names):
            raise SettingError(f"{text!r}: {form} takes {', '.join(names)}")
        return cls(form, tuple(given[name] for name in names))

    @classmethod
    def constant(cls, value: float) -> Distribution:
        """Return the distribution that always gives the same time."""
        return cls("constant", (float(value),))

    def __post_init__(self) -> None:
        shown = str(self)
        if any(not math.isfinite(p) or p < 0 for p in self.parameters):
            raise SettingError(f"{shown}: a time must be finite and at least 0")
        if self.form == "uniform" and self.parameters[0] > self.parameters[1]:
            raise SettingError(f"{shown}: give the lower end first")
        if self.form in ("gamma", "lognormal") and self.parameters[1] == 0:
            raise SettingError(f"{shown}: give a shape above 0")
        if self.form == "lognormal" and self.parameters[1] > WIDEST:
            raise SettingError(f"{shown}: give a shape of at most {WIDEST:g}")
        if self.form == "gamma" and self.parameters[1] < NARROWEST:
            raise SettingError(f"{shown}: give a shape of at least {NARROWEST:g}")
        if any(p > LARGEST for p in self.parameters):
            raise SettingError(f"{shown}: a time is at most {LARGEST:g}")

    def __str__(self) -> str:
        if self.form == "constant":
            return f"{self.parameters[0]:g}"
        if self.form == "empirical":
            return f"empirical({', '.join(map(repr, self.parameters))})"
        named = zip(_FORMS[self.form], self.parameters, strict=True)
        return f"{self.form}({', '.join(f'{name}={value:g}' for name, value in named)})"

    @property
    def mean(self) -> float:
        """The mean, in units of time."""
        if self.form == "uniform":
            return (self.parameters[0] + self.parameters[1]) / 2
        if self.form == "empirical":
            return math.fsum(self.parameters) / len(self.parameters)
        return self.parameters[0]

    @property
    def fixed(self) -> float | None:
        """The value if it is always the same, else None."""
        if self.form == "constant" or self.mean == 0:
            return self.mean
        return None

    def sampler(self, random: Callable[[], np.random.Generator]) -> Callable[[], float]:
        """Return a function that draws the next value from a stream; a constant never opens the stream."""
        fixed = self.fixed
        if fixed is not None:
            return lambda: fixed
        draws: list[float] = []

        def draw() -> float:
            if not draws:
                draws.extend(self.block(random()))
                draws.reverse()
            return draws.pop()

        return draw

    def block(self, random: np.random.Generator, size: int = BLOCK) -> list[float]:
        """Draw the next values from a stream."""
        first = self.parameters[0]
        second = self.parameters[-1]
        if self.form == "empirical":
            import numpy as np

            block = np.asarray(self.parameters)[random.integers(len(self.parameters), size=size)]
        elif self.form == "uniform":
            block = random.uniform(first, second, size)
        elif self.form == "exponential":
            block = random.exponential(first, size)
        elif self.form == "gamma":
            block = random.gamma(second, first / second, size)
        else:
            block = random.lognormal(math.log(first) - second**2 / 2, second, size)
        values: list[float] = block.tolist()
        return values


def _measured(text: str) -> tuple[float, ...]:
    """Return the times of ``empirical(…)``, given as numbers separated by commas or as the name of a file."""
    parts = [part.strip() for part in text.split(",")]
    try:
        times = [float(part) for part in parts]
    except ValueError:
        path = Path(text.strip("'\""))
        try:
            lines = path.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError):
            raise SettingError(f"empirical({text}): {path} cannot be read: give a file of numbers") from None
        try:
            times = [float(line) for line in lines]
        except ValueError:
            raise SettingError(
                f"empirical({text}): {path} contains something that is not a number: give one number per line"
            ) from None
    if not 1 <= len(times) <= MEASURED:
        raise SettingError(f"empirical({text[:40]}): {len(times)} times: give 1 to {MEASURED}")
    return tuple(times)
