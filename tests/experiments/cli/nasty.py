"""What a hostile or a hurried user gives on the command line: values, files and whole command lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from plandrift.experiments.cli.main import command_line
from plandrift.experiments.sweeps.run import sweep
from tests.experiments.sweeps.test_spec_sizes import HOSTILE

NASTY = [
    "",
    " ",
    "-",
    "--",
    "-1",
    "0",
    "1",
    "2",
    "3",
    "0.5",
    "1e-320",
    "1e308",
    "1e999",
    "nan",
    "inf",
    "-inf",
    "9" * 400,
    "9" * 5000,
    "0x10",
    "1_000",
    "١",
    "true",
    "none",
    "None",
    "[]",
    "{}",
    "{[]}",
    "()",
    "(" * 300,
    "[/b]",
    "[bold]x",
    "%s%n",
    "{0}",
    "\x1b[2J",
    "a\nb",
    "a\tb",
    "\udcff",
    "☃",
    "x" * 300,
    "x" * 5000,
    "'",
    '"',
    ";",
    "=",
    "a=",
    "=b",
    "a=b",
    ",",
    ",,",
    "a,b",
    "*",
    "?",
    "[",
    "\\",
    "~",
    "$HOME",
    ".",
    "..",
    "/",
    "/dev/null",
    "/dev/full",
    "/proc/self",
    ":",
    "a:",
    ":b",
    "a:b",
    "os:system",
    "json:dumps",
    "builtins:object",
    "mine:Door",
    "mine:Eager",
    "mine:plan",
    "mine:Nothing",
    "leaves:X",
    "sim:World",
    "worlds:Records",
    "policies:gated",
    "é" * 50,
]
"""Values that no option was made for, and some that one was."""

SETTINGS = """
volatility=1e12
volatility=20
horizon=1e9
seed=1
seed=999999999999999999999999999999
world.records=1000000000
world.steps=100000000
world.fluents=5
world.requires=3
world.values=1
channel.latency=lognormal(1,1e200)
channel.latency=uniform(2,1)
channel.latency=gamma(1,1e-9)
channel.latency=exponential(1)
channel.loss=2
channel.sampling=poll
channel.poll_every=1e-300
channel.scope=
agent.minds=2
agent.thinking_time=1e308
agent.thinking=concurrent
agent.slip=1
agent.step_duration=0
agent.lost_ack=0.5
agent.ack_timeout=0
policy.repair=true
policy.trigger=touched
policy.every=0
policy.max_replans=-1
world.log=log.csv
world.log=latin.csv
world.log=far.csv
world.log=loop.csv
world.log=wide.csv
world.domain=latin.pddl
world.domain=dir
world.overlay=bad-1.toml
world.overlay=latin.toml
world.size=99
world.graph=binary
world.graph=loop
world.planner=nobody
world.skip_bad_rows=maybe
world.number=-1
handoff.fidelity=0
""".splitlines()
"""What `--set` may be given."""

WORDS: dict[str, list[str]] = {
    "world": [
        "records",
        "telegraph",
        "tickets",
        "files",
        "routes",
        "tileworld",
        "mine:Door",
        "recorded",
        "recrds",
    ],
    "policy": [
        "gated",
        "plan-once",
        "gated({[]})",
        "periodic(0)",
        "bounded(gated)",
        "bounded(bounded(gated), 1)",
        "gated(" * 200,
        "periodic(9e999)",
        "mine:Eager",
        "periodic(" + "9" * 400 + ")",
        "gated(trigger=1)",
    ],
    "folder": ["out", "out[1]", "cut", "empty", "dir", "spec.toml", "loop", "gone/deep"],
    "spec": [
        "spec.toml",
        "random.toml",
        "latin.toml",
        "binary",
        "dir",
        "loop",
        *(f"bad-{i}.toml" for i in range(len(HOSTILE))),
    ],
    "query": [
        "select * from episodes",
        "select count(*) from steps",
        "select 1; select 2",
        "selct",
        "from nowhere",
        "select channel.latency from episodes",
        "copy episodes to 'x.csv'",
        "attach 'x.db'",
        "select now()",
        "select '[/b]'",
        "select * from read_csv('/etc/passwd')",
        "select unnest([1, 2])",
        "values (null)",
        "select * from range(3)",
        "install httpfs",
        "with recursive a as (select 1) select * from a",
    ],
    "by": ["policy", "volatility", "policy,volatility", "policy,policy", "seed"],
    "metric": ["misfires", "misfire_rate", "plan_staleness,success", "misfire", "regret"],
    "between": [
        "policy=gated,plan-once",
        "policy=gated",
        "volatility=0.05,0.2",
        "policy=gated,gated",
        "x=1,2",
    ],
    "statistic": ["mean", "median", "quantile", "bootstrap", "mode"],
    "form": ["text", "csv", "json", "markdown", "xml"],
    "kind": ["lines", "step", "staleness-volatility", "map", "nothing"],
    "sets": SETTINGS,
    "volatility": ["0.05", "20", "1e5", "1e300"],
    "latency": ["1", "exponential(1)", "lognormal(1, 1e200)", "gamma(2, 4)", "uniform(1)"],
    "horizon": ["30", "1e-9", "1e300"],
    "seeds": ["2", "3", "99999999999"],
    "samples": ["4", "3", "1048576"],
    "patience": ["1", "1e400", "0"],
    "log": ["log.csv", "latin.csv", "far.csv", "wide.csv", "loop.csv", "empty", "gone.csv", "binary"],
    "name": ["Library", "class", "1x", "records", "os", "a.b", "latency"],
    "repository": [".", "gone", "spec.toml", "loop"],
    "against": ["gated", "mine:Eager", "nobody"],
    "planner": ["mine:plan", "mine:Nothing", "os:getcwd"],
    "only": ["nothing such", "gate with a fresh read"],
    "error": ["0.5", "1", "0", "2"],
    "out": [
        "new",
        "new.html",
        "new.svg",
        "new.png",
        "new.csv",
        "out",
        "spec.toml",
        "gone/x.html",
        "x" * 300 + ".html",
    ],
    "to": ["rows.csv", "rows.parquet", "gone/rows.csv", "dir.csv"],
    "trace": ["t.jsonl", "dir", "/dev/full"],
    "figure": ["f.png", "f.svg", "f.gif", "dir.png"],
}
"""What an option of this name may be given beside the nasty."""

OUT: dict[str, list[str]] = {
    "report": ["new.html"],
    "replay": ["new.html"],
    "data graph": ["new.svg"],
    "plot": ["new.png", "new.svg"],
    "sweep": ["new", "out"],
    "data sensitivity": ["new-too"],
}
"""What `--out` of a command is meant to be given."""

RIGHT = {
    "world": 7,
    "policy": 2,
    "folder": 2,
    "spec": 2,
    "query": 2,
    "by": 3,
    "metric": 3,
    "between": 1,
    "statistic": 4,
    "form": 4,
    "kind": 3,
    "volatility": 2,
    "latency": 2,
    "horizon": 1,
    "seeds": 2,
    "samples": 1,
    "patience": 1,
    "log": 1,
    "name": 1,
    "against": 2,
    "to": 2,
    "trace": 1,
    "figure": 2,
}
"""So many of the words of an option are right."""

NEEDED: dict[str, list[list[str]]] = {
    "sweep": [[], [], ["--engine", "fast"], ["--engine", ""], ["--engine", "simpy"]],
    "demo": [["--seeds", "0"], ["--seeds", "x"], ["--workers", "0"]],
    "explore": [["--out", "new.txt"], ["--seeds", "1"]],
    "reproduce": [["--out", "spec.toml"], ["nothing-such"], ["--workers", "0"]],
    "workshop": [
        ["--host", ""],
        ["--host", "256.1.1.1"],
        ["--port", "0"],
        ["--lesson", "9"],
        ["--host", "é" * 99],
        ["--operations", "spec.toml"],
    ],
    "agent serve": [["--guard", "nobody"]],
    "agent play": [["--guard", "nobody"]],
    "agent advise": [
        ["--indifference", "0"],
        ["--format", "xml"],
        ["--changes", "often"],
        ["--report", "new.txt"],
        ["--changes", "8 to 3 per hour"],
        ["--cost-misfire", "nan"],
    ],
    "agent faults": [["--seeds", "0"], ["--count", "x"], ["--out", "gone/deep"], ["--out", "spec.toml"]],
    "data validate": [
        ["--only", "nothing such"],
        ["--error", "0"],
    ],
}
"""What goes on for minutes, or for ever, is asked only for what it must refuse, or for little."""

MINE = """\
from dataclasses import dataclass
from plandrift.sim import Call, Decision, Policy, Scene, World

@dataclass(frozen=True)
class Door(World):
    def begin(self, random, horizon):
        return Corridor()

class Corridor(Scene):
    first, goals = {"[/b]": "open", "place": 0}, {"place": 1}
    def changes(self):
        yield 0.5, "[/b]", "\\x1b[31m"
    def requires(self, call):
        return {"[/b]": "open"}
    def effects(self, call):
        return {"place": 1}
    def plan(self, belief):
        return [Call.of("[/i]")] if belief["place"] == 0 else []

class Eager(Policy):
    def observed(self, view, observation):
        return Decision("replan")

def plan(belief, goals):
    return 7
"""


def furnish(folder: Path) -> None:
    """Put into a folder what the words above name."""
    spec = 'world = "telegraph"\nseeds = 2\nhorizon = 20\n'
    spec += '[grid]\npolicy = ["gated", "plan-once"]\nvolatility = [0.05, 0.2]\n'
    (folder / "spec.toml").write_text(spec)
    ranges = "volatility = {low = 0.01, high = 0.2}\n'channel.latency' = {low = 0, high = 2}\n"
    (folder / "random.toml").write_text(
        f'world = "telegraph"\npolicy = "gated"\nseeds = 2\nhorizon = 20\n[random]\npoints = 4\n{ranges}'
    )
    raw: Any = {
        "world": "telegraph",
        "seeds": 2,
        "horizon": 20,
        "grid": {"policy": ["gated", "plan-once"], "volatility": [0.05, 0.2], "channel.latency": [0, 1]},
    }
    for name in ("out", "out[1]", "cut"):
        sweep(raw, folder / name, steps=True, workers=1)
    manifest = folder / "cut" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:999])
    for i, text in enumerate(HOSTILE):
        (folder / f"bad-{i}.toml").write_text(text)
    (folder / "mine.py").write_text(MINE)
    (folder / "leaves.py").write_text("import sys\nsys.exit(3)\n")
    for name in ("latin.toml", "latin.csv", "latin.pddl"):
        (folder / name).write_bytes(b"time,fluent,value\n1,\xe9t\xe9,1\n2,b,2\n")
    (folder / "log.csv").write_text(
        "time,fluent,value,set,who\n0,[/b],1,a,x\n9,b,2,b,y\n20,[/b],3,c,x\n30,b,4,d,y\n"
    )
    (folder / "far.csv").write_text("time,fluent,value\n1e308,a,1\n-1e308,b,2\n3,c,3\n")
    (folder / "wide.csv").write_text(f"time,fluent,value\n1,a,{'x' * 200_000}\n2,,{'y' * 200_000}\n3,c,3\n")
    (folder / "binary").write_bytes(bytes(range(256)) * 20)
    (folder / "empty").write_text("")
    (folder / "dir").mkdir()
    (folder / "dir.csv").mkdir()
    (folder / "dir.png").mkdir()
    for name in ("loop", "loop.csv"):
        (folder / name).symlink_to(name)


def _commands() -> dict[str, Any]:
    found: dict[str, Any] = {}
    group: Any = command_line()
    for name in group.list_commands(None):
        command = group.commands[name]
        parts = getattr(command, "commands", None)
        found |= {f"{name} {part}": held for part, held in parts.items()} if parts else {name: command}
    return found


ALL = _commands()
"""Every command, those of a command with commands of its own as two words."""


HEAVY = ("report", "check")
"""They take seconds, and are tried an eighth as often."""

LIGHT = sorted(set(ALL) - set(HEAVY) - set(NEEDED))


def numbers(param: Any) -> list[str]:
    """What an option for a number is meant to be given."""
    kind = param.type_descriptor.annotation
    return [str(max(1, int(param.min or 0)) + more) for more in (0, 1)] if kind in (int, float) else []


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A command with some of its arguments and options: all as they should be, or nearly, or hardly any."""
    name = draw(st.sampled_from(LIGHT * 8 + [*HEAVY, *NEEDED]))
    nasty = draw(st.sampled_from([0, 0, 0, 1, 5]))
    words: list[str] = []
    for param in ALL[name].params:
        needed = param.param_type_name == "argument" or param.required
        if param.name == "help" or draw(st.integers(0, 9)) >= (10 - nasty // 5 if needed else 3):
            continue
        good = WORDS.get(param.name, numbers(param))
        if nasty < 5:
            # The first of them are as they should be.
            good = OUT.get(name, good) if param.name == "out" else good[: RIGHT.get(param.name, len(good))]
        value = draw(st.sampled_from(NASTY if not good or draw(st.integers(0, 9)) < nasty else good))
        if param.param_type_name == "argument":
            words.append(value)
        elif getattr(param, "is_flag", False):
            words.append(draw(st.sampled_from([*param.opts, *param.secondary_opts])))
        elif good or nasty:
            words += [param.opts[0], value]
    return [*name.split(), *words, *(draw(st.sampled_from(NEEDED[name])) if name in NEEDED else [])]
