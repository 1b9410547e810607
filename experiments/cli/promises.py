"""The results of checking a world or policy, one line per promise."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from plandrift.experiments.testing.check_world import CheckedPromise


def print_findings(name: str, findings: Sequence[CheckedPromise]) -> None:
    """Print the findings; exit with 1 if a promise is broken."""
    said: set[str] = set()
    for finding in findings:
        print(f"{'broken' if finding.fault else 'kept  '}  {finding.promise}")
        if finding.fault:
            print(f"        {'as above' if finding.fault in said else ' '.join(finding.fault.split())}")
            said.add(finding.fault)
    broken = sum(bool(finding.fault) for finding in findings)
    print(f"{name}: " + (f"{broken} of {len(findings)} broken" if broken else f"all {len(findings)} kept"))
    if broken:
        raise typer.Exit(1)
