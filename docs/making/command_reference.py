"""Every command with its arguments and options, from the command line itself."""

from __future__ import annotations

from typing import Any

from docs.making.markdown_table import code, markdown_table
from plandrift.experiments.cli.main import command_line


def command_reference() -> str:
    """One section per command."""
    return "\n\n".join(_sections(command_line(), "plandrift"))


def _sections(group: Any, above: str) -> list[str]:
    found = []
    for name, command in group.commands.items():
        full = f"{above} {name}"
        if hasattr(command, "commands"):
            found += _sections(command, full)
        else:
            found.append(_section(command, full))
    return found


def _section(command: Any, name: str) -> str:
    rows, words = [], [name]
    for part in command.params:
        if "--help" in part.opts:
            continue
        if part.param_type_name == "argument":
            shown = part.metavar or str(part.name).upper()
            words.append(shown)
        else:
            shown = ", ".join(part.opts)
        default = "" if part.default in (None, False, ()) or callable(part.default) else code(part.default)
        rows.append((code(shown), default, getattr(part, "help", None) or ""))
    about = (command.help or "").strip()
    example = (command.epilog or "").replace("\b\n", "")
    if example:
        heading, _, lines = example.partition("\n")
        shown_lines = "\n".join(line.removeprefix("  ") for line in lines.splitlines())
        about += f"\n\n{heading}\n\n```text\n{shown_lines}\n```"
    table = markdown_table(("argument or option", "default", "meaning"), rows) if rows else ""
    return f"## {name}\n\n{about}\n\n```text\n{' '.join(words)}\n```\n\n{table}"
