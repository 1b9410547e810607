"""The transcripts that a repository keeps on the branch `entire/checkpoints/v1`, read from its objects."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from plandrift.experiments.agents.transcripts.lines import Source
from plandrift.sim import PlandriftError
from plandrift.worlds.logs.git_repository import GitError, GitRepository

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
    git = GitRepository(repository)
    branch = _branch(git)
    listed = git.output("ls-tree", "-r", "-z", branch).decode("utf-8", "replace")
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


def _branch(git: GitRepository) -> str:
    for name in (f"refs/heads/{BRANCH}", f"refs/remotes/origin/{BRANCH}"):
        try:
            git.output("rev-parse", "-q", "--verify", name)
        except GitError:
            continue
        return name
    raise PlandriftError(
        f"{git.folder}: it has no branch {BRANCH}: give a repository that Entire keeps checkpoints in"
    )


def _opener(git: GitRepository, blob: str) -> Any:
    def opens() -> IO[bytes]:
        return io.BytesIO(git.output("cat-file", "blob", blob))

    return opens


def _sizes(git: GitRepository, blobs: list[str]) -> dict[str, int]:
    """The sizes of those blobs that are there."""
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    listing = git.output("cat-file", "--batch-check", asked=asked).decode()
    rows = [line.split() for line in listing.splitlines()]
    return {row[0]: int(row[2]) for row in rows if len(row) == 3 and row[1] == "blob"}


def _agent(git: GitRepository, blob: str | None) -> str:
    try:
        held = json.loads(git.output("cat-file", "blob", str(blob)))
        return str(held.get("agent") or "claude code")
    except (ValueError, AttributeError):
        return "claude code"
