# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", css_file="lesson.css", app_title="plandrift 1: Right when it was made")

with app.setup:
    import marimo as mo

    from plandrift.experiments.pages.replay import replay_page
    from plandrift.experiments.workshop.quiz import (
        answer,
        ask,
        embedded,
        given,
        key_points,
        opening,
        question,
        shown,
        table,
    )
    from plandrift.experiments.workshop.lessons.runs import LATENCIES, first_wrong, one_episode
    from plandrift.sim.trace.events import HandedOver


@app.cell
def _():
    opening(1)
    return


@app.cell
def _():
    episode = one_episode(1.0)
    plan = next(event for event in episode.trace if isinstance(event, HandedOver))
    table(
        ["fires at", "call"],
        [
            [
                f"{i:g}",
                f"update record {step.call.arg('record')} in {step.call.arg('endpoint')}, in the form of "
                f"version {step.call.arg('schema')}, and tell {step.call.arg('owner')}",
            ]
            for i, step in enumerate(plan.steps)
        ],
        "The plan, made at time 0",
    )
    return (episode,)


@app.cell
def _():
    get_first, set_first = mo.state(None)
    return get_first, set_first


@app.cell
def _(set_first):
    first_form = ask(
        mo.ui.radio(
            ["record 0", "record 1", "record 2", "record 3", "record 4", "none of them"],
            label=question(1, 0),
        ),
        set_first,
    )
    return (first_form,)


@app.cell
def _(first_form, get_first):
    shown(first_form, get_first())
    return


@app.cell
def _(episode, get_first):
    first_guess = given(get_first(), "record 1")
    wrong = first_wrong(episode)
    fluent, since = wrong.violated[0]
    answer(
        f"You guessed **{first_guess}**. It is the update of **record {wrong.call.arg('record')}**, at "
        f"{wrong.time:g}: it wrote to the place where "
        f"the record had been until {since:.2f}. The world answered **{wrong.reported}**, so the agent "
        "could not tell that harm was done.",
        first_guess == f"record {wrong.call.arg('record')}",
    )
    return fluent, since, wrong


@app.cell
def _(episode, wrong):
    _ = wrong
    mo.vstack(
        [
            mo.md(
                "## Run\n\nPress play, or n to go to the failure. From the left: the world, the news in "
                "transit, what the agent "
                "believes, and the step that depends on it. The mark in the call is the argument that "
                "is no longer right."
            ),
            embedded(replay_page([episode], "records"), "The episode, step by step"),
        ]
    )
    return


@app.cell
def _():
    get_knew, set_knew = mo.state(None)
    return get_knew, set_knew


@app.cell
def _(set_knew, wrong):
    _ = wrong
    knew_form = ask(
        mo.ui.radio(
            [
                "It could not have known",
                "The news was on its way to it",
                "It had heard, but fired anyway",
            ],
            label=question(1, 1),
        ),
        set_knew,
    )
    return (knew_form,)


@app.cell
def _(get_knew, knew_form):
    shown(knew_form, get_knew())
    return


@app.cell
def _(fluent, get_knew, since, wrong):
    knew_guess = given(get_knew(), "The news was on its way to it")
    answer(
        f"You guessed: *{knew_guess}*. Measured: `{fluent}` changed at {since:.2f}, the call was fired "
        f"at {wrong.time:.2f}, and the "
        f"news arrived at {since + 1:.2f}. **The news was on its way.** Before acting, the agent "
        "checked a belief that had been right once. Neither the planner nor the executor made a mistake.",
        knew_guess == "The news was on its way to it",
    )
    return (knew_guess,)


@app.cell
def _(knew_guess):
    _ = knew_guess
    latency = mo.ui.slider(
        steps=list(LATENCIES),
        value=1.0,
        label="observation latency (units of time)",
        show_value=True,
        debounce=True,
    )
    mo.vstack(
        [
            mo.md(
                "## Explain\n\nHow late may the news be for a look at the belief to help? The replay "
                "below changes with it."
            ),
            latency,
        ]
    )
    return (latency,)


@app.cell
def _(latency):
    other = one_episode(latency.value)
    late = first_wrong(other)
    sentence = (
        f"The agent hears of the change in time and makes a new plan: {other.metrics.goals_met:.0%} of "
        "the records are up to date at the end."
        if late is None
        else f"The call at {late.time:.2f} does harm: the change of {late.violated[0][1]:.2f} is in the "
        f"blind spot until {late.violated[0][1] + latency.value:.2f}."
    )
    mo.vstack(
        [
            mo.md(
                f"<span class='measured' data-latency='{latency.value:g}'>With news {latency.value:g} "
                f"late: {sentence}</span>"
            ),
            embedded(replay_page([other], "records"), f"The episode with news {latency.value:g} late"),
        ]
    )
    return


@app.cell
def _(latency):
    _ = latency
    mo.accordion({"Key points": key_points(1)})
    return


if __name__ == "__main__":
    app.run()
