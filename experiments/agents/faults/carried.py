"""What a suite needs besides its histories, copied into its folder: files that settings name, and modules."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FILES = "files"
"""The folder, within the suite's, for the files that settings name."""
SUITE = "{suite}"
"""Stands in a history for the path of the suite's folder."""
_WITHIN = re.compile(r"""^(empirical\(\s*['"]?)(.*?)(['"]?\s*\))$""")
"""A distribution that is read from a file."""


def carry_files(settings: Mapping[str, Any], out: Path, carried: dict[Path, str]) -> dict[str, Any]:
    """Copy the files that settings name into a suite's folder; return the settings with the new paths.

    Args:
        settings: by dotted name.
        out: the suite's folder.
        carried: the files that have already been copied, with their names; new ones are added.

    Raises:
        OSError: a file cannot be copied.
    """

    def named(text: str) -> str:
        found = _WITHIN.match(text)
        before, path, after = found.groups() if found else ("", text, "")
        source = Path(path)
        try:
            if not source.is_file():
                return text
        except (OSError, ValueError):  # a text that cannot be a path
            return text
        source = source.resolve()
        if source not in carried:
            taken = source.name in carried.values()
            carried[source] = f"{len(carried)}-{source.name}" if taken else source.name
            (out / FILES).mkdir(exist_ok=True)
            shutil.copyfile(source, out / FILES / carried[source])
        return f"{before}{SUITE}/{FILES}/{carried[source]}{after}"

    return {name: named(value) if isinstance(value, str) else value for name, value in settings.items()}


def carry_modules(names: Iterable[str], out: Path) -> None:
    """Copy modules of the working folder into a suite's folder, which pytest puts on Python's path.

    Args:
        names: names of worlds and policies; those of the form `package.module:Name` name a module.
        out: the suite's folder.

    Raises:
        OSError: a module cannot be copied.
    """
    for name in names:
        own = re.match(r"(\w+)[\w.]*:", name)
        spec = find_spec(own[1]) if own else None
        if spec is None or spec.origin is None or not Path(spec.origin).is_relative_to(Path.cwd()):
            continue
        if spec.submodule_search_locations:
            shutil.copytree(Path(spec.origin).parent, out / str(own and own[1]), dirs_exist_ok=True)
        else:
            shutil.copyfile(spec.origin, out / Path(spec.origin).name)
