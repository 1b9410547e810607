"""An agent closes tickets on a server with versions, and a colleague interferes: in shadow, then guarded.

python examples/ticket_circle.py; plandrift guard report shadow/guard.toml on/guard.toml --since 60d
"""

import random
import time
from pathlib import Path

from plandrift.guard import Guard, Stale

SETTINGS = """policy = "if-match"
shadow = ["look-first", "version", "age:600"]
tools.get = {reads = "ticket/{input.id}", seen = "output.text", version = "output.version"}
tools.put = {writes = "ticket/{input.id}", after = "output.text", version = "input.if_match"}
"""


class Tickets:
    """A server that refuses a write which comes with an outdated version."""

    def __init__(self) -> None:
        self.held = [{"text": "open", "version": "w0"} for _ in range(240)]

    def get(self, id: int) -> dict[str, str]:
        return self.held[id]

    def look(self, ticket: str) -> tuple[str, str]:
        held = self.held[int(ticket.removeprefix("ticket/"))]
        return held["text"], held["version"]

    def put(self, id: int, text: str, if_match: str | None = None, late: bool = False) -> dict[str, str]:
        if late:
            self.put(id, "taken by Ann")  # between the guard's look and the landing
        if if_match not in (None, self.held[id]["version"]):
            raise ValueError("412: the ticket has changed")
        self.held[id] = {"text": text, "version": f"w{int(self.held[id]['version'][1:]) + 1}"}
        return self.held[id]


def work(name: str, mode: str) -> None:
    """Let an agent close six tickets a day for forty days, with a guard in this mode."""
    folder, server, clock, lost = Path(name), Tickets(), [time.time() - 50 * 86400.0], 0
    folder.mkdir(exist_ok=True)
    (folder / "guard.toml").write_text(f'mode = "{mode}"\n{SETTINGS}')
    slow = random.Random(1)

    def now() -> float:
        clock[0] += slow.expovariate(2.0)  # every call takes half a second or so
        return clock[0]

    guard = Guard.open(folder / "guard.toml", now)
    guard.look("ticket/", server.look)
    get, put = guard.tool(server.get), guard.tool(server.put)
    for id in range(240):
        dice = random.Random(id)
        with guard.session(f"day {id // 6}"):
            get(id)
            thinks = dice.expovariate(1 / 300.0)  # five minutes; Ann takes a ticket after half an hour
            clock[0] += thinks
            if dice.expovariate(1 / 1800.0) < thinks:
                server.put(id, "taken by Ann")
            late, unseen = dice.random() < 0.04, server.held[id]["text"] != "open"
            # Refused, it gives up, insists, or does something else.
            for text in dice.choice([["closed"], ["closed", "closed"], ["closed", "commented"]]):
                try:
                    put(id, text, late=late)
                    lost += unseen or late
                    break
                except (Stale, ValueError) as refused:
                    clock[0], unseen = clock[0] + 5.0, unseen and not isinstance(refused, Stale)
            clock[0] += 9000.0
    print(f"{name}: {lost} of 240 tickets closed over the colleague's change")


if __name__ == "__main__":
    work("shadow", "shadow")
    work("on", "block")
