"""One mutant after another against the tests that reach it, each in a process of its own."""

from __future__ import annotations

import builtins
import gc
import itertools
import os
import pickle
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NoReturn

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings

from tests.mutants.changes import NOTE, Mutant, broken, noted

ROOT = Path(__file__).parents[2]
OURS = ("plandrift", "sim", "worlds", "policies", "experiments", "tests")
TESTS = ("tests/sim", "tests/policies", "tests/test_docstrings.py")
"""The quick tests that have to notice; of the docstrings those of the rooms that are broken."""
MEMORY = 3 << 30
PATIENCE = 10.0
"""How many seconds of tests a mutant has to survive."""
KILLED, FAULTY = 1, 2

Begin = tuple[str, int]
"""A function: its file, and the line at which it begins."""
Tell = Callable[[Mutant, bool], None]


@dataclass
class Reach:
    """What each test reaches.

    Attributes:
        seconds: what each test costs, by its place among the tests.
        tests: the tests that call a function, by the function.
        files: those that call any function of a file.
    """

    seconds: list[float] = field(default_factory=list)
    tests: dict[Begin, set[int]] = field(default_factory=dict)
    files: dict[str, set[int]] = field(default_factory=dict)


class Trials:
    """A plugin of pytest: in place of running the tests once, it runs them for each mutant.

    A function that was not called while the tests were collected is exchanged in place, which costs nothing.
    Where one was, and outside of functions, everything is imported anew, with the broken file.

    Args:
        mutants: what to try, in order.
        rooms: the folders that they are of.
        workers: how many are tried at a time.
        seconds: when so long has passed no more are begun.
        tell: called with each mutant and whether it was killed.
    """

    def __init__(
        self, mutants: Sequence[Mutant], rooms: Sequence[str], workers: int, seconds: float, tell: Tell
    ) -> None:
        self._mutants, self._workers, self._tell = mutants, workers, tell
        self._until = time.monotonic() + seconds
        self._rooms = tuple(str(ROOT / room) for room in rooms)
        self._called: set[Begin] = set()
        self._functions: dict[str, list[FunctionType]] = {}
        self._kills: dict[str, Counter[int]] = {}
        self.tried = False
        builtins.__dict__[NOTE] = self._called.add
        files = {str(ROOT / mutant.file) for mutant in mutants}
        _instead(lambda path: noted(path, Path(path).read_text()) if path in files else None)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Of the docstrings, keep those of the rooms."""
        names = tuple(room.replace("/", ".") for room in self._rooms_by_name())
        items[:] = [
            item
            for item in items
            if "test_docstrings" not in item.nodeid or item.name.partition("[")[2].startswith(names)
        ]

    def _rooms_by_name(self) -> Iterator[str]:
        for room in self._rooms:
            name = Path(room).relative_to(ROOT).with_suffix("").as_posix()
            yield from (name, f"plandrift/{name}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every mutant."""
        at_import = frozenset(self._called)
        for function in gc.get_objects():
            if isinstance(function, FunctionType) and function.__code__.co_filename.startswith(self._rooms):
                self._functions.setdefault(function.__code__.co_filename, []).append(function)
        # What is here already is left where it is, shared with the children.
        gc.freeze()
        reach = _asked_of_a_child(lambda: self._reach(session.items))
        if isinstance(reach, str):
            raise pytest.UsageError(f"{reach} fails with nothing broken")
        running: dict[int, tuple[Mutant, int]] = {}
        for mutant in self._mutants:
            if time.monotonic() > self._until:
                break
            while len(running) >= self._workers:
                self._wait(running)
            self._start(mutant, session.items, reach, at_import, running)
        while running:
            self._wait(running)
        self.tried = True
        return True

    def _reach(self, items: Sequence[pytest.Item]) -> Reach | str:
        """Run each test once, noting what it calls; or the name of one that fails."""
        reach = Reach()
        for place, item in enumerate(items):
            self._called.clear()
            begun = time.process_time()
            if _fails(item):
                return item.nodeid
            reach.seconds.append(time.process_time() - begun)
            for begin in self._called:
                reach.tests.setdefault(begin, set()).add(place)
                reach.files.setdefault(begin[0], set()).add(place)
        return reach

    def _start(
        self,
        mutant: Mutant,
        items: Sequence[pytest.Item],
        reach: Reach,
        at_import: frozenset[Begin],
        running: dict[int, tuple[Mutant, int]],
    ) -> None:
        path = str(ROOT / mutant.file)
        afresh = mutant.outer is None or (path, mutant.outer) in at_import
        of_file = reach.files.get(path, set())
        known: Collection[int] = reach.tests.get((path, mutant.inner or 0), set())
        if afresh:
            known = range(len(items))
        kills = self._kills.setdefault(mutant.file, Counter())
        # First what has killed much here for little; what calls nothing of the file is no likely killer.
        price = [seconds if p in of_file else 10 * seconds for p, seconds in enumerate(reach.seconds)]
        order = sorted(known, key=lambda p: price[p] / (kills[p] + 0.1))
        spent = itertools.accumulate(reach.seconds[place] for place in order)
        tried = [
            (items[place], 5 + 10 * reach.seconds[place], place)
            for place, so_far in zip(order, spent, strict=True)
            if so_far <= PATIENCE
        ]
        read, write = os.pipe()
        child = os.fork()
        if child:
            os.close(write)
            running[child] = mutant, read
            return
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            code = broken(path, Path(path).read_text(), mutant.number)
            if afresh or not _exchange(self._functions[path], code):
                _try_afresh(path, code, tried, write)
            _try(tried, write)
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(FAULTY)

    def _wait(self, running: dict[int, tuple[Mutant, int]]) -> None:
        child, status = os.wait()
        mutant, read = running.pop(child)
        with os.fdopen(read, "rb") as told:
            tried = told.read().split()
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == FAULTY:
            raise pytest.UsageError(f"{mutant} could not be tried")
        killed = status != 0
        if killed and tried:
            self._kills[mutant.file][int(tried[-1])] += 1
        self._tell(mutant, killed)


def _try(tried: Sequence[tuple[pytest.Item, float, int]], write: int) -> NoReturn:
    for item, limit, place in tried:
        os.write(write, b"%d " % place)
        # Time on the processor, so that it does not matter what else the machine does.
        signal.setitimer(signal.ITIMER_PROF, limit)
        if _fails(item):
            os._exit(KILLED)
    os._exit(0)


def _try_afresh(
    path: str, code: CodeType, tried: Sequence[tuple[pytest.Item, float, int]], write: int
) -> NoReturn:
    """Import everything anew with the broken file in place, collect the tests and run those."""
    limits = {item.nodeid: (limit, place) for item, limit, place in tried}
    _instead(lambda loaded: code if loaded == path else None)
    for name in list(sys.modules):
        if name.partition(".")[0] in OURS and not name.startswith("tests.mutants"):
            del sys.modules[name]

    class Ordered:
        def pytest_runtestloop(self, session: pytest.Session) -> bool:
            if session.testsfailed:
                os._exit(KILLED)
            found = [(item, *limits[item.nodeid]) for item in session.items if item.nodeid in limits]
            _try(sorted(found, key=lambda one: list(limits).index(one[0].nodeid)), write)

    signal.setitimer(signal.ITIMER_PROF, 60)
    collect(Ordered())
    os._exit(KILLED)


def _instead(code_of: Callable[[str], CodeType | None]) -> None:
    """Let files be imported as other code than is in them, where there is some."""
    kept = SourceFileLoader.get_code

    def get_code(loader: Any, name: str) -> CodeType | None:
        return code_of(loader.path) or kept(loader, name)

    setattr(SourceFileLoader, kept.__name__, get_code)


def _exchange(functions: Sequence[FunctionType], code: CodeType) -> bool:
    """Give functions their code in the broken file; False where one does not fit what it closes over."""
    made: dict[tuple[str, int], CodeType] = {}
    todo = [code]
    while todo:
        one = todo.pop()
        made[one.co_qualname, one.co_firstlineno] = one
        todo += [const for const in one.co_consts if isinstance(const, CodeType)]
    for function in functions:
        now = made.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
        if now is not None:
            if now.co_freevars != function.__code__.co_freevars:
                return False
            function.__code__ = now
    return True


def _fails(item: pytest.Item) -> bool:
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def _asked_of_a_child(ask: Callable[[], Any]) -> Any:
    """What it answers, in a process of its own, so that nothing is remembered of it here."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        with os.fdopen(write, "wb") as told:
            pickle.dump(ask(), told)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        answer = pickle.load(told)
    os.waitpid(child, 0)
    return answer


def collect(plugin: object) -> int:
    """Let pytest collect the tests and hand them to a plugin."""
    settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")
    quiet = (
        "-qq",
        "--capture=no",
        "--no-header",
        "--no-summary",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
    )
    return int(pytest.main([*quiet, "-p", "no:cacheprovider", "-p", "no:xdist", *TESTS], plugins=[plugin]))
