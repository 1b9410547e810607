"""`plandrift agent guard`: the guard in front of a real agent, and what its log says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plandrift.experiments.agents.guard.first_settings import first_files
from plandrift.experiments.agents.guard.guard_policies import SILENT
from plandrift.experiments.agents.guard.guard_settings import read_guard_settings
from plandrift.experiments.agents.guard.payloads.registry import HOSTS
from plandrift.experiments.cli.options import Format
from plandrift.experiments.cli.printing import check_format, print_rows
from plandrift.sim import SettingError, plain
from plandrift.sim.terms.errors import nearest

if TYPE_CHECKING:
    from plandrift.experiments.agents.guard.guard_report import GuardReport

guard = typer.Typer(
    help="Guard a real agent's calls with these policies."
    "\n\nIt begins in shadow, where it says nothing and logs what each policy would have said.\n\n"
    "Example:\n  plandrift agent guard init --agent claude-code"
)


@guard.callback()
def _guard() -> None:
    """Guard a real agent's calls with these policies."""


@guard.command("init")
def init_command(
    agent: Annotated[str, typer.Option(help="the agent: " + ", ".join(HOSTS))],
    write: Annotated[bool, typer.Option("--write", help="write the files instead of showing them")] = False,
    folder: Annotated[Path, typer.Option(help="the project")] = Path(),
) -> None:
    """Make `guard.toml` and the entry for an agent's hooks.

    Without --write, both are only shown.

    Example:
      plandrift agent guard init --agent claude-code
    """
    if agent not in HOSTS:
        raise SettingError(f"--agent {agent}: {nearest(agent, HOSTS)}")
    if not folder.is_dir():
        raise SettingError(f"--folder {folder}: there is no such folder")
    host, settings = HOSTS[agent], folder / "guard.toml"
    files = first_files(host, folder)
    if settings.exists():
        # It may have come with the project.
        print(f'{settings}: left as it is, with mode = "{read_guard_settings(settings).mode}"')
    for file in files:
        if write:
            file.write()
            print(f"{file.path}: written")
        else:
            print(f"# {file.path}\n{file.text}")
    print(f"What the hooks of {host.name} see of reads: {host.reads}.")
    print(f"If the hook itself fails, whatever guard.toml says: {host.closed}.")
    note = host.hook(["hook"]).note
    if note:
        print(f"Know this: {note}.")
    print(
        f"{', '.join(SILENT)} are not offered: without pushes they never block, because they compare with "
        "the news that the agent heard, and it hears no news of files."
    )


@guard.command("report")
def report_command(
    config: Annotated[
        Path, typer.Argument(metavar="[GUARD.TOML]", help="the guard's settings, which name its log")
    ] = Path("guard.toml"),
    other: Annotated[
        Path | None, typer.Argument(metavar="[OTHER.TOML]", help="another guard's, to be shown after it")
    ] = None,
    since: Annotated[str, typer.Option(help="how far back: 7d, 12 hours")] = "7d",
    figure: Annotated[
        Path | None, typer.Option(help="file to draw it to: .png, .svg or .pdf; two guards side by side")
    ] = None,
    form: Format = "text",
) -> None:
    """Report what each policy was or would have been worth.

    It also shows what happened after each block, and what the guard cost in time.

    Example, in a project with a guard.toml and its log:
      plandrift agent guard report --since 7d
    """
    from plandrift.experiments.agents.guard.guard_report import guard_report, since_when

    check_format(form)
    if figure is not None:
        # Imported here, because Matplotlib takes longer to load than a report.
        from plandrift.experiments.figures.style import check_path

        check_path(figure, "--figure")
    begin = since_when(since)
    found = [
        (path, guard_report(read_guard_settings(path).log, begin))
        for path in (config, other)
        if path is not None
    ]
    if figure is not None:
        from plandrift.experiments.agents.guard.guard_figure import guard_figure
        from plandrift.experiments.figures.style import save

        save(
            guard_figure([(path.absolute().parent.name, report) for path, report in found]),
            figure,
            "--figure",
        )
    if form == "json":
        objects = [report.as_object() for _, report in found]
        print(json.dumps(plain(objects if other is not None else objects[0]), indent=1))
        return
    for path, report in found:
        if other is not None:
            print(f"{path}:")
        _print(report, form)


def _print(found: GuardReport, form: str) -> None:
    first, *others = found.sentences()
    print(first + "\n")
    print_rows([row.line() for row in found.policies], form)
    held = {name: n for name, n in found.did.items() if name not in ("", "let")}
    if held:
        print("\nHeld back: " + ", ".join(f"{n} {name}" for name, n in held.items()) + ".\n")
        print_rows([row.line() for row in found.after], form)
    print()
    for line in others:
        print(line)


@guard.command("mcp")
def mcp_command(
    command: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND...", help="the command that starts the server")
    ],
    config: Annotated[Path, typer.Option(help="the guard's settings")] = Path("guard.toml"),
) -> None:
    """Stand before an MCP server on stdio, in place of its own command.

    Lines pass as they are; calls of tools that guard.toml maps pass the guard. In the client's
    configuration, it goes before the server's own command, such as npx some-server.

    Example, in a project with a guard.toml and its log:
      plandrift agent guard mcp -- cat < /dev/null
    """
    from plandrift.experiments.agents.guard.mcp_proxy import proxy

    raise typer.Exit(proxy(read_guard_settings(config), command))
