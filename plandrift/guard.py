"""The take-home guard for your own Python programs: see docs/howto/guard.md."""

from plandrift.experiments.agents.guard.python_door import PythonGuard as Guard
from plandrift.experiments.agents.guard.python_door import Stale

__all__ = ["Guard", "Stale"]
