"""The hook that an agent's host starts at each call: `python -IS hook_client.py HOST guard.toml`.

It imports nothing from plandrift and as little as possible from the standard library, because a process is
started for every call. It passes the host's JSON to the resident through a unix socket and prints the answer;
the first hook starts the resident. If the resident does not answer in time, the call fails open or closed, as
`guard.toml` says for the tool, and that is noted beside the log.
"""

from __future__ import annotations

import _socket
import os
import sys
import time
import zlib

LIMIT = 0.8
"""How long the hook waits for the resident's answer, in seconds."""
STARTING = 4.0
"""How long it waits if it has to start the resident first: less than the time-out in the host's entry."""
REFUSED = "The guard in front of this tool does not answer; guard.toml says that the call then fails closed."
LOG = ".plandrift/guard.jsonl"
"""Where the log is if `guard.toml` does not say so."""
MODULE = "plandrift.experiments.agents.guard.resident"


def folder() -> str:
    """Return the folder for sockets, which belongs to this user alone.

    Raises:
        OSError: there is no safe one.
    """
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    # The path of a socket has at most 107 bytes, 20 of which are its name.
    base = given if given.startswith("/") and len(given.encode()) < 70 and os.path.isdir(given) else "/tmp"
    made = f"{base}/plandrift-guard-{os.getuid()}"
    try:
        os.mkdir(made, 0o700)
    except FileExistsError:
        pass
    found = os.lstat(made)
    # Another user could have made it first, to answer in the resident's place.
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or found.st_mode & 0o170000 != 0o040000:
        raise PermissionError(f"{made} is not only this user's")
    return made


def socket_path(config: str) -> str:
    """Return the socket of the resident for a `guard.toml`."""
    # After an upgrade another resident is asked: the old one could not be understood.
    name = f"{os.path.realpath(config)}\0{os.stat(__file__).st_mtime_ns}".encode()
    return f"{folder()}/{zlib.crc32(name):08x}{zlib.adler32(name):08x}"


def asked(
    path: str, host: str, payload: bytes, began: float, limit: float
) -> tuple[int, bytes, bytes] | None:
    """Return the resident's exit code, output and error output; None if it gives none."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(limit)
        connection.connect(path)
        connection.sendall(b"%s %f %d\n" % (host.encode(), began, len(payload)) + payload)
        held = b""
        while part := connection.recv(1 << 16):
            held += part
    except OSError:
        return None
    finally:
        connection.close()
    head, _, rest = held.partition(b"\n")
    words = head.split()
    if len(words) != 3:
        return None
    code, out, error = map(int, words)
    return (code, rest[:out], rest[out : out + error]) if len(rest) == out + error else None


def start(path: str, config: str) -> None:
    """Start the resident, unless another hook is about to; it outlives this process."""
    import fcntl

    lock = os.open(f"{path}.start", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    # The lock is inherited, and held until the resident closes it: one is started, however many ask.
    os.set_inheritable(lock, True)
    if os.fork() == 0:
        try:
            os.setsid()
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            # -E, -P: modules of the project must not be imported in place of others.
            os.execv(sys.executable, [sys.executable, "-E", "-P", "-m", MODULE, config, str(lock)])
        finally:
            os._exit(1)


def failed(host: str, config: str, payload: bytes, why: str) -> int:
    """Let the call through or hold it back, as `guard.toml` says, and note that the guard failed."""
    import json

    try:
        held = json.loads(payload)
    except (ValueError, RecursionError):
        held = None
    # What cannot be read counts as a call, and fails as the file says for all tools.
    given = held if isinstance(held, dict) else {}
    tool = str(given.get("tool_name") or given.get("toolName") or given.get("tool") or "")
    name = str(given.get("hook_event_name") or given.get("event_type") or given.get("when") or "")
    before = name.lower().startswith(("pretool", "before")) or (not name and "toolResult" not in given)
    try:
        closed = note(config, tool, why, before)
    except Exception:
        # Whatever is wrong with the file or the disk, the host must get its answer.
        closed = False
    if closed:
        os.write(2, REFUSED.encode())
        return 2
    if host == "cursor":
        os.write(1, b'{"permission": "allow"}')
    return 0


def note(config: str, tool: str, why: str, before: bool) -> bool:
    """Note a failure beside the log; say whether the call that it came before is then held back."""
    import json
    import tomllib

    held, closed = {}, False
    try:
        with open(config, "rb") as file:
            held = tomllib.load(file)
        own = held.get("tools", {}).get(tool, {})
        said = own.get("fail", held.get("fail", "open"))
        closed = before and said == "closed" and held.get("mode") == "block"
    except (OSError, ValueError) as error:
        why = f"{why}; {error}"
    line = json.dumps({"at": time.time(), "tool": tool, "before": before, "closed": closed, "why": why})
    try:
        append(f"{log_place(config, held.get('log', LOG))}.failed", f"{line}\n".encode())
    except (OSError, TypeError):
        pass
    return closed


def log_place(config: str, log: str) -> str:
    """Return the path of the log, and make its folder.

    Raises:
        OSError: that is not possible, or the folder is not below that of `guard.toml`, which may come with a
            repository: neither it nor a link may choose files elsewhere to write to.
    """
    base = os.path.realpath(os.path.dirname(config))
    path = os.path.join(base, log)
    folder = os.path.dirname(path)
    if not f"{os.path.realpath(folder)}/".startswith(f"{base.rstrip('/')}/"):
        raise PermissionError(f"{log}: it is not below the folder of guard.toml")
    if not os.path.isdir(folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        # Names of files are private, and the log must not be committed to a repository.
        append(f"{folder}/.gitignore", b"*\n")
    return path


def append(path: str, held: bytes) -> None:
    """Append to a file that is no link.

    Raises:
        OSError: that is not possible, or not all of it was written.
    """
    # Opening a pipe would wait for a reader.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    file = os.open(path, flags, 0o600)
    try:
        # One write, so that lines from several processes do not get mixed up.
        if os.write(file, held) < len(held):
            raise OSError(f"{path}: the disk is full")
    finally:
        os.close(file)


def main(words: list[str]) -> int:
    """Ask the resident about the payload on standard input; return the exit code."""
    began = time.time()
    host, config = words
    config = os.path.abspath(config)
    # Somebody who tries it by hand must not have to wait for the end of input.
    payload = b"" if os.isatty(0) else sys.stdin.buffer.read()
    try:
        path = socket_path(config)
        answer = asked(path, host, payload, began, LIMIT)
        if answer is None and not alive(path):
            start(path, config)
            until = began + STARTING
            while answer is None and time.time() < until:
                time.sleep(0.02)
                answer = asked(path, host, payload, began, max(until - time.time(), 0.01))
    except OSError as error:
        return failed(host, config, payload, str(error))
    if answer is None:
        return failed(host, config, payload, "no answer")
    code, out, error_text = answer
    for stream, text in ((1, out), (2, error_text)):
        while text:
            text = text[os.write(stream, text) :]
    return code


def alive(path: str) -> bool:
    """Say whether anything listens at a socket, however slowly it answers."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(LIMIT)
        connection.connect(path)
    except OSError:
        return False
    finally:
        connection.close()
    return True


if __name__ == "__main__":
    code = main(sys.argv[1:])
    # Exiting here saves the milliseconds of an orderly exit.
    os._exit(code)
