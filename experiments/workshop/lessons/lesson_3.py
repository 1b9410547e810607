# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", css_file="lesson.css", app_title="plandrift 3: Look more often?")

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
    from plandrift.experiments.workshop.lessons.runs import PACES, THINKING, thinking
    from plandrift.experiments.workshop.lessons.screens import storm


@app.cell
def _():
    opening(3)
    return


@app.cell
def _():
    get_plans, set_plans = mo.state(None)
    return get_plans, set_plans


@app.cell
def _(set_plans):
    plans_form = ask(
        mo.ui.slider(
            0,
            100,
            value=10,
            step=1,
            show_value=True,
            label=question(3, 0),
        ),
        set_plans,
    )
    return (plans_form,)


@app.cell
def _(get_plans, plans_form):
    shown(plans_form, get_plans())
    return


@app.cell
def _(get_plans):
    plans_guess = given(get_plans(), 10)
    episodes = how_many()
    pace = mo.ui.slider(
        steps=list(PACES),
        value=0.05,
        label="volatility (changes per fluent per unit of time)",
        show_value=True,
        debounce=True,
    )
    mo.vstack([mo.md("## Run\n\nChange only the world's pace."), pace, episodes])
    return episodes, pace, plans_guess


@app.cell
def _(episodes, pace, plans_guess):
    with running(episodes.value):
        found = thinking(pace.value, episodes.value)
    one = found["replan-each"][THINKING.index(1.0)]
    mo.vstack(
        [
            answer(
                f"You guessed **{plans_guess}** replans at a volatility of 0.05. At {pace.value:g}, "
                "with a thinking time of 1, it "
                f"is **{interval_text(interval(one, 'replans'), 1)}**, and it spends "
                f"{interval_text(interval(one, 'thinking_share'))} of its "
                "time thinking.",
                abs(plans_guess - interval(one, "replans").mean) <= 10 if pace.value == 0.05 else None,
            ),
            picture(
                svg(storm(found, "replans", plans_guess if pace.value == 0.05 else None)), episodes.value
            ),
            picture(svg(storm(found, "goals_met")), episodes.value),
            picture(svg(storm(found, "first_misfires")), episodes.value),
        ]
    )
    return (found,)


@app.cell
def _(found):
    table(
        [
            "thinking time",
            "replans",
            "share of time thinking",
            "calls fired",
            "misfires (first attempts)",
            "goals met",
        ],
        [
            [
                f"{t:g}",
                interval_text(interval(one, "replans"), 1),
                interval_text(interval(one, "thinking_share")),
                interval_text(interval(one, "steps_fired"), 1),
                interval_text(interval(one, "first_misfires"), 1),
                interval_text(interval(one, "goals_met")),
            ]
            for t, one in zip(THINKING, found["replan-each"], strict=True)
        ],
        "The agent that replans on every observation, per episode, with 95 % intervals",
    )
    return


@app.cell
def _(found):
    _ = found
    mo.accordion(
        {
            "Explain: why does it misfire less when it thinks longer?": mo.md(
                """
                Because it fires less: see its calls in the table. While it thinks, the world changes, and the news of that
                makes it think again. Misfires alone do not tell you which agent to build; look at what gets done as
                well.
                """
            ),
            "Key points": key_points(3),
        }
    )
    return


if __name__ == "__main__":
    app.run()
