# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", css_file="lesson.css", app_title="plandrift 2: How fast is your world?")

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
    )
    from plandrift.experiments.workshop.drawing import svg
    from plandrift.experiments.workshop.lessons.runs import (
        REQUIRES,
        VOLATILITIES,
        by_step_in_theory,
        half_life,
    )
    from plandrift.experiments.workshop.lessons.screens import step_by_step


@app.cell
def _():
    opening(2)
    return


@app.cell
def _():
    get_half, set_half = mo.state(None)
    return get_half, set_half


@app.cell
def _(set_half):
    half_form = ask(
        mo.ui.slider(
            1,
            30,
            value=20,
            step=1,
            show_value=True,
            label=question(2, 0),
        ),
        set_half,
    )
    return (half_form,)


@app.cell
def _(get_half, half_form):
    shown(half_form, get_half())
    return


@app.cell
def _(get_half):
    half_guess = given(get_half(), 20)
    episodes = how_many()
    volatility = mo.ui.slider(
        steps=list(VOLATILITIES),
        value=0.05,
        label="volatility (changes per thing per unit of time)",
        show_value=True,
        debounce=True,
    )
    mo.vstack([mo.md("## Run\n\nLook first, then change only the world's pace."), volatility, episodes])
    return episodes, half_guess, volatility


@app.cell
def _(episodes, half_guess, volatility):
    middle = half_life([share for _, share in by_step_in_theory(volatility.value, 1)])
    with running(episodes.value):
        by_pace = svg(
            step_by_step(
                volatility.value, 1, episodes.value, half_guess if volatility.value == 0.05 else None
            )
        )
    picture(by_pace, episodes.value)
    return (middle,)


@app.cell
def _(half_guess, middle, volatility):
    answer(
        f"You guessed step **{half_guess}** for a volatility of 0.05. The thin line is the closed form "
        "p(x) = (1 − 1/V)(1 − e^(−λVx/(V−1))) with V = 5 values. At a volatility of "
        f"{volatility.value:g} it reaches one half "
        + (f"at step **{middle}**." if middle is not None else "**not within 30 steps**."),
        None if middle is None or volatility.value != 0.05 else abs(half_guess - middle) <= 2,
    )
    return


@app.cell
def _(middle):
    _ = middle
    get_three, set_three = mo.state(None)
    return get_three, set_three


@app.cell
def _(half_guess, set_three):
    _ = half_guess
    three_form = ask(
        mo.ui.slider(
            1,
            30,
            value=10,
            step=1,
            show_value=True,
            label=question(2, 1),
        ),
        set_three,
    )
    return (three_form,)


@app.cell
def _(get_three, three_form):
    shown(three_form, get_three())
    return


@app.cell
def _(get_three):
    three_guess = given(get_three(), 10)
    requires = mo.ui.slider(
        steps=list(REQUIRES),
        value=3,
        label="things that each step depends on (k)",
        show_value=True,
        debounce=True,
    )
    requires
    return requires, three_guess


@app.cell
def _(episodes, requires, three_guess):
    wide_middle = half_life([share for _, share in by_step_in_theory(0.05, requires.value)])
    with running(episodes.value):
        by_width = svg(
            step_by_step(0.05, requires.value, episodes.value, three_guess if requires.value == 3 else None)
        )
    mo.vstack(
        [
            picture(by_width, episodes.value),
            answer(
                f"You guessed step **{three_guess}** for three things. With {requires.value} it is step "
                f"**{wide_middle}**: "
                "1 − (1 − p)^k. The number of things a step depends on matters as much as how fast they "
                "change.",
                None if wide_middle is None or requires.value != 3 else abs(three_guess - wide_middle) <= 2,
            ),
        ]
    )
    return


@app.cell
def _(three_guess):
    _ = three_guess
    mo.accordion({"Key points": key_points(2)})
    return


if __name__ == "__main__":
    app.run()
