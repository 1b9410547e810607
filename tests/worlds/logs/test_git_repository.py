"""A repository is data: whatever it, its user or the environment configures, nothing of it is run."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from plandrift.experiments.agents.transcripts.entire import checkpoints
from plandrift.worlds.logs.git_history import import_git
from plandrift.worlds.logs.git_repository import GitError, GitRepository
from tests.experiments.agents.transcripts.samples import entire_repository
from tests.worlds.logs.test_git_history import LONG, Repository, rows

ROOT = Path(__file__).parents[3]
VARIABLES = [
    *("GIT_PAGER", "PAGER", "GIT_EDITOR", "GIT_EXTERNAL_DIFF", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS"),
    *("SSH_ASKPASS", "GIT_PROXY_COMMAND"),
]
HOOKS = ["post-index-change", "fsmonitor-watchman", "pre-auto-gc", "post-checkout", "reference-transaction"]
GPGSIG = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n"


class Trap(Repository):
    """A repository with a signed HEAD, and a script that leaves a mark when it is run."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.mark = folder.with_name("mark")
        self.script = folder.with_name("x.sh")
        self.script.write_text(f"#!/bin/sh\necho ran >> '{self.mark}'\n")
        self.script.chmod(0o755)
        self.commit(0, "ana", a_py=LONG)
        (folder / ".gitattributes").write_text("* filter=x diff=x merge=x\n")
        self.git("mv", "a.py", "b.py")
        self.commit(1, "ana", b_py=LONG + "more\n")
        signed = self.git("cat-file", "commit", "HEAD").replace("\n\n", f"\n{GPGSIG}\n", 1)
        made = subprocess.run(
            ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
            cwd=folder,
            input=signed + "\n",
            text=True,
            capture_output=True,
            check=True,
        )
        self.git("update-ref", "HEAD", made.stdout.strip())

    def ran(self) -> bool:
        """Whether the script was run since this was last asked."""
        was = self.mark.exists()
        self.mark.unlink(missing_ok=True)
        return was


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path / "repo")


def every_key(script: Path) -> str:
    """A file of configuration in which each key that this git knows names the script."""
    lines = []
    for key in subprocess.run(["git", "help", "--config"], capture_output=True, text=True).stdout.split("\n"):
        match = re.fullmatch(r"(\w+)\.(?:(.+)\.)?([\w<>*-]+)", key.strip())
        # The form of a repository's files is no more than data; the test below this one tells it apart.
        if match is None or match[1] in ("extensions", "include", "includeIf"):
            continue
        section = match[1] + (f' "{re.sub("[<>*]", "", match[2]) or "x"}"' if match[2] else "")
        name = re.sub("[<>*]", "", match[3])
        lines += [f"[{section}]", f"\t{name} = {script}"]
        if match[2]:
            lines += [f'[{match[1]} "x"]', f"\t{name} = {script}"]
    assert len(lines) > 1000
    return "\n".join(lines) + "\n"


def test_no_key_of_git_s_runs_anything(trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_git(trap.folder, tmp_path / "clean.csv")
    everything = every_key(trap.script)
    (trap.folder / ".git" / "more").write_text(everything)
    with (trap.folder / ".git" / "config").open("a") as config:
        config.write(f"[include]\n\tpath = more\n{everything}")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(everything)
    hooks = trap.folder / ".git" / "hooks"
    for hook in HOOKS:
        shutil.copy(trap.script, hooks / hook)
    for name in VARIABLES:
        monkeypatch.setenv(name, str(trap.script))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "log.showSignature")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    import_git(trap.folder, tmp_path / "log.csv")
    assert not trap.ran()
    assert rows(tmp_path / "log.csv") == rows(tmp_path / "clean.csv")


def test_a_signature_is_not_checked(trap: Trap, tmp_path: Path) -> None:
    trap.git("config", "log.showSignature", "true")
    trap.git("config", "gpg.program", str(trap.script))
    subprocess.run(["git", "-C", trap.folder, "log", "--raw"], capture_output=True)
    assert trap.ran()
    import_git(trap.folder, tmp_path / "log.csv")
    assert not trap.ran()


def test_what_a_partial_clone_lacks_is_not_fetched(trap: Trap, tmp_path: Path) -> None:
    trap.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    words = ["clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{trap.folder}", str(clone)]
    trap.git(*words)
    trap.git("-C", str(clone), "config", "remote.origin.url", f"ext::{trap.script}")
    trap.git("-C", str(clone), "config", "protocol.allow", "always")
    subprocess.run(["git", "-C", clone, "log", "--raw", "-M"], capture_output=True)
    assert trap.ran()
    with pytest.raises(Exception, match="--no-renames"):
        import_git(clone, tmp_path / "log.csv")
    import_git(clone, tmp_path / "log.csv", renames=False)
    assert not trap.ran()


def test_checkpoints_are_read_as_data(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    folder = entire_repository(tmp_path / "kept")
    (folder / ".git" / "config").write_text(every_key(tmp_path / "x.sh"))
    assert sum(map(len, checkpoints(folder).files.values())) == 2


def test_forms_of_a_repository(trap: Trap, tmp_path: Path) -> None:
    """A folder in it, a linked work tree at another commit, a HEAD that is a link, SHA-256."""
    inner = trap.folder / "inner"
    inner.mkdir()
    head = trap.git("rev-parse", "HEAD")
    assert GitRepository(inner).output("rev-parse", "HEAD").decode().strip() == head
    before = trap.git("rev-parse", "HEAD~1")
    trap.git("worktree", "add", "-q", str(tmp_path / "tree"), before)
    assert GitRepository(tmp_path / "tree").output("rev-parse", "HEAD").decode().strip() == before
    (trap.folder / ".git" / "HEAD").unlink()
    (trap.folder / ".git" / "HEAD").symlink_to("refs/heads/main")
    assert GitRepository(trap.folder).output("rev-parse", "HEAD").decode().strip() == head
    trap.git("init", "-q", "--object-format=sha256", str(tmp_path / "long"))
    made = GitRepository(tmp_path / "long")
    assert len(made.output("hash-object", "-t", "tree", "--stdin").decode().strip()) == 64
    with pytest.raises(GitError, match="Needed a single revision"):
        made.output("rev-parse", "--verify", "HEAD")
    trap.git("-C", str(tmp_path / "long"), "config", "extensions.objectFormat", "x.sh")
    with pytest.raises(Exception, match=r"'x\.sh': a repository of sha1 or sha256"):
        GitRepository(tmp_path / "long")


def test_its_folder_goes_with_it(trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    made = GitRepository(trap.folder)
    assert list((tmp_path / "temporary").iterdir())
    del made
    assert not list((tmp_path / "temporary").iterdir())


def test_nothing_else_calls_git() -> None:
    """The one door is a file, and no other gives a list that begins with `git`."""
    calls = []
    for room in ("sim", "worlds", "policies", "experiments", "plandrift"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                first = node.elts[0] if isinstance(node, ast.List | ast.Tuple) and node.elts else None
                if isinstance(first, ast.Constant) and first.value == "git":
                    calls.append(str(path.relative_to(ROOT)))
    assert calls == ["worlds/logs/git_repository.py"]
