# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", css_file="lesson.css", app_title="plandrift 6: Your own agent")

with app.setup:
    import marimo as mo

    from plandrift.experiments.workshop import OWN
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
    from plandrift.experiments.workshop.assessment import (
        GUARDS,
        HEAD,
        System,
        OWN_TRANSCRIPTS,
        SYSTEMS,
        advise_command,
        change_rate,
        offers,
        recommendation,
        rows,
        take_home,
        worth_taking,
    )
    from plandrift.experiments.workshop.lessons.screens import savings
    from plandrift.sim import SettingError


@app.cell
def _():
    opening(6)
    return


@app.cell
def _():
    begin = mo.ui.dropdown(list(SYSTEMS), value=next(iter(SYSTEMS)), label="begin with")
    begin
    return (begin,)


@app.cell
def _():
    history = mo.ui.file(
        filetypes=[".json"],
        label="how often things change, from a git repository (optional)",
        max_size=1_000_000,
    )
    from_history = mo.accordion(
        {
            "From a history: which file to choose": mo.vstack(
                [
                    mo.md(
                        "`plandrift agent import git REPO --out changes.parquet`, then "
                        "`plandrift data survival changes.parquet --format json > survival.json`, and "
                        "give that file."
                    ),
                    history,
                ]
            )
        }
    )
    mo.vstack([mo.md("## The numbers"), from_history])
    return (history,)


@app.cell
def _(begin, history):
    start = SYSTEMS[begin.value]
    between, note = start.between_changes, ""
    try:
        if history.contents():
            between = round(change_rate(history.contents()))
            note = f"From the history: one thing changes every {between} s."
    except SettingError as error:
        note = f"Not read: {error}."
    mo.md(note)
    return between, start


@app.cell
def _(between, start):
    numbers = mo.ui.dictionary(
        {
            "steps": mo.ui.number(1, 50, step=1, value=start.steps, label="steps in a plan"),
            "requires": mo.ui.number(
                1, 5, step=1, value=start.requires, label="things that a step depends on"
            ),
            "step_time": mo.ui.number(0.1, 3600, value=start.step_time, label="time of a step (s)"),
            "to_the_world": mo.ui.number(
                0,
                3600,
                value=start.to_the_world,
                label="time from firing a call until it reaches the world (s)",
            ),
            "thinking": mo.ui.number(0, 3600, value=start.thinking, label="time to make a plan (s)"),
            "news": mo.ui.number(0, 86400, value=start.news, label="delay until it hears of a change (s)"),
            "read": mo.ui.number(0, 3600, value=start.read, label="round trip of a fresh read (s)"),
            "between_changes": mo.ui.number(
                1, 1e8, value=between, label="mean time between two changes of one thing (s)"
            ),
            "price": mo.ui.number(
                0, 1e7, value=start.price, label="cost of a call that goes wrong (s of somebody's time)"
            ),
        }
    )
    mo.vstack(list(numbers.elements.values()))
    return (numbers,)


@app.cell
def _():
    get_guard, set_guard = mo.state(None)
    return get_guard, set_guard


@app.cell
def _(set_guard):
    guard_form = ask(mo.ui.radio(list(GUARDS), label=question(6, 0)), set_guard)
    return (guard_form,)


@app.cell
def _(get_guard, guard_form):
    shown(guard_form, get_guard())
    return


@app.cell
def _(get_guard):
    guard_guess = given(get_guard(), "gated")
    episodes = how_many()
    episodes
    return episodes, guard_guess


@app.cell
def _(episodes, guard_guess, numbers):
    system = System(**numbers.value)
    try:
        with running(episodes.value):
            made = offers(system, episodes.value)
    except SettingError as error:
        mo.stop(True, mo.callout(mo.md(f"Not run: {error}."), kind="warn"))
    figure = svg(savings(made))
    mo.vstack(
        [
            answer(
                f"You guessed **{guard_guess}**. {recommendation(made)}", guard_guess in worth_taking(made)
            ),
            picture(figure, episodes.value),
            table(HEAD, rows(made), "Per episode, with 95 % intervals"),
            mo.md(
                "For the whole ladder of guards, with ranges for what you do not know and where the choice "
                f"flips, run in a terminal:\n\n`{advise_command(system)}`\n\n"
                "How stale *was* your agent? Its transcripts tell you; they stay on your machine "
                "(`codex` and "
                f"`opencode` as well):\n\n```\n{OWN_TRANSCRIPTS}\n```\n\nOr see it here, if the lessons were "
                f"started with `plandrift workshop --operations ops.parquet`: [your own agent]({OWN})."
            ),
        ]
    )
    return figure, made, system


@app.cell
def _(figure, made, system):
    mo.download(
        take_home(system, made, figure).encode(),
        filename="which-guard-pays.html",
        mimetype="text/html",
        label="take this home (one page)",
    )
    return


@app.cell
def _(made):
    _ = made
    mo.accordion({"Key points": key_points(6)})
    return


if __name__ == "__main__":
    app.run()
