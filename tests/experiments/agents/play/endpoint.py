"""A local endpoint that speaks chat completions, with a script in the place of a model."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Endpoint(ThreadingHTTPServer):
    """Answers each request by the next calls of a script.

    Attributes:
        asked: the bodies of the requests.
    """

    def __init__(self, script: list[list[tuple[str, str]]]) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.script, self.asked = script, list[dict[str, Any]]()


class Answers(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        turn = len(self.server.asked)
        self.server.asked.append(body)
        calls = self.server.script[turn] if turn < len(self.server.script) else []
        made = [
            {"id": f"call-{turn}-{i}", "type": "function", "function": {"name": name, "arguments": given}}
            for i, (name, given) in enumerate(calls)
        ]
        message = {"role": "assistant", "content": None if made else "I am through.", "tool_calls": made}
        answer = {"choices": [{"message": message}], "usage": {"completion_tokens": 100}}
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def endpoint(script: list[list[tuple[str, str]]]) -> Iterator[Endpoint]:
    server = Endpoint(script)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
