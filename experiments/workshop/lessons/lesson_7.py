# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", css_file="lesson.css", app_title="plandrift 7: How many agents?")

with app.setup:
    import marimo as mo

    from plandrift.experiments.workshop.quiz import (
        answer,
        ask,
        given,
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
    from plandrift.experiments.workshop.lessons.runs import (
        CHECK,
        CREW_EPISODES,
        CREWS,
        ENTRIES,
        LOCKS,
        PLANNING,
        REPAIRED,
        crews,
        peak,
    )
    from plandrift.experiments.workshop.lessons.screens import crew


@app.cell
def _():
    opening(7)
    return


@app.cell
def _():
    get_locks, set_locks = mo.state(None)
    return get_locks, set_locks


@app.cell
def _(set_locks):
    locks_form = ask(
        mo.ui.slider(steps=list(CREWS), value=8, show_value=True, label=question(7, 0)), set_locks
    )
    return (locks_form,)


@app.cell
def _(get_locks, locks_form):
    shown(locks_form, get_locks())
    return


@app.cell
def _(get_locks):
    locks_guess = given(get_locks(), 8)
    with running(CREW_EPISODES):
        found = crews(1.0, 50, CREW_EPISODES)
    most = interval(found[LOCKS][-1], "speedup")
    mo.vstack(
        [
            answer(
                f"You guessed **{locks_guess}**. With locks the peak is at **{peak(found[LOCKS])}** agents. "
                f"{CREWS[-1]} agents do {interval_text(most)} times as much as one: whoever holds one lock "
                "waits for another, so most of the book is locked and little of it is used.",
                locks_guess == peak(found[LOCKS]),
            ),
            picture(svg(crew(found, ["no guard", LOCKS], locks_guess)), CREW_EPISODES),
        ]
    )
    return found, locks_guess


@app.cell
def _():
    get_check, set_check = mo.state(None)
    return get_check, set_check


@app.cell
def _(locks_guess, set_check):
    _ = locks_guess
    check_form = ask(
        mo.ui.slider(steps=list(CREWS), value=4, show_value=True, label=question(7, 1)), set_check
    )
    return (check_form,)


@app.cell
def _(check_form, get_check):
    shown(check_form, get_check())
    return


@app.cell
def _(found, get_check):
    check_guess = given(get_check(), 4)
    mo.vstack(
        [
            answer(
                f"You guessed **{check_guess}**. With the check, the crew is best with "
                f"**{peak(found[CHECK])}** agents, and does "
                f"{interval_text(interval(found[CHECK][-1], 'speedup'))} times as much as one agent; "
                f"{interval_text(interval(found[CHECK + REPAIRED][-1], 'speedup'))} times if it replans only "
                "the steps that are stale.",
                check_guess == peak(found[CHECK]),
            ),
            picture(svg(crew(found, guess=check_guess)), CREW_EPISODES),
            table(
                ["way to work together", *(f"{agents} agents" for agents in CREWS[1:])],
                [
                    [name, *(interval_text(interval(one, "right_tasks"), 1) for one in several[1:])]
                    for name, several in found.items()
                ],
                "Tasks done right, of 24",
            ),
        ]
    )
    return (check_guess,)


@app.cell
def _(check_guess):
    _ = check_guess
    planning = mo.ui.slider(
        steps=list(PLANNING), value=1.0, label="thinking time (in steps)", show_value=True, debounce=True
    )
    entries = mo.ui.slider(
        steps=list(ENTRIES), value=50, label="entries in the book", show_value=True, debounce=True
    )
    mo.vstack(
        [
            mo.md(
                "## Run\n\nPredict first: which line moves most if planning takes 20 times as long as a step? "
                "And if the book has 1,000 entries?"
            ),
            planning,
            entries,
        ]
    )
    return entries, planning


@app.cell
def _(entries, planning):
    with running(CREW_EPISODES):
        other = crews(planning.value, entries.value, CREW_EPISODES)
    picture(svg(crew(other)), CREW_EPISODES)
    return


@app.cell
def _(check_guess):
    _ = check_guess
    mo.accordion({"Key points": key_points(7)})
    return


if __name__ == "__main__":
    app.run()
