"""`plandrift workshop`: the lessons in the browser, or a folder for a USB stick."""

from __future__ import annotations

import gc
import os
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.cli.options import names
from plandrift.experiments.cli.progress import Display
from plandrift.experiments.workshop import LESSONS, SESSIONS
from plandrift.sim import SettingError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


DEFAULT_HOST = "127.0.0.1"
"""The address that only this machine can reach."""


def workshop(
    port: Annotated[int, typer.Option(help="port for the lessons", min=1, max=65535)] = 2718,
    lesson: Annotated[
        int | None, typer.Option(help="open this lesson, 1 to 7", min=1, max=len(LESSONS))
    ] = None,
    host: Annotated[
        str, typer.Option(help="address to listen on; 0.0.0.0 opens the lessons to the room")
    ] = DEFAULT_HOST,
    export: Annotated[
        Path | None, typer.Option(help="write a copy for a USB stick into this folder, and exit")
    ] = None,
    browser: Annotated[bool, typer.Option(help="open a browser")] = True,
    workers: Annotated[int, typer.Option(help="processes that run the episodes", min=1, max=512)] = 2,
    operations: Annotated[
        Path | None,
        typer.Option(
            help="output of `plandrift agent import`: adds a page about your own agent to the lessons"
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(help="with --export: episodes behind each curve of the page", min=2, max=1_000_000)
    ] = 200,
) -> None:
    """Teach: seven lessons in the browser, no network needed.

    Open the lessons, or write a copy for a USB stick.

    Example:
      plandrift workshop --export stick --seeds 20
    """
    # Imported here, because the figures take longer to load than most commands take to run.
    from plandrift.experiments.workshop.bundle import write_bundle
    from plandrift.experiments.workshop.server import free, serve

    if operations is not None and (export is not None or host not in LOOPBACK):
        beside = "--export" if export is not None else f"--host {host}"
        raise SettingError(
            name="--operations",
            problem=f"= {operations} beside {beside}: an agent's transcripts must stay on this machine",
            fix="leave one of them out",
        )
    if export is not None:
        if host != DEFAULT_HOST:
            raise SettingError(
                name="--host",
                problem=f"= {host!r} together with --export, which does not serve anything",
                fix="leave one of them out",
            )
        with Display("workshop") as display:
            written = write_bundle(
                export, seeds, workers, display, lambda line: print(f"workshop: {line}", file=sys.stderr)
            )
        for path, what in written:
            print(f"{path}  ({what})")
        return
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/" + (f"{lesson}/" if lesson else "")

    def ready() -> None:
        print(f"lessons: {address}  (Ctrl-C stops the server)", flush=True)
        if browser:
            webbrowser.open(address)

    free(host, port)
    if host not in LOOPBACK:
        print(
            f"--host {host}: everyone who can reach port {port} of this machine can open the lessons "
            f"and keep its processors busy, up to {SESSIONS} sessions at a time. There is no password; the "
            "lessons have no editor, so nobody can run code of their own."
        )
    own = None if operations is None else _own_page(operations)
    with suppress(KeyboardInterrupt):
        serve(host, port, workers, ready, own)
    # A lesson still open in some browser has a thread that would keep this process alive forever.
    gc.collect()  # releases what the processes shared
    sys.stdout.flush()
    os._exit(0)


def _own_page(operations: Path) -> str:
    """Return a page that shows how stale the learner's own agent was."""
    from plandrift.experiments.agents.audit.audit import audit
    from plandrift.experiments.agents.audit.guards import DEFAULT
    from plandrift.experiments.agents.audit.page import audit_page

    return audit_page(audit(operations, names(DEFAULT)), f"How stale was your agent? {operations.name}")
