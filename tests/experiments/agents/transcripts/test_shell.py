"""What is told of a shell command is true: each is run in a real shell, and the files are looked at."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from plandrift.experiments.agents.transcripts.shell_touches import ShellTouches, shell_touches
from plandrift.experiments.agents.transcripts.shell_words import pipelines
from tests.experiments.agents.transcripts.samples import Claude
from tests.experiments.agents.transcripts.test_importers import imported

FILES = {
    "a.py": "".join(f"line {n}\n" for n in range(1, 31)),
    "b c.py": "\nx > 1\n\n\ny\n\n",
    "sub/[id].ts": "const id = 1",
    "empty": "",
}
READS: dict[str, list[tuple[str, int | None, bool]]] = {
    "cat a.py": [("a.py", 1, True)],
    "cat 'b c.py'": [("b c.py", 1, True)],
    'cat "b c.py" 2>/dev/null': [("b c.py", 1, True)],
    "cat a.py 2>&1": [("a.py", 1, True)],
    "cat 'sub/[id].ts'": [("sub/[id].ts", 1, True)],
    "cat empty": [("empty", 1, True)],
    "cat -n a.py": [("a.py", 1, True)],
    "nl -ba a.py | sed -n '5,9p'": [("a.py", 5, False)],
    "sed -n '1,40p' a.py": [("a.py", 1, True)],
    "sed -n '1,30p' a.py": [("a.py", 1, False)],
    "sed -n 7p a.py": [("a.py", 7, False)],
    "sed -n '20,$p' a.py": [("a.py", 20, False)],
    "head a.py": [("a.py", 1, False)],
    "head -n 50 a.py": [("a.py", 1, True)],
    "head -20 a.py | tail -n +11": [("a.py", 11, False)],
    "tail -n +25 a.py": [("a.py", 25, False)],
    "tail -4 a.py": [("a.py", 0, False)],
    "tail -n 90 a.py": [("a.py", 1, True)],
    "cat a.py | head -3": [("a.py", 1, False)],
    "cd sub && cat '[id].ts'": [("sub/[id].ts", 1, True)],
    "cd sub\ncat ../a.py": [("a.py", 1, True)],
    "sed -n '1,3p' a.py && sed -n '9,10p' a.py": [("a.py", 1, False), ("a.py", 9, False)],
    "grep -n '>' 'b c.py'": [("b c.py", 2, False)],
    "grep -n 'line 1' a.py": [("a.py", 1, False), ("a.py", 10, False)],
    "grep -rn 'id' sub": [("sub/[id].ts", 1, False)],
    "mkdir -p new && cat a.py > /dev/null; cat a.py": [("a.py", 1, True)],
    # Read and without a text, since the output is not only theirs, or cannot be divided.
    "cat a.py && pwd": [("a.py", None, False)],
    "cat a.py empty": [("a.py", None, False), ("empty", None, False)],
    "sed -n '1,3p' a.py; echo --; sed -n '4,6p' a.py": [("a.py", None, False)] * 2,
    # No reads: the text is changed on the way, or the shell decides what is read.
    "sort a.py": [],
    "cat a.py | sort -r": [],
    "cat a.py | sed 's/line/row/'": [],
    "cat *.py": [],
    "cat $(ls a.py)": [],
    "cat a.py || cat empty": [],
    "for f in a.py; do cat $f; done": [],
    "(cat a.py)": [],
    "grep -c line a.py": [],
    "grep line a.py": [],
    "tail -n 9 a.py | head -2": [],
    "cat 'a'.py": [],
    "cat b\\ c.py": [],
    "cat <a.py": [],
    "cat - < a.py": [],
}
WRITES: dict[str, dict[str, str | None] | None] = {
    "echo x > a.py": {"a.py": None},
    "echo x >> 'b c.py'": {"b c.py": None},
    "cat > made.py <<'EOF'\nprint('$HOME > x')\n\nEOF": {"made.py": "print('$HOME > x')\n\n"},
    "cat <<'EOF' > made.py\nx\nEOF\ncat made.py": {"made.py": "x\n"},
    "cat > made.py <<EOF\n$HOME\nEOF": {"made.py": None},
    "sed -i 's/line 3/> x/' a.py": {"a.py": None},
    "sed -i -e 's/1/2/' -e 's/3/4/' a.py": {"a.py": None},
    "sed 's/1/2/' a.py | tee other": None,
    "cp a.py other": {"other": None},
    "mv a.py other": {"a.py": "gone", "other": None},
    "rm -f a.py": {"a.py": "gone"},
    "grep -n '>' a.py; echo '>' made": {},
    "head -2 a.py > top && cat top": {"top": None},
    "touch new.py": None,
    'python3 -c \'open("new", "w")\' > log': None,
    "git init -q .": None,
    "rm -r sub": None,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def ran(command: str, folder: Path, trimmed: bool = False) -> ShellTouches:
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True)
    ok = done.returncode == 0
    return shell_touches(command, str(folder), done.stdout + done.stderr, ok=ok, trimmed=trimmed)


@pytest.mark.parametrize("command", READS)
def test_what_is_read_is_what_is_there(command: str, folder: Path) -> None:
    made = ran(command, folder)
    found = []
    for touch in made.touches:
        assert touch.kind == "read"
        held = Path(touch.fluent).read_text()
        if touch.text is not None and touch.start:
            lines = held.split("\n")[touch.start - 1 :]
            assert "\n".join(lines).startswith(touch.text.rstrip("\n"))
        if touch.whole:
            assert touch.text is not None
            assert touch.text.rstrip("\n") == held.rstrip("\n")
        name = str(Path(touch.fluent).relative_to(folder))
        found.append((name, None if touch.text is None else touch.start, touch.whole))
    expected = READS[command]
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


@pytest.mark.parametrize("command", WRITES)
def test_what_is_written_is_named_or_said_to_be_unknown(command: str, folder: Path) -> None:
    def contents() -> dict[str, str]:
        return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*.*") if p.is_file()} | {
            p.name: p.read_text() for p in folder.iterdir() if p.is_file()
        }

    before, made, after = contents(), ran(command, folder), contents()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    written = {str(Path(t.fluent).relative_to(folder)): t for t in made.touches if t.kind == "write"}
    expected = WRITES[command]
    if expected is None:
        assert made.changing
        return
    assert not made.changing
    assert changed == set(written) == set(expected)
    for name, text in expected.items():
        assert (written[name].after if written[name].after_known else None) == (
            text if text != "gone" else None
        )
        assert written[name].after_known == (text is not None)
        if text is not None:
            assert after.get(name) == (None if text == "gone" else text)


def test_blank_lines_that_a_tool_cuts_off_make_no_whole(folder: Path) -> None:
    (folder / "a.py").write_text("x\n\n\ny\n")
    made = shell_touches("sed -n '1,3p' a.py", str(folder), "x", trimmed=True)
    assert not made.touches[0].whole
    assert shell_touches("cat a.py", str(folder), "x\n\n\ny", trimmed=True).touches[0].whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "'",
        '"',
        "cat 'a",
        "cat <<",
        "cat <<'E'\nx",
        "|",
        "&&",
        "> a",
        "a | | b",
        "cat a.py &",
        "x" * 10**6,
    ],
)
def test_no_command_is_a_crash(text: str) -> None:
    assert shell_touches(text, "/w", "x").touches == []
    assert shell_touches(None, "/w", None).changing


def test_long_quoted_texts_cost_little() -> None:
    assert pipelines("git commit -m '" + "x y\n" * 4_000 + "'") is None


def test_the_commands_of_claude_code_are_reads(tmp_path: Path) -> None:
    session = Claude()
    for at, (command, printed) in enumerate(
        (("cat a.py", "x = 1"), ("sed -n '1,9p' a.py", "x = 1"), ("ls", "a.py"), ("make", "done"))
    ):
        result = {"stdout": printed, "stderr": "", "interrupted": False}
        session.call("Bash", at, at + 0.5, {"command": command}, result)
    session.edits("a.py", 9, "x = 1\n", "x = 1", "x = 2")
    rows, summary = imported(session.save(tmp_path / "s.jsonl"), "claude-code")
    assert [(r.kind, r.command, r.whole) for r in rows[:4]] == [
        ("read", "", True),
        ("read", "", False),
        ("opaque", "", False),
        ("opaque", "command", False),
    ]
    assert rows[0].seen == rows[4].before
    assert dict(summary.shell) == {"read": 2}
