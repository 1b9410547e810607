"""``python -m plandrift.experiments.cli``: the command line where `plandrift` itself is not on the path."""

from plandrift.experiments.cli.main import main

main()
