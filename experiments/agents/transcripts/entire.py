"""The transcripts that a repository keeps on the branch `entire/checkpoints/v1`, read from its objects."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from plandrift.experiments.agents.transcripts.lines import Source
from plandrift.experiments.agents.transcripts.registry import format_of
from plandrift.sim import PlandriftError
from plandrift.worlds.logs.git_repository import GitError, GitRepository

BRANCH = "entire/checkpoints/v1"


@dataclass(frozen=True)
class Checkpoints:
    """What the branch holds.

    Attributes:
        files: the transcripts by format.
        missing: blobs that the branch names but the repository lacks.
        others: number of transcripts that no format fits, by the agent that the checkpoint names.
    """

    files: dict[str, list[Source]]
    missing: int
    others: Counter[str]

    def skipped(self) -> dict[str, int]:
        """Return how many transcripts cannot be read, by reason."""
        made = {
            f"transcripts of {name} in a format that cannot be read": n for name, n in self.others.items()
        }
        if self.missing:
            made["transcripts whose blob is missing from the repository"] = self.missing
        return made


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
        source = Source(path, size, _opener(git, blobs[path]))
        # Judged by its contents: the agent named by the checkpoint did not always write these lines.
        form = format_of(source)
        if form is None:
            metadata = blobs.get(path.removesuffix("full.jsonl") + "metadata.json")
            others[_agent(git, metadata) if metadata in sizes else "an unknown agent"] += 1
        else:
            files.setdefault(form, []).append(source)
    return Checkpoints(files, missing, others)


def _branch(git: GitRepository) -> str:
    for name in (f"refs/heads/{BRANCH}", f"refs/remotes/origin/{BRANCH}"):
        try:
            git.output("rev-parse", "-q", "--verify", name)
        except GitError:
            continue
        return name
    raise PlandriftError(
        f"{git.folder}: it has no branch {BRANCH}: give a repository with Entire's checkpoints"
    )


def _opener(git: GitRepository, blob: str) -> Any:
    def opens() -> IO[bytes]:
        return io.BytesIO(git.output("cat-file", "blob", blob))

    return opens


def _sizes(git: GitRepository, blobs: list[str]) -> dict[str, int]:
    """Return the sizes of the blobs that exist."""
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    listing = git.output("cat-file", "--batch-check", asked=asked).decode()
    rows = [line.split() for line in listing.splitlines()]
    return {row[0]: int(row[2]) for row in rows if len(row) == 3 and row[1] == "blob"}


def _agent(git: GitRepository, blob: str | None) -> str:
    try:
        held = json.loads(git.output("cat-file", "blob", str(blob)))
        return str(held.get("agent") or "an unknown agent")
    except (ValueError, AttributeError):
        return "an unknown agent"
