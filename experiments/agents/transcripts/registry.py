"""The formats that can be read: one file each in this folder, and one line here."""

from __future__ import annotations

from plandrift.experiments.agents.transcripts import (
    aider,
    claude_code,
    codex,
    copilot,
    gemini,
    mini_swe_agent,
    opencode,
    openhands,
    otel,
    swe_agent,
)
from plandrift.experiments.agents.transcripts.format import HEAD, Head
from plandrift.experiments.agents.transcripts.lines import Source

FORMATS = {
    form.name: form
    for form in (
        claude_code.FORMAT,
        codex.FORMAT,
        copilot.FORMAT,
        gemini.FORMAT,
        swe_agent.FORMAT,
        mini_swe_agent.FORMAT,
        opencode.FORMAT,
        openhands.FORMAT,
        aider.FORMAT,
        otel.FORMAT,
    )
}
"""The formats by name. A file has the first format that fits."""


def format_of(source: Source) -> str | None:
    """Return the name of the first format that fits a file; None if none does."""
    with source.opens() as file:
        head = Head(source.name, file.read(HEAD))
    return next((name for name, form in FORMATS.items() if form.fits(head)), None)
