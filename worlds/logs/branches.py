"""Who wrote the changes that a merge brought in: each file's author on the branch, from the commit graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple


class Commit(NamedTuple):
    """The relevant part of one commit.

    Attributes:
        name: its hash.
        author: its author.
        paths: the paths that it changes.
    """

    name: str
    author: str
    paths: tuple[str, ...]


class Brought(NamedTuple):
    """The authors behind each merge.

    Attributes:
        authors: for each merge of the main line, the last author of each path on the merged branch.
    """

    authors: Mapping[str, Mapping[str, str]]

    def author(self, merge: str, path: str) -> str | None:
        """Return a path's last author on the branch; None if the merge itself changed it or is not one."""
        return self.authors.get(merge, {}).get(path)


def brought(
    parents: Mapping[str, tuple[str, ...]], line: Iterable[str], commits: Iterable[Commit]
) -> Brought:
    """Assign each commit off the main line to the merge that brought it in, and its paths to its author.

    Args:
        parents: the parents of each commit, the first parent first.
        line: the commits of the main line, the oldest first.
        commits: all commits, parents before children.

    >>> parents = {"m": ("b", "s"), "s": ("a",), "b": ("a",), "a": ()}
    >>> brought(parents, ["a", "b", "m"], [Commit("s", "chen", ("x",))]).author("m", "x")
    'chen'
    """
    main = list(line)
    merge_of: dict[str, str] = {}
    known = set(main)
    for name in main:
        agenda = list(parents[name][1:])
        while agenda:
            one = agenda.pop()
            if one in known or one not in parents:
                continue
            known.add(one)
            merge_of[one] = name
            agenda += parents[one]
    authors: dict[str, dict[str, str]] = {}
    for commit in commits:
        merge = merge_of.get(commit.name)
        if merge is not None:
            mine = authors.setdefault(merge, {})
            mine.update(dict.fromkeys(commit.paths, commit.author))
    return Brought(authors)


def parsed(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the parents of each commit, parsed from the lines of `git rev-list --parents`."""
    return {name: tuple(rest) for name, *rest in (line.split() for line in lines if line)}


def commits_of(tokens: Iterator[str], mark: str, between: str) -> Iterator[Commit]:
    """Yield the commits in the output of `git log --raw -z` without renames."""
    name, author, paths = "", "", list[str]()
    for token in tokens:
        token = token.lstrip("\n")
        if token.startswith(mark):
            if name:
                yield Commit(name, author, tuple(paths))
            name, _, author = token[1:].split(between, 2)
            paths = []
        elif token.startswith(":"):
            paths.append(next(tokens))
    if name:
        yield Commit(name, author, tuple(paths))
