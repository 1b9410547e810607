"""Who wrote what a merge brought: the authors of the branch, file by file, from the graph of commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple


class Commit(NamedTuple):
    """One commit, as far as it matters here.

    Attributes:
        name: its hash.
        author: who wrote it.
        paths: what it changes.
    """

    name: str
    author: str
    paths: tuple[str, ...]


class Brought(NamedTuple):
    """What the commits of a branch say of a merge.

    Attributes:
        authors: for each merge of the main line, the last author of each path on what it brought.
    """

    authors: Mapping[str, Mapping[str, str]]

    def author(self, merge: str, path: str) -> str | None:
        """The last who wrote a path on the branch; None for what the merge itself changed, or no merge."""
        return self.authors.get(merge, {}).get(path)


def brought(
    parents: Mapping[str, tuple[str, ...]], line: Iterable[str], commits: Iterable[Commit]
) -> Brought:
    """Lay each commit off the main line to the merge that brought it, and its paths to its author.

    Args:
        parents: of each commit, the first one first.
        line: the main line, the oldest first.
        commits: in an order in which parents come before children.

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
    """The parents of each commit, from the lines of `git rev-list --parents`."""
    return {name: tuple(rest) for name, *rest in (line.split() for line in lines if line)}


def commits_of(tokens: Iterator[str], mark: str, between: str) -> Iterator[Commit]:
    """The commits of `git log --raw -z` without renames, one after the other."""
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
