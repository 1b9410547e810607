"""Sweeps, figures, pages and the command line, in rooms whose arrows go down; see CONTRIBUTING.md.

`__version__` is the version of plandrift that is installed.

>>> import experiments
>>> experiments.__version__.count(".")
2
"""


def __getattr__(name: str) -> str:
    # What reads versions takes longer to load than the help of a command to print.
    if name == "__version__":
        from importlib.metadata import version

        return version("plandrift")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
