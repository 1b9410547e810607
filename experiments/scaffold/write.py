"""Write a scaffold under a name of the user's choice."""

from __future__ import annotations

import keyword
import re
import sys
from importlib import resources
from pathlib import Path
from typing import Literal

from plandrift.sim import PlandriftError

Kind = Literal["world", "policy", "planner"]


def write_scaffold(kind: Kind, name: str, folder: Path) -> Path:
    """Write a commented module that runs as it is.

    Args:
        kind: what the module holds.
        name: ``Library`` or ``library``: the class gets the first form, the module the second. A planner is a
            function named like its module.
        folder: the folder for the module.

    Returns:
        The path of the module.

    Raises:
        PlandriftError: the name is not valid, is taken, or the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_scaffold("policy", "LookTwice", Path(folder)).name
    'look_twice.py'
    """
    module, title = names_of(name)
    template = resources.files("plandrift.experiments.scaffold.templates") / f"{kind}.py"
    text = template.read_text(encoding="utf-8")
    if kind == "planner":
        text = text.replace('"""Scaffold:', f'"""{title}:')
    for old, new in (("scaffold_module", module), ("scaffold_name", module), ("Scaffold", title)):
        text = text.replace(old, new)
    path = folder / f"{module}.py"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise PlandriftError(f"{path} already exists: give another name, or move it away") from None
    except OSError as error:
        raise PlandriftError(f"{path}: {error.strerror}: run this in a folder that can be written") from None
    return path


def names_of(name: str) -> tuple[str, str]:
    """Return the names of the module and of the class.

    Raises:
        PlandriftError: it is not a valid module name, or a module of Python or plandrift has it.

    >>> names_of("LookTwice")
    ('look_twice', 'LookTwice')
    >>> names_of("look_twice")
    ('look_twice', 'LookTwice')
    """
    module = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace("-", "_")).lower()
    if (
        not module.isascii()
        or not module.isidentifier()
        or keyword.iskeyword(module)
        or module.startswith("_")
    ):
        raise PlandriftError(f"NAME {name}: give letters, digits and underscores, such as Library")
    taken = {"sim", "worlds", "policies", "experiments"} | set(sys.stdlib_module_names)
    if module in taken:
        raise PlandriftError(f"NAME {name}: there is a module {module} already: give another name")
    return module, "".join(part.capitalize() for part in module.split("_"))
