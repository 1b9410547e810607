"""The transcripts that a repository keeps on the branch `entire/checkpoints/v1`, read from its objects."""

from __future__ import annotations

import io
import json
import os
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from plandrift.experiments.agents.transcripts.lines import Source
from plandrift.sim import PlandriftError

BRANCH = "entire/checkpoints/v1"
AGENTS = {"claude": "claude-code", "agent": "claude-code", "codex": "codex", "opencode": "opencode"}
"""The format, by the first word of the agent's name in a checkpoint."""


@dataclass(frozen=True)
class Checkpoints:
    """What the branch holds.

    Attributes:
        files: the transcripts by format.
        missing: blobs that the branch names but the repository lacks.
        others: number of transcripts in unreadable formats, by agent.
    """

    files: dict[str, list[Source]]
    missing: int
    others: Counter[str]


def checkpoints(repository: Path) -> Checkpoints:
    """Return the transcripts of a repository.

    Raises:
        PlandriftError: git, the repository or the branch does not exist.
    """
    git = ["git", "-C", str(repository)]
    branch = _branch(git, repository)
    listed = _run([*git, "ls-tree", "-r", "-z", branch]).decode("utf-8", "replace")
    blobs = {entry.partition("\t")[2]: entry.split()[2] for entry in listed.split("\0") if " blob " in entry}
    sizes = _sizes(git, sorted(set(blobs.values())))
    files: dict[str, list[Source]] = {}
    missing, others = 0, Counter[str]()
    for path in sorted(blobs):
        if not path.endswith("/full.jsonl"):
            continue
        size = sizes.get(blobs[path])
        if size is None:
            missing += 1
            continue
        metadata = blobs.get(path.removesuffix("full.jsonl") + "metadata.json")
        agent = _agent(git, metadata) if metadata in sizes else "claude code"
        form = AGENTS.get(agent.lower().replace("-", " ").partition(" ")[0])
        if form is None:
            others[agent] += 1
            continue
        files.setdefault(form, []).append(Source(path, size, _opener(git, blobs[path])))
    return Checkpoints(files, missing, others)


def _branch(git: list[str], repository: Path) -> str:
    for name in (f"refs/heads/{BRANCH}", f"refs/remotes/origin/{BRANCH}"):
        try:
            if (
                subprocess.run([*git, "rev-parse", "-q", "--verify", name], capture_output=True).returncode
                == 0
            ):
                return name
        except FileNotFoundError:
            raise PlandriftError("git is not installed: the branch cannot be read without it") from None
    raise PlandriftError(
        f"{repository}: it has no branch {BRANCH}: give a repository that holds Entire checkpoints"
    )


def _opener(git: list[str], blob: str) -> Any:
    def opens() -> IO[bytes]:
        return io.BytesIO(_run([*git, "cat-file", "blob", blob]))

    return opens


def _sizes(git: list[str], blobs: list[str]) -> dict[str, int]:
    """Return the sizes of those blobs that exist."""
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    listing = _run([*git, "cat-file", "--batch-check"], asked).decode()
    rows = [line.split() for line in listing.splitlines()]
    return {row[0]: int(row[2]) for row in rows if len(row) == 3 and row[1] == "blob"}


def _agent(git: list[str], blob: str | None) -> str:
    try:
        held = json.loads(_run([*git, "cat-file", "blob", str(blob)]))
        return str(held.get("agent") or "claude code")
    except (ValueError, AttributeError):
        return "claude code"


def _run(command: list[str], asked: bytes | None = None) -> bytes:
    # A blob that a partial clone lacks must not be fetched behind the user's back.
    env = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "PATH": os.environ.get("PATH", "")}
    done = subprocess.run(command, input=asked, capture_output=True, env=env)
    if done.returncode:
        raise PlandriftError(" ".join(done.stderr.decode("utf-8", "replace").split()) or "git failed")
    return done.stdout
