"""The wheel holds `plandrift`, whole and alone, and works beside folders of a user's own with our names."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.command import apart

ROOT = Path(__file__).parents[1]
FOLDERS = ("sim", "worlds", "policies", "experiments")
SHOWN = {"experiments/figures/staleness.png", "experiments/figures/crew.png"}
"""Files of the four folders that only README shows: no code reads them."""

PROJECT = {
    "sim/__init__.py": "from sim.rates import RATE\n",
    "sim/rates.py": "RATE = 0.05\n",
    "worlds/__init__.py": "",
    "worlds/names.py": "NAMES = ('ana', 'bo')\n",
    "policies/habits.py": """
from dataclasses import dataclass
from plandrift import Policy

@dataclass(frozen=True)
class Careless(Policy):
    '''Fire whatever was planned.'''
""",
    "experiments/first.py": """
import sys
from pathlib import Path

import sim, worlds, policies, experiments
import plandrift, plandrift.sim, plandrift.worlds
from plandrift import run
from own import World
from policies.habits import Careless
from sim.rates import RATE
from worlds.names import NAMES

here = Path.cwd()
for ours in (sim, worlds, policies, experiments):
    assert Path(list(ours.__path__)[0]).parent == here, ours
for theirs in (plandrift, plandrift.sim, plandrift.worlds):
    assert here not in Path(theirs.__file__).parents, theirs
assert plandrift.sim is not sim
print(Path(plandrift.sim.__file__).parent, RATE, *NAMES, run(World(), Careless(), seed=7).end)
""",
    "own.py": """
from dataclasses import dataclass
from plandrift import setting
from plandrift.worlds import Records
from sim import RATE

@dataclass(frozen=True)
class World(Records):
    '''Records that change as often as the user's own folder says.'''
    volatility: float = setting(RATE, "changes", low=0)
""",
    "spec.toml": """
world = "own:World"
seeds = 2
horizon = 20
[grid]
policy = ["policies.habits:Careless", "gated"]
""",
}
"""A user's project: folders with the names of ours, one of them without an `__init__.py`."""

pytestmark = pytest.mark.slow


def ran(words: Sequence[str | Path], cwd: Path, **env: str) -> str:
    """What a command prints, with nothing of the checkout on its path."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        words, cwd=cwd, env=kept | env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def tracked() -> list[str]:
    """Every file of the checkout that is, or is about to be, committed."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sdist of a checkout that `make setup` has run in, a wheel of the checkout, and one of the sdist."""
    folder = tmp_path_factory.mktemp("built")
    source, backend, unpacked = folder / "source", folder / "backend", folder / "unpacked"
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    links = source / "build" / "names" / "plandrift"
    links.mkdir(parents=True)
    for name in FOLDERS:
        (links / name).symlink_to(f"../../../{name}")
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    ran([sys.executable, "-m", "pip", "install", "--quiet", "--target", backend, *needs], folder)

    def build(what: str, where: Path) -> Path:
        code = f"import setuptools.build_meta as b; b.build_{what}({str(folder / where.name / what)!r})"
        (folder / where.name / what).mkdir(parents=True)
        ran([sys.executable, "-c", code], where, PYTHONPATH=str(backend))
        return next((folder / where.name / what).iterdir())

    # The sdist last: that of a checkout in which a wheel was built must be no other.
    found = {"wheel": build("wheel", source), "sdist": build("sdist", source)}
    with tarfile.open(found["sdist"]) as archive:
        archive.extractall(unpacked, filter="data")
    return found | {"wheel of the sdist": build("wheel", next(unpacked.iterdir()))}


@pytest.fixture(scope="module")
def installed(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment's programs: it holds the wheel and what plandrift needs, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("environment")
    ran([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], folder)
    programs = folder / "venv" / "bin"
    pip = (sys.executable, "-m", "pip", "--python", programs / "python", "install", "--quiet", "--no-deps")
    ran((*pip, built["wheel of the sdist"]), folder)
    # Python reads no `.pth` file of a folder that such a file names: the editable plandrift stays hidden.
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(ran([programs / "python", "-c", code], folder).strip())
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return programs


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("wheel", ["wheel", "wheel of the sdist"])
def test_the_wheel_holds_the_package_whole_and_nothing_else(built: dict[str, Path], wheel: str) -> None:
    with zipfile.ZipFile(built[wheel]) as archive:
        names = archive.namelist()
    inside = {name for name in names if not name.partition("/")[0].endswith(".dist-info")}
    folders = {name for name in tracked() if name.partition("/")[0] in FOLDERS}
    assert folders >= SHOWN
    face = {name for name in tracked() if name.startswith("plandrift/")}
    assert inside == face | {f"plandrift/{name}" for name in folders - SHOWN}
    assert len(names) == len(set(names))


def test_the_sdist_holds_no_link_and_no_test(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as archive:
        members = archive.getmembers()
    assert all(member.isfile() or member.isdir() for member in members)
    tops = {member.name.split("/")[1] for member in members if "/" in member.name}
    assert {"plandrift", *FOLDERS, "setup.py", "pyproject.toml", "README.md", "LICENSE"} <= tops
    assert not tops & {"build", "tests", "docs", "examples"}


def test_it_works_beside_folders_of_the_users_own_with_the_same_names(installed: Path, project: Path) -> None:
    said = ran([installed / "python", "-m", "experiments.first"], project)
    assert said.endswith(" 0.05 ana bo done\n")
    assert Path(said.split(" ")[0]).is_relative_to(installed.parent)
    command = installed / "plandrift"
    own = (command, "run", "own:World", "--policy", "policies.habits:Careless", "--seed", "7")
    assert "plan_staleness" in ran(own, project)
    ran([command, "sweep", "spec.toml", "--out", "out", "--workers", "2"], project)
    table = ran([command, "table", "out", "--by", "policy"], project)
    assert "Careless" in table
    assert "gated" in table


def test_so_does_a_checkout(project: Path) -> None:
    said = ran([sys.executable, "-m", "experiments.first"], project)
    assert said == f"{ROOT / 'sim'} 0.05 ana bo done\n"
    apart("run", "own:World", "--policy", "policies.habits:Careless", cwd=project)


def test_all_that_the_pages_and_suites_need_is_installed(installed: Path, tmp_path: Path) -> None:
    command = installed / "plandrift"
    assert "plandrift" in ran([command, "--help"], tmp_path)
    ran([command, "new", "world", "Library"], tmp_path)
    assert "kept" in ran([command, "check-world", "library:Library"], tmp_path)
    ran([command, "run", "pddl", "--policy", "gated", "--horizon", "5"], tmp_path)
    ran([command, "replay", "records", "--policy", "gated", "--out", "replay.html"], tmp_path)
    ran([command, "demo", "--seeds", "2", "--out", "demo"], tmp_path)
