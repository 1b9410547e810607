"""The lessons as a room of people uses them: run as a script, in a machine whose only network is itself.

The arguments are a folder for screenshots and the lessons to open. What is wrong ends it with a traceback.
"""

from __future__ import annotations

import fcntl
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import LAPTOP, PHONE, chromium
from tests.command import COMMAND

UP, FLAGS = 0x1, 0x8914
MEASURED = "[...document.querySelectorAll('.measured')].map(e => e.innerHTML).join()"
QUIET = "!document.body.innerText.includes('episodes per point …')"
OWN = {"region"}
"""What marimo's own page around the lessons lacks: landmarks."""


def raise_loopback() -> None:
    """A new network namespace has a loopback interface that is down (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, FLAGS, struct.pack("16sh", b"lo", UP))


def alone() -> bool:
    """Whether there is no network but the loopback."""
    names = [name for _, name in socket.if_nameindex()]
    return names == ["lo"]


@contextmanager
def served(*words: str) -> Iterator[str]:
    """The lessons' address, while they are served."""
    with socket.create_server(("127.0.0.1", 0)) as any_socket:
        port = any_socket.getsockname()[1]
    command = [COMMAND, "workshop", "--no-browser", "--port", str(port), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            said = server.stdout.readline()
            assert said == f"lessons: http://127.0.0.1:{port}/  (Ctrl-C stops the server)\n", said
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(20) == 0


def answer(page: Page, address: str, lesson: int) -> None:
    """Open a lesson and lock in every guess; before that nothing is shown."""
    # The first visit waits for the notebook's own page, on a machine that has other tests to run.
    page.goto(f"{address}/{lesson}/", timeout=180_000)
    lock = page.get_by_role("button", name="lock in my guess")
    lock.first.wait_for(timeout=180_000)
    assert page.locator(".measured[data-latency], figure.measured").count() == 0
    assert page.get_by_text("The answer opens when your guess is locked in.").count() == 1
    for _ in range({1: 2, 2: 2, 7: 2}.get(lesson, 1)):
        if lesson in (1, 6):
            page.get_by_role("radio").nth(1).check()
        # The second question of lesson 7 comes when the crews of the first have run.
        lock.first.click(timeout=180_000)
        page.get_by_text("Your guess is locked in.").first.wait_for()
        page.wait_for_timeout(300)
    page.locator(".measured[data-latency], figure.measured").first.wait_for(timeout=180_000)


def change(page: Page, lesson: int) -> float:
    """Move a control; the seconds until the page shows other numbers."""
    before = page.evaluate(MEASURED)
    began = time.monotonic()
    if lesson == 4:
        page.get_by_role("combobox").last.select_option(index=0)
    elif lesson == 6:
        page.get_by_role("textbox", name="cost of a call that goes wrong").fill("10")
        page.keyboard.press("Tab")
    else:
        page.get_by_role("slider").last.focus()
        page.keyboard.press("ArrowRight")
    # Crews run anew, which takes longer than any other lesson's change.
    page.wait_for_function(f"before => {MEASURED} !== before && {QUIET}", arg=before, timeout=180_000)
    return time.monotonic() - began


def visit_lesson(browser: Browser, address: str, lesson: int, folder: Path) -> float:
    """One lesson from the question to the changed number, at a laptop's and a phone's width."""
    page = browser.new_page(viewport={"width": LAPTOP[0], "height": LAPTOP[1]})
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    answer(page, address, lesson)
    took = change(page, lesson)
    nameless = (
        "[...document.querySelectorAll('[role=slider]')].filter(e => !e.getAttribute('aria-labelledby'))"
    )
    assert page.evaluate(f"{nameless}.length") == 0
    violations: list[str] = []
    for _ in range(10):
        violations = [v["id"] for v in Axe().run(page).response["violations"] if v["id"] not in OWN]
        if not violations:
            break
        # What is being worked out anew is faded, and its buttons have no names, for as long as that takes.
        page.wait_for_timeout(3000)
    assert violations == [], f"lesson {lesson}: {violations}"
    page.screenshot(path=folder / f"lesson-{lesson}-laptop.png", full_page=True)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.wait_for_timeout(300)
    page.screenshot(path=folder / f"lesson-{lesson}-phone.png", full_page=True)
    away = [url for url in requests if not url.startswith((address, "data:", "blob:"))]
    assert away == [], away
    page.close()
    return took


def main() -> None:
    """Visit the lessons."""
    if alone():
        raise_loopback()
    folder, lessons = Path(sys.argv[1]), [int(word) for word in sys.argv[2:]]
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for lesson in lessons:
            took = visit_lesson(browser, address, lesson, folder)
            print(f"lesson {lesson}: a change took {took:.2f} s, alone: {alone()}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
