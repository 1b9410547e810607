"""All results of the project: every question with its sweep, its figures, and a verdict from intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path

from plandrift.experiments.analysis.claims import FAILS, HOLDS, OPEN, Claim, Finding
from plandrift.experiments.analysis.survival import survival
from plandrift.experiments.analysis.tables import Row
from plandrift.experiments.analysis.validation import PRECISION, Z_LIMIT, validate
from plandrift.experiments.book.questions import QUESTIONS, Question
from plandrift.experiments.pages.elements import html_table, inline_svg
from plandrift.experiments.pages.page import page, sheet
from plandrift.experiments.pages.report import question
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import Progress, sweep
from plandrift.experiments.sweeps.spec import Spec, read_spec
from plandrift.sim import PlandriftError
from plandrift.sim.terms.errors import nearest
from plandrift.worlds.logs.change_log import opened
from plandrift.worlds.logs.git_history import import_git

THEORY, HISTORY = "theory", "history"
NAMES = (*(question.suite for question in QUESTIONS), THEORY, HISTORY)
QUICK_ERROR = 0.03
"""Target standard error in the quick form of the theory chapter, as a share of theory."""
CLASSES = {HOLDS: "holds", FAILS: "fails", OPEN: "open"}


@dataclass(frozen=True)
class Chapter:
    """One question of the book.

    Attributes:
        name: its name on the command line.
        title: the question.
        about: a longer form of the question.
        findings: the results of its claims.
        pictures: figures as inline SVG, each with a caption.
        tail: HTML below them.
    """

    name: str
    title: str
    about: str
    findings: list[Finding]
    pictures: list[tuple[str, str]]
    tail: str = ""


def chosen(names: Sequence[str]) -> list[str]:
    """Return the questions that names stand for, each once.

    Raises:
        PlandriftError: no question has this name.
    """
    for name in names:
        if name not in (*NAMES, "all"):
            raise PlandriftError(f"reproduce {name}: {nearest(name, [*NAMES, 'all'])}")
    return list(NAMES) if "all" in names else list(dict.fromkeys(names))


def reproduce(
    names: Sequence[str],
    out: Path,
    *,
    quick: bool = False,
    workers: int = 2,
    repository: Path = Path(),
    tell: Callable[[str], Callable[[Progress], None] | None] = lambda _: None,
) -> list[Chapter]:
    """Run the missing parts of the questions, and rewrite the book after each.

    Args:
        names: names from `NAMES`.
        out: the folder for the book; each question has a folder in it, and resumes where it was stopped.
        quick: whether to use few seeds.
        workers: number of processes.
        repository: the repository whose history is analysed; if it is not one, that question is left out with
            a remark.
        tell: called with each question's name; returns a function to call with its sweep's progress.

    Raises:
        PlandriftError: the book cannot be written, or a sweep cannot be run.
    """
    chapters: list[Chapter] = []
    by_suite = {question.suite: question for question in QUESTIONS}
    for name in names:
        progress = tell(name)
        if name == THEORY:
            chapters.append(_theory(quick, workers))
        elif name == HISTORY:
            chapters.append(_history(out, repository))
        else:
            chapter = _suite_chapter(by_suite[name], out / name, quick, workers, progress)
            if chapter is None:
                return chapters
            chapters.append(chapter)
        (out / "index.html").write_text(book(chapters, quick), encoding="utf-8")
    return chapters


def _suite_chapter(
    asked: Question, folder: Path, quick: bool, workers: int, tell: Callable[[Progress], None] | None
) -> Chapter | None:
    path = Path(str(resources.files("plandrift.experiments.book") / "suites" / f"{asked.suite}.toml"))
    spec, text = read_spec(path)
    if quick:
        spec = spec.model_copy(update={"seeds": asked.quick, "until": None})
    outcome = sweep(
        spec,
        folder,
        workers=workers,
        steps=asked.steps,
        text=text,
        place=str(path),
        tell=tell,
        metrics=[claim.metric for claim in asked.claims if isinstance(claim, Claim)],
    )
    if outcome.stopped:
        return None
    return chapter_of(asked, outcome.results, spec)


def chapter_of(asked: Question, results: Results, spec: Spec) -> Chapter:
    """Return the chapter of a question whose sweep has been run."""
    pictures = [
        (words, inline_svg(draw(results), f"{asked.suite}-{i}"))
        for i, (words, draw) in enumerate(asked.figures)
    ]
    findings = [claim.judge(results) for claim in asked.claims]
    return Chapter(asked.suite, spec.title or asked.suite, question(results), findings, pictures)


def _theory(quick: bool, workers: int) -> Chapter:
    from plandrift.experiments.figures.bars import intervals_figure

    results = validate(QUICK_ERROR if quick else PRECISION, workers=workers)
    rows: list[Row] = [
        {
            "closed form": r.case.name,
            "setting": r.case.at,
            "n": r.n,
            "theory": r.case.expected,
            "measured": r.mean,
            "standard error": r.error,
            "z": r.z,
        }
        for r in results
    ]
    off = [r for r in results if abs(r.z) > Z_LIMIT]
    verdict = FAILS if off else HOLDS
    finding = Finding(f"All {len(results)} cases agree with theory (|z| at most {Z_LIMIT})", verdict, rows)
    points = [
        (
            f"{r.case.name} {r.case.at}",
            r.mean / r.case.expected - 1,
            (r.mean - 1.96 * r.error) / r.case.expected - 1,
            (r.mean + 1.96 * r.error) / r.case.expected - 1,
        )
        for r in results
        # Where theory gives 0 there is no relative error, so these cases appear only in the numbers.
        if r.case.expected
    ]
    figure = intervals_figure(
        points,
        "Does the simulator agree with theory?",
        heading=("Measured over theory, minus 1", "95 % intervals"),
    )
    about = "Every closed form of the design is compared with the simulation, at two or more settings."
    return Chapter(
        THEORY,
        "Does the simulator agree with theory?",
        about,
        [finding],
        [("Measured against theory, with 95 % intervals", inline_svg(figure, "theory"))],
    )


def _history(out: Path, repository: Path) -> Chapter:
    from plandrift.experiments.figures.survival import survival_figure

    title = "How long would a plan have stayed valid in a real repository?"
    (out / HISTORY).mkdir(parents=True, exist_ok=True)
    log = out / HISTORY / "changes.parquet"
    try:
        found = import_git(repository, log)
        curves = survival(opened(str(log)), "anyone" if found.authors == 1 else None)
    except PlandriftError as error:
        return Chapter(HISTORY, title, f"Left out: {error}", [], [])
    alone = found.authors == 1
    about = (
        f"{found.changes} changes of {found.files} files in {found.commits} commits by {found.authors} "
        f"author{'' if alone else 's'}. For each commit, how old a plan for it could have been before "
        "somebody's write broke it: "
        f"{'anyone, because there is only one author' if alone else 'another author'}."
    )
    figure = survival_figure(curves, title, words=("files", "commits"))
    rows = [
        {
            "files": c.fluents,
            "commits": c.sets,
            "censored": c.censored,
            "median (s)": c.median,
            "valid after 1 h": c.at(3600)[0],
            "valid after 1 day": c.at(86400)[0],
        }
        for c in curves
    ]
    return Chapter(
        HISTORY, title, about, [], [("Plans still valid", inline_svg(figure, "history"))], html_table(rows)
    )


def book(chapters: Sequence[Chapter], quick: bool) -> str:
    """Return the book as one page: first what contradicts the design, then each question."""
    findings = [(chapter, finding) for chapter in chapters for finding in chapter.findings]
    against = [(c, f) for c, f in findings if f.contradicts]
    counts = {verdict: sum(f.verdict == verdict for _, f in findings) for verdict in (HOLDS, FAILS, OPEN)}
    body = ["<h1>plandrift: what it finds</h1>"]
    form = "the quick form: few seeds, wide intervals" if quick else "the full form"
    body.append(
        f'<p class="note">{len(chapters)} questions in {form}. Of {len(findings)} claims '
        + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        + ". A claim about several groups holds if it holds in each, at a joint level of 95 %.</p>"
    )
    if against:
        body.append('<div class="contradicts"><h2>Findings that contradict the design</h2><ul>')
        body += [
            f'<li><a href="#{c.name}">{escape(c.title)}</a> {escape(f.says)}: {f.verdict}.</li>'
            for c, f in against
        ]
        body.append("</ul></div>")
    body += ["<ul>", *(f'<li><a href="#{c.name}">{escape(c.title)}</a></li>' for c in chapters), "</ul>"]
    for chapter in chapters:
        body.append(f'<h2 id="{chapter.name}">{escape(chapter.title)}</h2><p>{escape(chapter.about)}</p>')
        for finding in chapter.findings:
            verdict = f"<span class='{CLASSES[finding.verdict]}'>{finding.verdict}</span>"
            body.append(
                f"<h3>{escape(finding.says)}: {verdict}</h3>"
                f"<details><summary>the numbers</summary>{_caption(finding)}"
                f"{html_table(finding.numbers)}</details>"
            )
        for words, svg in chapter.pictures:
            body.append(f"<figure>{svg}<figcaption>{escape(words)}</figcaption></figure>")
        body.append(chapter.tail)
    return page("plandrift: what it finds", "\n".join(body), style=sheet("report.css"))


def _caption(finding: Finding) -> str:
    said = escape("; ".join(finding.caption))
    return f'<p class="note">{said[:1].upper()}{said[1:]}.</p>' if said else ""
