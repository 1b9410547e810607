"""A git repository read as data: nothing that it, or its user, has configured is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from plandrift.sim import PlandriftError

LONGEST = 4096
"""The greatest size in bytes of a file that names a ref or a folder; git writes one short line."""
_SHARED = ("objects", "refs", "packed-refs", "shallow")
_EXTENSIONS = {"objectformat": ("sha1", "sha256"), "refstorage": ("files", "reftable")}
"""The settings of a repository's configuration that say how its files are read, and the values supported."""
_SAFE = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class GitError(PlandriftError):
    """Git could not do what it was asked; the message is git's own."""


class GitRepository:
    """A repository's objects and refs, read through a git folder of plandrift's own.

    Git runs programs that its configuration names: to check signatures, to fetch what a partial clone lacks,
    to filter, to page. No list of such keys is ever complete, so none is switched off one by one. Instead,
    git is given a bare repository in a temporary folder, with links to the objects and refs but without the
    repository's configuration, hooks and work tree; the configuration of user and system is not read either.
    So it does not matter who owns the repository, and `safe.directory` need not allow it.
    """

    def __init__(self, folder: Path) -> None:
        """Find the repository of a folder.

        Args:
            folder: any folder of the repository, a linked work tree, or a bare repository.

        Raises:
            PlandriftError: there is no git, or no repository.
        """
        self.folder = folder
        if not folder.is_dir():
            raise PlandriftError(f"{folder}: No such file or directory: give a folder of a git repository")
        own, shared = _found(folder)
        made = tempfile.mkdtemp(prefix="plandrift-git-")
        weakref.finalize(self, shutil.rmtree, made, ignore_errors=True)
        self._git = Path(made)
        for name in _SHARED:
            if (shared / name).exists():
                (self._git / name).symlink_to(shared / name)
        if (own / "reftable").exists():
            (self._git / "reftable").symlink_to(own / "reftable")
        # Git requires a file here, and accepts a link only to a ref.
        head = own / "HEAD"
        ref = f"ref: {head.readlink()}\n".encode() if head.is_symlink() else _beginning(head)
        (self._git / "HEAD").write_bytes(ref)
        extensions = "".join(f"\t{name} = {value}\n" for name, value in self._extensions(shared / "config"))
        (self._git / "config").write_text(
            f"[core]\n\trepositoryformatversion = {int(bool(extensions))}\n\tbare = true\n"
            + (f"[extensions]\n{extensions}" if extensions else "")
        )

    def output(self, *words: str, asked: bytes | None = None) -> bytes:
        """Return what a git command prints.

        Args:
            words: the command, such as `rev-parse HEAD`.
            asked: its standard input.

        Raises:
            GitError: the command failed.
        """
        try:
            done = subprocess.run(
                self._command(words), input=asked or b"", capture_output=True, env=self._environment()
            )
        except FileNotFoundError:
            raise _no_git() from None
        if done.returncode:
            raise _error(done.stderr)
        return done.stdout

    @contextmanager
    def stream(self, *words: str) -> Iterator[IO[bytes]]:
        """Yield what a git command prints, as it arrives.

        Raises:
            GitError: the command failed; raised once everything has been read.
        """
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    self._command(words),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    env=self._environment(),
                )
            except FileNotFoundError:
                raise _no_git() from None
            with process:
                assert process.stdout is not None
                yield process.stdout
            if process.returncode:
                said.seek(0)
                raise _error(said.read())

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return ["git", "--no-pager", f"--git-dir={self._git}", *words]

    def _environment(self) -> dict[str, str]:
        return {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | _SAFE

    def _extensions(self, config: Path) -> Iterator[tuple[str, str]]:
        if not config.is_file():
            return
        for name, known in _EXTENSIONS.items():
            try:
                asked = self.output("config", f"--file={config}", "--no-includes", f"extensions.{name}")
            except GitError:
                continue
            value = asked.decode(errors="replace").strip()
            if value not in known:
                raise PlandriftError(
                    f"{self.folder}: {config.name} says extensions.{name} = {value!r}: "
                    f"a repository of {' or '.join(known)} can be read"
                )
            yield name, value


def _found(folder: Path) -> tuple[Path, Path]:
    """A work tree's own git folder, and the one that it shares with the others."""
    here = folder.resolve()
    for place in (here, *here.parents):
        pointer = place / ".git"
        said = _beginning(pointer).decode(errors="surrogateescape") if pointer.is_file() else ""
        linked = place / said.removeprefix("gitdir:").strip() if said.startswith("gitdir:") else pointer
        for own in (linked, place):
            common = own / "commondir"
            shared = own / os.fsdecode(_beginning(common)).strip() if common.is_file() else own
            head = own / "HEAD"
            if (head.is_file() or head.is_symlink()) and (shared / "objects").is_dir():
                return own, shared.resolve()
    raise PlandriftError(f"{folder} is not a git repository: give a folder of one")


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LONGEST)


def _no_git() -> PlandriftError:
    return PlandriftError("git is not installed: a repository cannot be read without it")


def _error(said: bytes) -> GitError:
    return GitError(" ".join(said.decode(errors="replace").split()).removeprefix("fatal: ") or "git failed")
