"""The resident: one process per `guard.toml`, which hooks ask through a unix socket.

The first hook starts it. It ends when nobody has asked for a while. When it is killed, the next hook starts
another, which recalls each session from the log and its transcript. Changed settings apply from the next call
on.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plandrift.experiments.agents.guard.hook_client import note, socket_path

if TYPE_CHECKING:
    from plandrift.experiments.agents.guard.live_guard import LiveGuard
    from plandrift.experiments.agents.guard.payloads.host import HookAnswer

IDLE = 3600.0
"""After how many seconds without a call it exits."""
PATIENCE = 2.0
"""How long it waits for a client that has connected to say what it wants, in seconds."""


class _Ask(socketserver.StreamRequestHandler):
    timeout = PATIENCE
    server: _Server

    def handle(self) -> None:
        try:
            host, began, size = self.rfile.readline(4096).split()
            payload = self.rfile.read(int(size))
        except (OSError, ValueError):
            return
        if len(payload) < int(size):
            return
        answer = self.server.answered(host.decode(), float(began), payload, self._gone)
        if answer is None:
            return
        out, error = answer.out.encode("utf-8", "replace"), answer.error.encode("utf-8", "replace")
        try:
            self.wfile.write(b"%d %d %d\n" % (answer.code, len(out), len(error)) + out + error)
        except OSError:
            # The client was killed or has given up.
            return

    def _gone(self) -> bool:
        waiting = select.poll()
        waiting.register(self.connection, 0)
        return bool(waiting.poll(0))


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, path: str, config: Path) -> None:
        super().__init__(path, _Ask)
        self._config, self._changed = config, 0
        self._guard: LiveGuard | None = None
        self._turn, self._last = threading.Lock(), time.monotonic()

    def answered(
        self, host: str, began: float, payload: bytes, gone: Callable[[], bool]
    ) -> HookAnswer | None:
        """Answer a hook; one at a time. Without valid settings there is no answer: the guard has failed."""
        with self._turn:
            self._last = time.monotonic()
            self._settings()
            if self._guard is None:
                return None
            return hooked(self._guard, host, payload, time.time() - began, gone)

    def _settings(self) -> None:
        """Read the settings again if they have changed."""
        from plandrift.experiments.agents.guard.guard_settings import read_guard_settings
        from plandrift.experiments.agents.guard.live_guard import LiveGuard
        from plandrift.sim import PlandriftError

        changed = self._config.stat().st_mtime_ns if self._config.exists() else -1
        if changed == self._changed:
            return
        self._changed = changed
        try:
            settings = read_guard_settings(self._config)
            self._guard = LiveGuard(settings) if self._guard is None else self._guard.renewed(settings)
        except PlandriftError as error:
            self._guard = None
            note(str(self._config), "", str(error), before=False)

    def service_actions(self) -> None:
        """Exit if nobody has asked for a while."""
        if time.monotonic() - self._last > IDLE:
            os._exit(0)


def hooked(
    guard: LiveGuard,
    name: str,
    payload: bytes,
    waited: float = 0.0,
    gone: Callable[[], bool] = lambda: False,
) -> HookAnswer:
    """Return what a host's hook should answer.

    Args:
        guard: the guard.
        name: the host's name.
        payload: the JSON that it gave the hook.
        waited: how many seconds it has waited so far.
        gone: says whether it has given up waiting.
    """
    from plandrift.experiments.agents.guard.payloads.host import HookAnswer
    from plandrift.experiments.agents.guard.payloads.registry import HOSTS

    host = HOSTS.get(name)
    try:
        held: Any = json.loads(payload)
    except ValueError:
        held = None
    if host is None or not isinstance(held, dict):
        return HookAnswer()
    event = host.event(held, guard.settings.mapping)
    use = event.use
    if event.when == "before" and gone():
        # The call has failed open or closed already: it was not judged, and nothing was shown to the agent.
        return HookAnswer()
    if event.when == "before":
        ruling = guard.before(use, event.transcript, waited)
        return host.before(ruling)
    if event.when == "after":
        return host.after(guard.after(use, event.transcript), held)
    if event.when == "compacted":
        guard.compacted(use.session, use.agent, event.transcript)
    elif event.when == "ended":
        guard.ended(use.session)
    return host.no_objection()


def serve(config: Path) -> None:
    """Answer hooks until nobody asks any more; return at once if another resident does."""
    path = socket_path(str(config))
    lock = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    # The previous holder of the lock is gone.
    Path(path).unlink(missing_ok=True)
    with _Server(path, config) as server:
        # Loading takes a good part of a second, so it happens before the first call rather than during it.
        server.answered("", 0.0, b"", lambda: True)
        server.serve_forever(poll_interval=5.0)


def main(words: list[str]) -> None:
    """Serve in a process that a hook has started."""
    config, lock = Path(words[0]), int(words[1])
    os.chdir("/")
    try:
        serve(config)
    finally:
        os.close(lock)


if __name__ == "__main__":
    main(sys.argv[1:])
