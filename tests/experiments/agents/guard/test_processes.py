"""Real processes: hooks as a host starts them, a resident, and a stranger who writes at the worst times."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from plandrift.experiments.agents.guard import hook_client
from plandrift.experiments.agents.guard.guard_report import guard_report
from plandrift.experiments.agents.guard.payloads.host import HookAnswer
from plandrift.experiments.agents.transcripts.guard_lines import Logged, logged
from tests.experiments.agents.guard.hosts import CLAUDE, Payload

pytestmark = pytest.mark.long

TEXT = "x = 1\ny = 2\n"
OTHER = "x = 9\ny = 2\n"


class Machine:
    """A project whose agent asks the hook as a process of its own, and the resident that serves it."""

    def __init__(self, folder: Path, runtime: Path) -> None:
        self.config, self.file = folder / "guard.toml", folder / "a.py"
        self.config.write_text('mode = "block"\n')
        self.file.write_text(TEXT)
        # The project's own modules are importable, as in a shell that is set up for it.
        (folder / "sitecustomize.py").write_text(f"open({str(folder / 'imported')!r}, 'w')")
        self.env = os.environ | {"XDG_RUNTIME_DIR": str(runtime), "PYTHONPATH": str(folder)}
        self.within: list[str] = []
        self.log = folder / ".plandrift" / "guard.jsonl"

    def hook(self, payload: Payload) -> HookAnswer:
        done = subprocess.run(
            [*self.within, sys.executable, "-IS", hook_client.__file__, CLAUDE.name, str(self.config)],
            input=json.dumps(payload).encode(),
            capture_output=True,
            env=self.env,
            timeout=30,
            check=False,
        )
        return HookAnswer(done.stdout.decode(), done.returncode, done.stderr.decode())

    @property
    def socket(self) -> str:
        held = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = self.env["XDG_RUNTIME_DIR"]
        try:
            return hook_client.socket_path(str(self.config))
        finally:
            if held is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = held

    def resident(self) -> int:
        return int(Path(f"{self.socket}.lock").read_text().split()[-1])

    def kill(self, how: int = signal.SIGKILL) -> None:
        os.kill(self.resident(), how)

    def reads(self) -> None:
        self.hook(CLAUDE.read(self.file, self.file.read_text()))

    def edits(self, call: int) -> bool:
        """Ask, and make the edit unless it is held back or fails by itself; say whether it was made."""
        if not CLAUDE.does(self.hook(CLAUDE.edit(self.file, call))).runs:
            return False
        return self.lands(call)

    def lands(self, call: int) -> bool:
        text = self.file.read_text()
        if "y = 2" not in text:
            return False
        self.file.write_text(text.replace("y = 2", "y = 3"))
        self.hook(CLAUDE.edited(self.file, call))
        return True

    def rows(self) -> list[Logged]:
        return [row for row in logged(self.log) if row.verdicts]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    # Sockets have short names only, and the folder of a test is long.
    runtime = Path(f"/tmp/pg{os.getpid()}")
    runtime.mkdir(mode=0o700, exist_ok=True)
    made = Machine(tmp_path, runtime)
    yield made
    with suppress(OSError, IndexError):
        made.kill()
    subprocess.run(["rm", "-r", runtime], check=False)


def test_a_stranger_who_writes_at_five_exact_moments(machine: Machine) -> None:
    file = machine.file
    # Between read and hook: held back, and handed back.
    machine.reads()
    file.write_text(OTHER)
    assert not machine.edits(1)
    assert machine.edits(2), "what was handed back is known"
    # Between hook and tool: nobody can see it but by what is there afterwards.
    file.write_text(TEXT)
    machine.reads()
    assert CLAUDE.does(machine.hook(CLAUDE.edit(file, 3))).runs
    file.write_text(OTHER)
    assert machine.lands(3)
    # Between tool and hook.
    file.write_text(TEXT)
    machine.reads()
    assert CLAUDE.does(machine.hook(CLAUDE.edit(file, 4))).runs
    file.write_text("x = 7\ny = 3\n")
    told = CLAUDE.after(machine.hook(CLAUDE.edited(file, 4)))
    assert "+x = 7" in told
    # Between two parallel calls.
    file.write_text(TEXT)
    machine.reads()
    assert CLAUDE.does(machine.hook(CLAUDE.edit(file, 5))).runs
    file.write_text("x = 8\ny = 2\n")
    assert CLAUDE.does(machine.hook(CLAUDE.edit(file, 6))).runs, "it may be the own call in flight"
    # While the resident is killed: what it knew is recalled from the log.
    file.write_text(TEXT)
    machine.reads()
    machine.kill()
    file.write_text(OTHER)
    assert not machine.edits(7)
    rows = machine.rows()
    assert [row.window for row in rows] == ["", "as meant", "text", "text", "", "", ""]
    assert [row.basis for row in rows] == ["known"] * 5 + ["lost", "known"]
    found = guard_report(machine.log)
    assert (found.window["text"], found.unknown["lost"], found.failed) == (2, 1, (0, 0, 0))
    assert {after.outcome: after.count for after in found.after}["repeated"] == 1


def test_a_guard_that_stalls_or_cannot_write_holds_nothing_up(machine: Machine) -> None:
    machine.reads()
    machine.kill(signal.SIGSTOP)
    began = time.monotonic()
    assert machine.edits(1), "fail = open"
    assert time.monotonic() - began < 8
    machine.config.write_text('mode = "block"\nfail = "closed"\n')
    refused = machine.hook(CLAUDE.edit(machine.file, 2))
    assert (refused.code, "fails closed" in refused.error) == (2, True)
    machine.kill(signal.SIGCONT)
    machine.reads()
    # Neither call waited for a verdict any more, so nothing was judged or shown; the edit was still made.
    (row,) = machine.rows()
    assert (row.basis, row.did, row.operation.ok) == ("no look", "let", True)
    notes = [json.loads(line) for line in Path(f"{machine.log}.failed").read_text().splitlines()]
    assert [note["closed"] for note in notes] == [False, False, True]
    assert guard_report(machine.log).failed == (1, 1, 1)
    machine.config.write_text('mode = "block"\nfail = "closed"\nfall = "open"\n')
    assert machine.hook(CLAUDE.edit(machine.file, 3)).code == 2, "settings that cannot be read are a failure"


@pytest.mark.parametrize("trouble", ["full disk", "read-only home"])
def test_a_log_that_cannot_be_written_is_no_reason_to_fail(machine: Machine, trouble: str) -> None:
    if trouble == "full disk":
        # The first kilobyte still fits.
        machine.within = ["bash", "-c", 'ulimit -f 1; exec "$@"', "bash"]
    else:
        # A file in the place of the folder, because root may write everywhere.
        machine.log.parent.write_text("")
    machine.reads()
    machine.file.write_text(OTHER)
    assert not machine.edits(1)
    assert machine.edits(2)
    assert not machine.log.exists() or machine.log.stat().st_size == 1024


def test_a_folder_with_a_name_longer_than_any_socket_and_64_sessions_at_once(machine: Machine) -> None:
    folder = machine.config.parent / ("long" * 40)
    folder.mkdir()
    machine.config.rename(folder / "guard.toml")
    machine.config = folder / "guard.toml"
    machine.log = folder / ".plandrift" / "guard.jsonl"

    def session(number: int) -> tuple[bool, bool]:
        mine = {"session_id": f"s{number}"}
        file = folder / f"{number}.py"
        file.write_text(TEXT)
        answers = []
        for payload in (CLAUDE.read(file, TEXT), CLAUDE.edit(file, 1), CLAUDE.edit(file, 2)):
            sent = json.dumps(payload | mine).encode()
            answer = hook_client.asked(path, CLAUDE.name, sent, time.time(), 10.0)
            assert answer is not None
            answers.append(CLAUDE.does(HookAnswer(answer[1].decode(), answer[0], answer[2].decode())).runs)
            file.write_text(OTHER)
        return answers[1], answers[2]

    machine.reads()
    path = machine.socket
    assert len(path.encode()) < 108 < len(str(folder))
    with ThreadPoolExecutor(64) as pool:
        found = list(pool.map(session, range(64)))
    # The file changed after each read; the second try knows what was handed back.
    assert found == [(False, True)] * 64
    assert len({row.operation.session for row in machine.rows()}) == 64


def test_only_one_resident_is_started_however_many_ask(machine: Machine) -> None:
    payload = CLAUDE.read(machine.file, TEXT)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(machine.hook, [payload] * 6))
    assert {answer.code for answer in answers} == {0}
    first = machine.resident()
    assert len(Path(f"{machine.socket}.lock").read_text().split()) == 1
    machine.config.write_text('mode = "shadow"\n')
    machine.file.write_text(OTHER)
    assert machine.edits(1), "changed settings hold from the next call on"
    assert machine.resident() == first
    assert not (machine.config.parent / "imported").exists(), "nothing of the project is imported"


def test_a_socket_of_somebody_else_is_not_asked(machine: Machine) -> None:
    folder = Path(machine.socket).parent
    folder.chmod(0o777)
    assert machine.hook(CLAUDE.edit(machine.file, 1)).code == 0
    (note,) = Path(f"{machine.log}.failed").read_text().splitlines()
    assert "not only this user's" in json.loads(note)["why"]
    folder.chmod(0o700)


def test_after_an_upgrade_another_resident_is_asked(tmp_path: Path) -> None:
    client = shutil.copy(hook_client.__file__, tmp_path / "client.py")
    code = f"import runpy; print(runpy.run_path({str(client)!r})['socket_path']('guard.toml'))"
    names = set()
    for when in (1.0, 2.0, 2.0):
        os.utime(client, (when, when))
        done = subprocess.run([sys.executable, "-IS", "-c", code], capture_output=True, check=True)
        names.add(done.stdout)
    assert len(names) == 2


def test_the_hook_imports_nothing_of_plandrift() -> None:
    code = "import sys; sys.argv = ['', 'x', 'y']; import runpy\n"
    code += f"runpy.run_path({hook_client.__file__!r}, run_name='hook')\n"
    code += (
        "print({'plandrift', 'numpy', 'json', 'socket', 'pathlib'} & {m.split('.')[0] for m in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-IS", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
