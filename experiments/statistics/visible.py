"""Text from data, made safe for a terminal: control characters are escaped."""

from __future__ import annotations

import re

_STEERS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
"""Control characters except tab and line feed, and those that break lines or change the text direction."""
_CONTROLS = re.compile(f"[{_STEERS}]")
_BREAKS = re.compile(f"[\t\n{_STEERS}]")


def visible(text: str) -> str:
    r"""Return a text of any number of lines in a form that cannot control a terminal.

    >>> visible("\x1b[31mred\n")
    '\\x1b[31mred\n'
    """
    return _CONTROLS.sub(_escape, text)


def on_one_line(text: str) -> str:
    r"""Return the same for a text that must stay on one line, such as a name or a cell.

    >>> on_one_line("a\nplandrift: all is well")
    'a\\nplandrift: all is well'
    """
    return _BREAKS.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1]
