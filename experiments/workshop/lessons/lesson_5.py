# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", css_file="lesson.css", app_title="plandrift 5: What the hand-off loses")

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
    from plandrift.experiments.workshop.lessons.runs import DELAYS, FIDELITIES, handoffs
    from plandrift.experiments.workshop.lessons.screens import teams as teams_screen


@app.cell
def _():
    opening(5)
    return


@app.cell
def _():
    get_rate, set_rate = mo.state(None)
    return get_rate, set_rate


@app.cell
def _(set_rate):
    rate_form = ask(
        mo.ui.slider(
            0,
            100,
            value=20,
            step=1,
            show_value=True,
            label=question(5, 0),
        ),
        set_rate,
    )
    return (rate_form,)


@app.cell
def _(get_rate, rate_form):
    shown(rate_form, get_rate())
    return


@app.cell
def _(get_rate):
    rate_guess = given(get_rate(), 20)
    episodes = how_many()
    delay = mo.ui.slider(
        steps=list(DELAYS),
        value=0.0,
        label="delay of the hand-off (units of time)",
        show_value=True,
        debounce=True,
    )
    mo.vstack(
        [mo.md("## Run\n\nNow let the hand-off take longer, and change nothing else."), delay, episodes]
    )
    return delay, episodes, rate_guess


@app.cell
def _(delay, episodes, rate_guess):
    with running(episodes.value):
        teams = handoffs(delay.value, episodes.value)
    half = interval(teams["two agents"][FIDELITIES.index(0.5)], "misfire_rate")
    mo.vstack(
        [
            answer(
                f"You guessed **{rate_guess} %** with no delay. With a delay of {delay.value:g} and q = 0.5: "
                f"**{100 * half.mean:.0f} %** [{100 * half.low:.0f}, {100 * half.high:.0f}].",
                None if delay.value else abs(rate_guess - 100 * half.mean) <= 5,
            ),
            picture(svg(teams_screen(teams, None if delay.value else rate_guess / 100)), episodes.value),
        ]
    )
    return (teams,)


@app.cell
def _(teams):
    table(
        ["q", "who", "misfire rate", "mismatched calls fired", "blocked", "all goals met"],
        [
            [
                f"{q:g}",
                team,
                interval_text(interval(one, "misfire_rate")),
                interval_text(interval(one, "mismatches_fired"), 1),
                interval_text(interval(one, "mismatches_blocked"), 1),
                interval_text(interval(one, "success")),
            ]
            for team, several in teams.items()
            for q, one in zip(FIDELITIES, several, strict=True)
            if q in (1.0, 0.5)
        ],
        "Per episode, with 95 % intervals",
    )
    return


@app.cell
def _(teams):
    _ = teams
    mo.accordion(
        {
            "Explain: what did the read-back do?": mo.md(
                """
                Before firing, the executor reads the call back, and the planner compares it with
                the step of its plan. Only calls that the plan names are fired, whatever was lost on the way. It blocks
                and asks again, so it costs time; and it knows nothing about the world, so the drift stays.
                """
            ),
            "Key points": key_points(5),
        }
    )
    return


if __name__ == "__main__":
    app.run()
