"""The hosts of agents that can be guarded by hooks: one module each in this folder, and one line here."""

from __future__ import annotations

from plandrift.experiments.agents.guard.payloads import (
    claude_code,
    codex,
    copilot,
    cursor,
    gemini,
    opencode,
    openhands,
)

HOSTS = {
    host.name: host
    for host in (
        claude_code.HOST,
        codex.HOST,
        gemini.HOST,
        cursor.HOST,
        copilot.HOST,
        opencode.HOST,
        openhands.HOST,
    )
}
"""The hosts by name."""
