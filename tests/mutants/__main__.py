"""`python -m tests.mutants`: break engine and policies in small ways, and see a quick test fail for each.

Prints, file by file, how many of a sample of mutants were killed, then those that survived. Ends with 1 where
fewer than 90 in 100 were killed in a room, or where `equivalent.toml` names one that there is not.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

from tests.mutants.changes import Mutant, mutants
from tests.mutants.trials import ROOT, Trials, collect

ROOMS = ("sim/terms", "sim/interfaces", "sim/engine", "sim/measure", "policies")
LEAST = 0.9


def main() -> int:
    """Try a sample of the mutants of every room."""
    asked = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    asked.add_argument("rooms", nargs="*", default=ROOMS, help="folders or files to break")
    asked.add_argument(
        "--share", type=float, default=0.6, help="the share of the mutants of each file to try"
    )
    asked.add_argument("--minutes", type=float, default=40, help="after so many no more are begun")
    asked.add_argument("--seed", type=int, default=0, help="which they are")
    asked.add_argument("--workers", type=int, default=2, help="how many are tried at a time")
    given = asked.parse_args()
    begun = time.monotonic()
    every = [mutant for room in given.rooms for file in _files(room) for mutant in _mutants(file)]
    known, wrong = _equivalent(every)
    chosen = _sample([mutant for mutant in every if mutant not in known], given.share, given.seed)
    print(
        f"{len(chosen)} of {len(every)} mutants, {len(known)} of which are known to change nothing",
        flush=True,
    )
    killed, tried = Counter[str](), Counter[str]()

    def tell(mutant: Mutant, dead: bool) -> None:
        tried[mutant.file] += 1
        killed[mutant.file] += dead
        if not dead:
            print(mutant, flush=True)

    trials = Trials(chosen, given.rooms, given.workers, 60 * given.minutes, tell)
    code = collect(trials)
    if not trials.tried:
        return code or 1
    print()
    for file in sorted(tried):
        print(f"{killed[file]:5} of {tried[file]:<4} {file}")
    print()
    poor = False
    for room in given.rooms:
        all_of = sum(count for file, count in tried.items() if file.startswith(room))
        share = sum(count for file, count in killed.items() if file.startswith(room)) / (all_of or 1)
        poor |= bool(all_of) and share < LEAST
        print(f"{share:6.1%} of {all_of:<5} killed in {room}")
    print(f"{tried.total()} tried in {time.monotonic() - begun:.0f} s")
    for line in wrong:
        print(f"equivalent.toml: {line}", file=sys.stderr)
    return int(poor or bool(wrong))


def _files(room: str) -> list[str]:
    path = ROOT / room
    found = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [file.relative_to(ROOT).as_posix() for file in found]


def _mutants(file: str) -> list[Mutant]:
    return mutants(file, (ROOT / file).read_text())


def _equivalent(every: list[Mutant]) -> tuple[set[Mutant], list[str]]:
    """The mutants that are known to change nothing, and what is wrong with the list of them."""
    listed = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text())
    known, wrong = set[Mutant](), list[str]()
    files = {mutant.file for mutant in every}
    for one in listed.get("equivalent", []):
        same = [m for m in every if (m.file, m.where, m.change) == (one["file"], one["where"], one["change"])]
        known.update(same)
        if not same and (one["file"] in files or not (ROOT / one["file"]).exists()):
            wrong.append(f"there is no {one['change']!r} in {one['where']} of {one['file']}: take it out")
    return known, wrong


def _sample(every: list[Mutant], share: float, seed: int) -> list[Mutant]:
    """The same share of each file, in a random order, the same for one seed."""
    draw = random.Random(seed)
    by_file: dict[str, list[Mutant]] = {}
    for mutant in every:
        by_file.setdefault(mutant.file, []).append(mutant)
    chosen = [
        m for of in by_file.values() for m in draw.sample(of, min(len(of), round(share * len(of) + 0.5)))
    ]
    draw.shuffle(chosen)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
