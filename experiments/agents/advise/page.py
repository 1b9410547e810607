"""Advice as one self-contained page: the answer, the guards, the flips, and what it is based on."""

from __future__ import annotations

from dataclasses import fields
from html import escape

from plandrift.experiments.agents.advise.advice import Advice
from plandrift.experiments.agents.advise.answer import (
    flip,
    flips,
    notes,
    recommendation,
    settles,
)
from plandrift.experiments.agents.advise.figure import advice_figure, headline
from plandrift.experiments.agents.advise.rows import rows
from plandrift.experiments.pages.elements import html_table, inline_svg
from plandrift.experiments.pages.page import page, sheet


def advice_page(found: Advice) -> str:
    """Return the whole page."""
    title = "Which guard?"
    figure = inline_svg(advice_figure(found, headline(found)), "advice")
    nearest = "".join(f"<li>{escape(flip(line))}</li>" for line in flips(found))
    body = [
        f"<h1>{title}</h1>",
        f"<p><strong>{escape(recommendation(found))}</strong></p>",
        *(f"<p>{escape(_sentence(one))}</p>" for one in notes(found)),
        f"<figure>{figure}</figure>",
        "<h2>The guards</h2>",
        '<p class="note">Counts and costs per episode; above: additional cost over the best guard, on '
        "the same seeds.</p>",
        html_table(rows(found)),
        "<h2>Where the choice flips</h2>",
        f"<ul>{nearest}</ul>" if nearest else "<p>Nowhere in the range that was tried.</p>",
        f"<p>{escape(_sentence(settles(found)))}</p>",
        "<h2>The system</h2>",
        html_table(_system(found)),
        "<h2>The prices</h2>",
        html_table([{f.name.replace("_", " "): _price(found, f.name) for f in fields(found.prices)}]),
    ]
    return page(title, "\n".join(body), style=sheet("report.css"))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _price(found: Advice, name: str) -> object:
    value = getattr(found.prices, name)
    return "as a misfire" if value is None else value


def _system(found: Advice) -> list[dict[str, object]]:
    """Return a row for each number that was given."""
    known: list[dict[str, object]] = [{"setting": "world", "value": found.system.world}]
    known += [{"setting": name, "value": str(value)[:60]} for name, value in found.system.settings.items()]
    return known + [
        {"setting": name, "value": f"{span.low:.4g} to {span.high:.4g} (95 %)"}
        for name, span in found.system.spans.items()
    ]
