"""plandrift: how plans go stale in a world that changes by itself.

The names that most programs need are here and are loaded on first use. Everything else is in `plandrift.sim`;
the worlds are in `plandrift.worlds`, the policies in `plandrift.policies`. `__version__` is the version.

>>> from plandrift import run
>>> from plandrift.policies import gated
>>> from plandrift.worlds import Records
>>> run(Records(volatility=0.05), gated(), latency=1.0, seed=7).end
'done'
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plandrift.sim import (
        EVENT,
        FIRE,
        KEEP,
        Acknowledgment,
        Call,
        Change,
        Decision,
        Description,
        Episode,
        Nature,
        Observation,
        PlandriftError,
        Policy,
        Reaction,
        Scene,
        Session,
        Step,
        Streams,
        Value,
        Verdict,
        View,
        World,
        jumps,
        run,
        setting,
    )

__all__ = [
    "EVENT",
    "FIRE",
    "KEEP",
    "Acknowledgment",
    "Call",
    "Change",
    "Decision",
    "Description",
    "Episode",
    "Nature",
    "Observation",
    "PlandriftError",
    "Policy",
    "Reaction",
    "Scene",
    "Session",
    "Step",
    "Streams",
    "Value",
    "Verdict",
    "View",
    "World",
    "jumps",
    "run",
    "setting",
]

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 (pathlib takes 5 ms to load)
if not os.path.isdir(os.path.join(_HERE, "sim")):  # noqa: PTH112, PTH118
    # In a checkout the packages lie next to this folder; installed, they are inside it.
    __path__.append(os.path.dirname(_HERE))  # noqa: PTH120


def __getattr__(name: str) -> Any:
    if name in __all__:
        import plandrift.sim

        value = globals()[name] = getattr(plandrift.sim, name)
        return value
    # Importing importlib.metadata takes longer than printing the help of a command.
    if name == "__version__":
        from importlib.metadata import version

        return version("plandrift")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
