"""A user's own world, scene, policy or planner that goes wrong is one line: class, method, file and line."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plandrift.experiments.sweeps import condition
from tests.command import apart, inside, plandrift, refusal

MODULE = '''\
import sys
from dataclasses import dataclass
from plandrift.sim import Call, Decision, Description, Policy, Reaction, Scene, Verdict, World


@dataclass(frozen=True)
class Door(World):
    """A door."""

    def begin(self, random, horizon):
        BEGIN
        return Corridor()


class InWords(Description):
    def change(self, fluent, before, after):
        WORDED
        return "the door was shut"


class Corridor(Scene):
    companions = (InWords,)

    def __init__(self):
        self.first, self.goals = {"door": "open", "place": 0}, {"place": 1}

    def changes(self):
        CHANGES
        yield 0.5, "door", "shut"

    def requires(self, call):
        REQUIRES
        return {"door": "open"}

    def effects(self, call):
        EFFECTS
        return {"place": 1}

    def plan(self, belief):
        PLAN
        return [Call.of("walk")] if belief["place"] == 0 else []

    def nature(self, call, violated):
        NATURE
        return "rejected"

    def score(self, values):
        SCORE
        return 0.0, 1.0


class Eager(Policy):
    def observed(self, view, observation):
        OBSERVED
        return Decision("replan")

    def before_fire(self, view, step, call):
        BEFORE_FIRE
        return Verdict("fire")

    def answered(self, view, step, answer):
        ANSWERED
        return Reaction("go-on")

    def used_up(self, view):
        USED_UP
        return Decision("keep")


def think(belief, goals):
    THINK
    return [Call.of("walk")]
'''
PLACES = {
    "BEGIN": "Door.begin",
    "CHANGES": "Corridor.changes",
    "REQUIRES": "Corridor.requires",
    "EFFECTS": "Corridor.effects",
    "PLAN": "Corridor.plan",
    "NATURE": "Corridor.nature",
    "WORDED": "InWords.change",
    "SCORE": "Corridor.score",
    "OBSERVED": "Eager.observed",
    "BEFORE_FIRE": "Eager.before_fire",
    "ANSWERED": "Eager.answered",
    "USED_UP": "Eager.used_up",
}


def write(folder: Path, **code: str) -> int:
    """Write the module with code in some places; the line of the last of these."""
    text, line = MODULE, 0
    for place in [*PLACES, "THINK"]:
        if place in code:
            line = text[: text.index(place)].count("\n") + 1
        text = text.replace(place, code.get(place, "pass"))
    (folder / "own.py").write_text(text)
    return line


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    """Another test's module has the same name."""
    sys.modules.pop("own", None)
    condition._parts_of.cache_clear()


WORDS = ("--policy", "own:Eager", "--set", "agent.thinking_time=1", "--trace", "t.jsonl")


@pytest.mark.parametrize("place", PLACES)
def test_what_raises_or_leaves_is_named_with_its_line(place: str, here: Path) -> None:
    line = write(here, **{place: "raise ValueError('oh\\nno')"})
    said = refusal("run", "own:Door", *WORDS, cwd=here)
    assert f"{PLACES[place]} raised ValueError: oh no ({here / 'own.py'}:{line})" in said
    forget()
    write(here, **{place: "sys.exit('bye')"})
    assert f"{PLACES[place]} called sys.exit ({here / 'own.py'}:{line})" in refusal(
        "run", "own:Door", *WORDS, cwd=here
    )


@pytest.mark.parametrize("place", [place for place in PLACES if place != "CHANGES"])
def test_an_answer_of_the_wrong_type_is_named(place: str, here: Path) -> None:
    line = write(here, **{place: "return 7"})
    said = refusal("run", "own:Door", *WORDS, cwd=here)
    assert f"{PLACES[place]} gave 7: return " in said
    assert f"({here / 'own.py'}:{line - 1})" in said


WRONG = {
    "BEGIN": ("return Scene", "return a plandrift.Scene"),
    "CHANGES": ("yield 'soon', 'door', 1", "give its time as a number"),
    "REQUIRES": ("return {'dor': 1}", "did you mean 'door'?"),
    "EFFECTS": ("return {'place': []}", "cannot be hashed"),
    "PLAN": ("return ['walk']", "return a list of calls"),
    "NATURE": ("return 'odd'", "return one of rejected, harmful, void"),
    "OBSERVED": ("return Decision('dither')", "answer keep, replan, give-up"),
    "SCORE": ("return 1.0", "return two numbers"),
}


@pytest.mark.parametrize("place", WRONG)
def test_an_answer_of_the_wrong_kind_says_which_is_right(place: str, here: Path) -> None:
    code, says = WRONG[place]
    write(here, **{place: code})
    assert says in refusal("run", "own:Door", *WORDS, cwd=here)


@pytest.mark.parametrize("named", ["InWords", "(Door,)", "(3,)"])
def test_companions_that_are_none_are_said(named: str, here: Path) -> None:
    write(here, BEGIN=f"Corridor.companions = {named}")
    assert "`companions` is not a tuple of subclasses of Description" in refusal("run", "own:Door", cwd=here)


@pytest.mark.parametrize("place", ["PLAN", "OBSERVED", "CHANGES", "THINK"])
def test_what_never_returns_is_ended_and_named(place: str, here: Path) -> None:
    line = write(here, **{place: "while True: pass"})
    planner = ["--planner", "own:think"] if place == "THINK" else []
    began = time.monotonic()
    said = refusal("run", "own:Door", *WORDS, *planner, "--patience", 0.3, cwd=here)
    assert time.monotonic() - began < 10
    assert "an episode took longer than 0.3 s: " in said
    assert f"({here / 'own.py'}:{line})" in said
    assert "--patience" in said


def test_a_planner_of_ones_own_that_goes_wrong_is_named(here: Path) -> None:
    for code, says in (
        ("sys.exit(1)", "called sys.exit"),
        ("return [Call.of('walk', to=[1])]", "cannot be hashed"),
        ("1 / 0", "raised ZeroDivisionError"),
        ("return 7", "raised TypeError"),
    ):
        forget()
        write(here, THINK=code)
        said = refusal("run", "own:Door", "--planner", "own:think", cwd=here)
        assert says in said
        assert "own.py:" in said


def test_check_world_says_each_mistake_once(here: Path) -> None:
    write(here, EFFECTS="raise ValueError('oh no')")
    said = inside("check-world", "own:Door", cwd=here)
    assert said.code == 1
    assert said.out.count("oh no") == 1
    assert said.out.count("as above") >= 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import sys\nsys.exit(3)\n", "it called sys.exit"),
        ("\n1 / 0\n", "ZeroDivisionError: division by zero"),
        ("def Door(:\n", "SyntaxError"),
        ("def Door():\n    raise KeyError('x')\n", "is not a world"),
    ],
)
def test_a_module_that_does_not_load_is_one_line(text: str, says: str, here: Path) -> None:
    (here / "own.py").write_text(text)
    assert says in refusal("run", "own:Door", cwd=here)
    assert (
        "raised KeyError" in refusal("run", "records", "--policy", "own:Door", cwd=here)
        or "KeyError" not in text
    )


def test_the_whole_of_an_error_can_be_seen(here: Path) -> None:
    write(here, PLAN="raise ValueError('oh no')")
    done = plandrift("run", "own:Door", "--traceback", cwd=here, code=2)
    assert "Traceback" in done.stderr
    assert "ValueError: oh no" in done.stderr


@pytest.mark.long
def test_folders_called_like_plandrifts_own_do_no_harm(here: Path) -> None:
    for name in ("sim", "experiments", "worlds", "policies"):
        (here / name).mkdir()
        (here / name / "__init__.py").write_text("raise ImportError('the wrong one')\n")
    (here / "worlds" / "__init__.py").write_text("")
    (here / "worlds" / "mine.py").write_text("from own import Door\n")
    write(here)
    (here / "spec.toml").write_text('world = "own:Door"\npolicy = "own:Eager"\nseeds = 3\n')
    apart("sweep", "spec.toml", "--out", "out", cwd=here)
    assert (here / "out").is_dir()
    assert "plan-once on seed 0" in apart("run", "worlds.mine:Door", cwd=here).stdout
