# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", css_file="lesson.css", app_title="plandrift 4: A look beats a late belief")

with app.setup:
    import marimo as mo

    from plandrift.experiments.workshop.quiz import (
        answer,
        ask,
        given,
        how_many,
        key_points,
        opening,
        picture,
        question,
        running,
        shown,
        table,
    )
    from plandrift.experiments.workshop.drawing import svg
    from plandrift.experiments.statistics.text import interval_text
    from plandrift.experiments.workshop.cached_runs import interval
    from plandrift.experiments.workshop.lessons.runs import LATENCIES, ladder
    from plandrift.experiments.workshop.lessons.screens import LADDER, stopped
    from plandrift.experiments.workshop.lessons.screens import ladder as ladder_screen


@app.cell
def _():
    opening(4)
    return


@app.cell
def _():
    get_caught, set_caught = mo.state(None)
    return get_caught, set_caught


@app.cell
def _(set_caught):
    caught_form = ask(
        mo.ui.slider(
            0,
            100,
            value=90,
            step=5,
            show_value=True,
            label=question(4, 0),
        ),
        set_caught,
    )
    return (caught_form,)


@app.cell
def _(caught_form, get_caught):
    shown(caught_form, get_caught())
    return


@app.cell
def _(get_caught):
    caught_guess = given(get_caught(), 90)
    episodes = how_many()
    episodes
    return caught_guess, episodes


@app.cell
def _(caught_guess, episodes):
    with running(episodes.value):
        rungs = ladder(episodes.value)
    one_late = LATENCIES.index(1.0)
    mo.vstack(
        [
            answer(
                f"You guessed **{caught_guess} %**. Measured: a look at the belief stops "
                f"**{100 * stopped(rungs, 'looks at its belief'):.0f} %** "
                "of the misfires, a look at the world "
                f"{100 * stopped(rungs, 'looks at the world'):.0f} %, the world's own check "
                f"{100 * stopped(rungs, 'the world checks'):.0f} %.",
                abs(caught_guess - 100 * stopped(rungs, "looks at its belief")) <= 10,
            ),
            picture(svg(ladder_screen(rungs, "first_misfires", caught_guess / 100)), episodes.value),
            table(
                [
                    "guard",
                    "first attempts gone wrong",
                    "stopped or refused",
                    "goals met",
                    "reads",
                    "replans",
                    "time",
                ],
                [
                    [
                        name,
                        interval_text(interval(found[one_late], "first_misfires"), 1),
                        interval_text(
                            interval(found[one_late], "refused" if name == "the world checks" else "blocks"),
                            1,
                        ),
                        interval_text(interval(found[one_late], "goals_met")),
                        interval_text(interval(found[one_late], "reads"), 1),
                        interval_text(interval(found[one_late], "replans"), 1),
                        interval_text(interval(found[one_late], "duration"), 1),
                    ]
                    for name, found in rungs.items()
                ],
                "Per episode, with news one unit of time late",
            ),
        ]
    )
    return (rungs,)


@app.cell
def _(rungs):
    _ = rungs
    metric = mo.ui.dropdown(
        {words: name for name, words in LADDER.items()},
        value=LADDER["goals_met"],
        label="show something else",
    )
    mo.vstack(
        [
            mo.md(
                "## Run\n\nWhat went wrong behind the look at the belief was in the blind spot: the "
                "news had not arrived yet. "
                "How much gets done, and at what cost? Predict first which guard is slowest."
            ),
            metric,
        ]
    )
    return (metric,)


@app.cell
def _(episodes, metric, rungs):
    picture(svg(ladder_screen(rungs, metric.value)), episodes.value)
    return


@app.cell
def _(rungs):
    _ = rungs
    mo.accordion({"Key points": key_points(4)})
    return


if __name__ == "__main__":
    app.run()
