"""Shell completion for the names of worlds, policies and metrics."""

from __future__ import annotations

from collections.abc import Iterable


def world_names(incomplete: str) -> list[str]:
    """Return the worlds whose names begin with this text.

    >>> world_names("rec")
    ['records', 'recorded']
    """
    from plandrift.worlds import WORLDS

    return _beginning(WORLDS, incomplete)


def policy_names(incomplete: str) -> list[str]:
    """Return the policies whose names begin with this text.

    >>> policy_names("gate")
    ['gated', 'gate-only']
    """
    from plandrift.policies import POLICIES

    return _beginning(POLICIES, incomplete)


def metric_names(incomplete: str) -> list[str]:
    """Return the metrics that begin with this text; in a comma-separated list, the last one is completed.

    >>> metric_names("success,misfire_r")
    ['success,misfire_rate']
    """
    from plandrift.sim import METRICS

    before, comma, last = incomplete.rpartition(",")
    return [before + comma + name for name in _beginning(METRICS, last)]


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
