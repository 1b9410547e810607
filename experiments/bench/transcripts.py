"""Reading transcripts: megabytes per second, and peak memory, in a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from plandrift.experiments.agents.audit.audit import audit
from plandrift.experiments.agents.transcripts.importing import import_path
from plandrift.experiments.bench.timing import line, seconds

SIZE = 60
"""Megabytes of transcripts that are generated and read."""


def reading(size: int = SIZE) -> None:
    """Generate sessions of this many megabytes, import and audit them, and print one row each."""
    with tempfile.TemporaryDirectory(prefix="plandrift-bench-") as folder:
        written = _sessions(Path(folder), size)
        print(f"transcripts, {written / 1e6:.0f} MB of session files")
        done = subprocess.run(
            [sys.executable, "-m", "plandrift.experiments.bench.transcripts", folder],
            capture_output=True,
            text=True,
            check=True,
        )
        imported, audited, peak = (float(word) for word in done.stdout.split())
        line("import claude-code, MB per second", f"{written / 1e6 / imported:.1f}")
        line("audit, seconds", f"{audited:.2f}")
        line("both, peak memory in MB", f"{peak:.0f}")


def _sessions(folder: Path, size: int) -> int:
    """Write sessions that read and edit files of a hundred lines, and return the bytes written."""
    written = number = 0
    while written < size * 1e6:
        number += 1
        path = folder / f"{number:04}.jsonl"
        path.write_text("".join(json.dumps(event) + "\n" for event in _events(f"session-{number}")))
        written += path.stat().st_size
    return written


def _events(session: str) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []

    def event(kind: str, at: float, part: dict[str, object], result: object = None) -> None:
        made.append(
            {
                "type": kind,
                "uuid": f"{session}-{len(made)}",
                "sessionId": session,
                "cwd": "/work",
                "timestamp": 1_767_225_600 + at,
                "message": {"role": kind, "content": [part]},
                "toolUseResult": result,
            }
        )

    for number in range(200):
        path, at = f"/work/file-{number % 40}.py", 30.0 * number
        text = f"value = {number // 40}\n" + "x = 'a line as long as lines of code are'\n" * 100
        lines = text.count("\n") + 1
        read, edit = f"{session}-r{number}", f"{session}-e{number}"
        event("assistant", at, {"type": "tool_use", "id": read, "name": "Read", "input": {"file_path": path}})
        shown = {"filePath": path, "content": text, "startLine": 1, "numLines": lines, "totalLines": lines}
        answer: dict[str, object] = {"type": "tool_result", "tool_use_id": read, "content": text}
        event("user", at + 0.1, answer, {"type": "text", "file": shown})
        old, new = f"value = {number // 40}", f"value = {number // 40 + 1}"
        given: dict[str, object] = {"file_path": path, "old_string": old, "new_string": new}
        event("assistant", at + 9, {"type": "tool_use", "id": edit, "name": "Edit", "input": given})
        result = {"filePath": path, "oldString": old, "newString": new, "originalFile": text}
        event("user", at + 9.2, {"type": "tool_result", "tool_use_id": edit, "content": "done"}, result)
    return made


if __name__ == "__main__":
    place = Path(sys.argv[1])
    out = place / "ops.parquet"
    first = seconds(lambda: import_path(place, "claude-code", out))
    second = seconds(lambda: audit(out, ["hash", "region"]))
    print(first, second, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
