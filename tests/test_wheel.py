"""The wheel holds the four packages, and works where there is no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # From a copy, so that no build folder is left in the checkout.
    source = folder / "source"
    source.mkdir()
    for name in ("sim", "worlds", "policies", "experiments", "pyproject.toml", "README.md", "LICENSE"):
        subprocess.run(["cp", "-r", ROOT / name, source], check=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source],
        check=True,
        capture_output=True,
        text=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"sim", "worlds", "policies", "experiments"}
    assert "experiments/book/suites/demo.toml" in names
    for package in ("sim", "worlds", "policies", "experiments"):
        assert f"{package}/py.typed" in names


def test_it_works_installed_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, wheel],
        check=True,
        capture_output=True,
        text=True,
    )
    # `-S -s` would lose the dependencies; the checkout is left out by standing first in the path.
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import sim, plandrift.experiments.cli.main as m; "
        "assert plandrift.sim.__file__.startswith(sys.path[0]), plandrift.sim.__file__; m.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, target, "run", "records", "--policy", "gated", "--seed", "7"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    assert "plan_staleness" in done.stdout
