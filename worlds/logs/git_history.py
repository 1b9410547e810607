"""The history of a git repository as a change log: one fluent per file, one change set per commit."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, NamedTuple

from plandrift.sim import PlandriftError
from plandrift.worlds.logs.branches import Brought, brought, commits_of, parsed
from plandrift.worlds.logs.change_log import COLUMNS
from plandrift.worlds.logs.git_repository import GitError, GitRepository
from plandrift.worlds.logs.safe_csv import safe_rows
from plandrift.worlds.logs.sql import one_file, quoted

Commits = Literal["first-parent", "all"]
Merges = Literal["authors", "merger"]
CROWD = 100
"""With at least this many change sets, a day is checked for being crowded (see `Summary.crowded`)."""
CROWDED = 20
"""A crowded day has this many times the change sets of an average active day."""
DAY = 86400
LAST = 253_402_300_799
"""The last second of the year 9999, in seconds since 1970: no later time can be written as a date."""
DELETED = "deleted"
BLOCK = 1 << 16
MISSING = ("unable to read", "missing blob", "promisor", "unable to find", "could not fetch", "bad object")
"""What git says if a blob is missing."""
_COMMIT, _FIELD = "\x01", "\x02"
_FORMATS = {".parquet": "format parquet", ".csv": "format csv, header", ".jsonl": "format json"}


class Summary(NamedTuple):
    """A summary of an imported history.

    Attributes:
        changes: the number of rows.
        files: the number of files, which are the fluents.
        commits: the number of change sets; commits that change no file are not counted.
        authors: the number of authors.
        begins: the time of the first change set, in seconds since 1970.
        ends: the time of the last change set.
        shallow: whether the repository lacks the beginning of its history.
        crowded: a day, in days since 1970, and its number of change sets, if there are so many that they
            probably come from a history that was merged in or rewritten; else None.
    """

    changes: int
    files: int
    commits: int
    authors: int
    begins: float
    ends: float
    shallow: bool
    crowded: tuple[int, int] | None = None


def import_git(
    repository: Path,
    out: Path,
    *,
    commits: Commits = "first-parent",
    renames: bool = True,
    authors: bool = False,
    merges: Merges = "authors",
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Write a repository's history as a change log, from `git log`.

    Nothing is checked out, and nothing runs that the repository or the user's git configuration names.

    Args:
        repository: any folder of the repository, or a bare repository.
        out: a path ending in .parquet, .csv or .jsonl.
        commits: which commits to read: the main line, with each merge as one change set, or all but merges.
        renames: whether a renamed file continues as the same fluent. The fluent is named after the file's
            first path, with `#2` and so on appended if another file had that path before.
        authors: write the authors' real names instead of pseudonyms.
        merges: who counts as the author of a merge's changes: each file's last author on the merged branch,
            or the person who merged. It matters for which plans are broken by *others*: if one person
            merges everything and counts as the author, nothing in that person's merges seems to.
        progress: called now and then with the number of commits read and the total.

    Raises:
        PlandriftError: there is no git, no repository or no commit, or `out` cannot be written.
    """
    check_out(out)
    git = GitRepository(repository)
    shallow = _text(git, "rev-parse", "--is-shallow-repository") == "true"
    line = ["--first-parent"] if commits == "first-parent" else ["--no-merges"]
    try:
        total = int(_text(git, "rev-list", "--count", *line, "HEAD"))
    except PlandriftError:
        raise PlandriftError(f"{repository}: the repository has no commits: nothing to import") from None
    try:
        with tempfile.TemporaryDirectory(prefix="plandrift-") as folder:
            rows = Path(folder) / "rows.csv"
            with rows.open("w", newline="", encoding="utf-8") as file:
                branches = (
                    _branches(git) if merges == "authors" and commits == "first-parent" else Brought({})
                )
                history = _History(file, authors, branches)
                with _log(git, line, renames) as tokens:
                    history.read(tokens, lambda done: progress(done, total) if progress else None)
            if not history.changes:
                raise PlandriftError(f"{repository}: none of its {total} commits changes a file")
            write_log(rows, out)
    except OSError as error:
        raise PlandriftError(f"--out {out}: {error.strerror}: give a path that can be written") from None
    return Summary(
        history.changes,
        history.files,
        history.sets,
        len(history.names),
        history.begins,
        history.ends,
        shallow,
        history.crowded,
    )


def check_out(out: Path) -> None:
    """Check the output path of a log before any work is done.

    Raises:
        PlandriftError: its suffix is unknown, or its folder does not exist.
    """
    if out.suffix not in _FORMATS:
        raise PlandriftError(f"--out {out}: end its name in {', '.join(_FORMATS)}")
    if not out.parent.is_dir():
        raise PlandriftError(f"--out {out}: there is no folder {out.parent}: make it first")


@dataclass
class _History:
    """The state kept while a history is read: the fluent at each path, and the pseudonyms of authors."""

    out: IO[str]
    authors: bool
    branches: Brought
    changes: int = 0
    files: int = 0
    sets: int = 0
    begins: float = float("inf")
    ends: float = float("-inf")
    names: dict[str, str] = field(default_factory=dict)
    _at: dict[str, str] = field(default_factory=dict)
    _used: dict[str, int] = field(default_factory=dict)
    _days: Counter[int] = field(default_factory=Counter)

    @property
    def crowded(self) -> tuple[int, int] | None:
        """The crowded day and its number of change sets, if there is one."""
        if not self._days:
            return None
        day, most = self._days.most_common(1)[0]
        usual = (self.sets - most) / max(1, len(self._days) - 1)
        return (day, most) if most >= CROWD and most > CROWDED * usual else None

    def read(self, tokens: Iterator[str], done: Callable[[int], None]) -> None:
        writer = csv.writer(self.out)
        writer.writerow(COLUMNS)
        commit, time, author, commits, empty = "", "", "", 0, True
        for token in tokens:
            token = token.lstrip("\n")
            if token.startswith(_COMMIT):
                commit, time, author = token[1:].split(_FIELD, 2)
                if int(time) > LAST:
                    raise PlandriftError(
                        f"commit {commit}: its time {time} is beyond the year 9999: rewrite it"
                    )
                commits, empty = commits + 1, True
                if commits % 256 == 0:
                    done(commits)
            elif token.startswith(":"):
                _, _, _, blob, status = token[1:].split(" ")
                path = next(tokens)
                after = next(tokens) if status[0] in "RC" else path
                fluent = self._fluent(path, after, status[0])
                who = self._who(self.branches.author(commit, after) or author)
                writer.writerow((time, fluent, DELETED if status == "D" else blob, commit, who))
                self.changes += 1
                if empty:
                    empty, self.sets = False, self.sets + 1
                    self._days[int(time) // DAY] += 1
                self.begins, self.ends = min(self.begins, float(time)), max(self.ends, float(time))
        done(commits)

    def _who(self, author: str) -> str:
        pseudonym = self.names.setdefault(author, f"author-{len(self.names) + 1}")
        return author.partition(" <")[0] if self.authors else pseudonym

    def _fluent(self, path: str, after: str, status: str) -> str:
        if status == "R" and path in self._at:
            self._at[after] = self._at.pop(path)
        elif after not in self._at:
            used = self._used[after] = self._used.get(after, 0) + 1
            self._at[after] = after if used == 1 else f"{after}#{used}"
            self.files += 1
        return self._at[after]


def _branches(git: GitRepository) -> Brought:
    """Return who wrote what the merges of the main line brought in."""
    parents = parsed(_text(git, "rev-list", "--parents", "HEAD").splitlines())
    main = _text(git, "rev-list", "--first-parent", "--reverse", "HEAD").splitlines()
    if len(main) == len(parents):
        return Brought({})
    with _log(git, ["--no-merges", "--topo-order"], renames=False) as tokens:
        return brought(parents, main, commits_of(tokens, _COMMIT, _FIELD))


@contextmanager
def _log(git: GitRepository, line: list[str], renames: bool) -> Iterator[Iterator[str]]:
    """Yield the pieces of `git log --raw -z`, as they arrive."""
    words = [
        "--reverse",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-color",
        *line,
        *(["--diff-merges=first-parent"] if "--first-parent" in line else []),
        "-M" if renames else "--no-renames",
        f"--format=tformat:{_COMMIT}%H{_FIELD}%ct{_FIELD}%aN <%aE>",
    ]
    try:
        with git.stream("log", *words) as printed:
            yield _pieces(printed)
    except GitError as error:
        raise _complaint(git.folder, str(error)) from None


def _pieces(stream: IO[bytes]) -> Iterator[str]:
    left = b""
    while block := stream.read(BLOCK):
        *whole, left = (left + block).split(b"\0")
        for piece in whole:
            # Names that differ only in bytes that are not valid text stay different.
            yield piece.decode("utf-8", errors="backslashreplace")


def _text(git: GitRepository, *words: str) -> str:
    try:
        return git.output(*words).decode().strip()
    except GitError as error:
        raise _complaint(git.folder, str(error)) from None


def _complaint(repository: Path, said: str) -> PlandriftError:
    if any(words in said for words in MISSING):
        return PlandriftError(
            f"{repository}: the snapshot lacks file contents that are needed to find renames ({said[:200]}): "
            "give --no-renames, which reads none, or a full clone"
        )
    return PlandriftError(f"{repository}: git says: {said[:200]}")


def write_log(rows: Path, out: Path, time: Literal["BIGINT", "DOUBLE"] = "BIGINT") -> None:
    """Convert a log's rows from CSV to the format of the output file, atomically.

    Args:
        rows: a CSV file with the columns of a change log.
        out: a path ending in .parquet, .csv or .jsonl.
        time: the SQL type of the times: whole seconds or fractions.

    Raises:
        PlandriftError: the file cannot be written.
    """
    import duckdb

    temporary = out.with_name(out.name + ".tmp")
    names = ", ".join(f"'{name}': '{time if name == 'time' else 'VARCHAR'}'" for name in COLUMNS)
    try:
        with duckdb.connect() as connection:
            found = (
                f"from read_csv({one_file(rows)}, header = true, auto_detect = false, delim = ',', "
                f"quote = '\"', escape = '\"', columns = {{{names}}})"
            )
            if out.suffix == ".csv":
                found = safe_rows(connection, found)
            connection.execute(f"copy ({found}) to {quoted(temporary)} ({_FORMATS[out.suffix]})")
        temporary.replace(out)
    except duckdb.Error as error:
        raise PlandriftError(f"--out {out}: {str(error).partition(chr(10))[0]}") from None
    finally:
        temporary.unlink(missing_ok=True)
