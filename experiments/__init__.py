"""Sweeps, figures, pages and the command line, in rooms that import only downwards; see CONTRIBUTING.md."""

if __name__ == "experiments":
    raise ImportError("this folder is a part of plandrift: import plandrift.experiments")
