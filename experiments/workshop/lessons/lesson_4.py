import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", css_file="lesson.css", app_title="plandrift 4: The gate")

with app.setup:
    import marimo as mo

    from experiments.workshop.quiz import (
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
    from experiments.workshop.drawing import svg
    from experiments.statistics.text import interval_text
    from experiments.workshop.cached_runs import interval
    from experiments.workshop.lessons.runs import HALVES, GateSwitches, gates, halves
    from experiments.workshop.lessons.screens import halves as halves_screen
    from experiments.workshop.lessons.screens import own_gate


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
        by_half = halves(episodes.value)
    none, both = interval(by_half[0], "misfires"), interval(by_half[3], "misfires")
    mo.vstack(
        [
            answer(
                f"You guessed **{caught_guess} %**. Measured: {interval_text(none, 1)} misfires an episode without a gate, "
                f"{interval_text(both, 1)} with both halves: **{100 * (1 - both.mean / none.mean):.0f} %** fewer."
            ),
            picture(svg(halves_screen(by_half)), episodes.value),
            table(
                [
                    "gate",
                    "misfires",
                    "slips fired",
                    "blocked",
                    "blocked for nothing",
                    "replans",
                    "all goals met",
                ],
                [
                    [
                        n,
                        interval_text(interval(one, "misfires"), 1),
                        interval_text(interval(one, "mismatches_fired"), 1),
                        interval_text(interval(one, "blocks"), 1),
                        interval_text(interval(one, "false_blocks"), 2),
                        interval_text(interval(one, "replans"), 1),
                        interval_text(interval(one, "success")),
                    ]
                    for n, one in zip(HALVES, by_half, strict=True)
                ],
                "Per episode",
            ),
        ]
    )
    return (by_half,)


@app.cell
def _(by_half):
    _ = by_half
    mo.md(
        """
        ## Run

        What is left went wrong in the blind spot: the news had not come yet. Now build your own gate: change one
        switch at a time, and say beforehand what it will do.
        """
    )
    return


@app.cell
def _(by_half):
    _ = by_half
    drift = mo.ui.switch(value=True, label="drift gate")
    reconcile = mo.ui.switch(value=True, label="read-back before the fire")
    late = mo.ui.switch(value=True, label="look at the moment of the fire (off: when the call is prepared)")
    versions = mo.ui.switch(value=False, label="compare versions (off: values)")
    fresh = mo.ui.switch(value=False, label="read fresh (off: trust the belief)")
    mo.vstack([drift, reconcile, late, versions, fresh])
    return drift, fresh, late, reconcile, versions


@app.cell
def _(drift, episodes, fresh, late, reconcile, versions):
    chosen = GateSwitches(drift.value, reconcile.value, fresh.value, versions.value, late.value)
    with running(episodes.value):
        bare, plain, own = gates([GateSwitches(), GateSwitches(True, True), chosen], episodes.value)
    mo.vstack(
        [
            picture(
                svg(own_gate(own, bare, plain)),
                episodes.value,
            ),
            table(
                ["misfires", "slips fired", "blocked", "blocked for nothing", "all goals met", "time"],
                [
                    [
                        interval_text(interval(own, name), digits)
                        for name, digits in (
                            ("misfires", 2),
                            ("mismatches_fired", 2),
                            ("blocks", 1),
                            ("false_blocks", 2),
                            ("success", 2),
                            ("duration", 1),
                        )
                    ]
                ],
                "Your gate, per episode",
            ),
        ]
    )
    return


@app.cell
def _(by_half):
    _ = by_half
    mo.accordion({"Key points": key_points(4)})
    return


if __name__ == "__main__":
    app.run()
