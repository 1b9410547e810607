"""Sweeps, figures, pages and the command line, in rooms whose arrows go down; see CONTRIBUTING.md.

>>> __version__.count(".")
2
"""

from importlib.metadata import version

__version__ = version("plandrift")
"""The version of plandrift that is installed."""
