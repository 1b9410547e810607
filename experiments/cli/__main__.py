"""``python -m experiments.cli``: the command line, where its own command is not on the path."""

from experiments.cli.main import main

main()
