"""A script that sweeps at its top level: its processes would each import it, and sweep in their turn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SWEEP = """from plandrift.experiments.sweeps.run import sweep

def main():
    spec = {"world": "telegraph", "seeds": 2, "grid": {"policy": ["gated", "warn"]}}
    print(sweep(spec, "out").ran)

"""
GUARDED = f'{SWEEP}if __name__ == "__main__":\n    main()\n'
BARE = f"{SWEEP}main()\n"


@pytest.mark.parametrize(
    ("text", "piped", "told"),
    [
        (BARE, False, 'mine.py:7: sweep() is called outside `if __name__ == "__main__":`'),
        (BARE, True, "<stdin>:7: sweep() is called outside"),
        (GUARDED, False, ""),
    ],
)
def test_a_script_without_a_guard_is_told_so_and_runs(
    text: str, piped: bool, told: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(text)
    words = [sys.executable, *([] if piped else ["mine.py"])]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, input=text if piped else "")
    assert (done.returncode, done.stdout) == (0, "4\n"), done.stderr
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == bool(told)
