"""Print the oldest version of each library that `pyproject.toml` allows, as pip's requirements.

`make test-floors` installs them and runs the quick tests: what is promised there is held.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path


def floors(text: str) -> list[str]:
    """The requirements to run plandrift and its tests, each at its oldest version.

    >>> extra = '[project.optional-dependencies]\\ntest = ["psutil"]'
    >>> floors('[project]\\ndependencies = ["simpy>=4.1,<4.2"]\\n' + extra)
    ['simpy==4.1', 'psutil']
    """
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    return [re.sub(r">=([\d.]+).*", r"==\1", one) for one in wanted]


if __name__ == "__main__":
    print("\n".join(floors((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))))
