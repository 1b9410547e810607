# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", css_file="lesson.css", app_title="plandrift: the exit quiz")

with app.setup:
    import marimo as mo

    from plandrift.experiments.pages.replay import replay_page
    from plandrift.experiments.workshop import EPISODES
    from plandrift.experiments.workshop.exit_quiz import (
        CHANGES,
        CHOICES,
        EACH,
        QUESTIONS,
        REPLAYS,
        REQUIRES,
        RESULTS,
        STEP,
        SYSTEMS,
        QuizResult,
        first_stale,
        half_life,
        points,
        replay,
    )
    from plandrift.experiments.workshop.assessment import offers, worth_taking
    from plandrift.experiments.workshop.quiz import embedded, table


@app.cell
def _():
    mo.md(
        f"""
        # The exit quiz

        Two replays that you have not seen, an estimate, and two systems that need a guard. {EACH} points each. You
        have one try; the answers come when you hand in. Your teacher sees your name and your points.
        """
    )
    return


@app.cell
def _():
    names = [world for world, _, _ in REPLAYS]
    mo.vstack(
        [
            piece
            for i, world in enumerate(names)
            for piece in (
                mo.md(f"## Replay {i + 1}: {world}"),
                embedded(replay_page([replay(i)], world), f"Replay {i + 1}, {world}"),
            )
        ]
    )
    return (names,)


@app.cell
def _():
    get_handed, set_handed = mo.state(None)
    return get_handed, set_handed


@app.cell
def _(names, set_handed):
    asked = mo.ui.dictionary(
        {
            "name": mo.ui.text(label="Your name", max_length=40),
            **{
                world: mo.ui.number(
                    0,
                    40,
                    step=0.1,
                    value=None,
                    label=f"Replay {i + 1} ({world}): when is a step of the plan stale for the first time?",
                )
                for i, world in enumerate(names)
            },
            "half": mo.ui.number(
                1,
                200,
                step=1,
                value=None,
                label=f"Each thing changes every {CHANGES:g} s, a step takes {STEP:g} s and needs {REQUIRES} things; the "
                "agent plans once, at once. From which step on is a call as likely wrong as right?",
            ),
            **{
                f"system {i}": mo.ui.radio(list(CHOICES), label=f"{words} Which guard is cheapest for it?")
                for i, (words, _) in enumerate(SYSTEMS)
            },
        }
    )
    form = mo.vstack(list(asked.elements.values()))
    hand_in = mo.ui.button(label="hand in", on_click=lambda _: set_handed(asked.value), kind="success")
    return asked, form, hand_in


@app.cell
def _(form, get_handed, hand_in):
    mo.callout(mo.md("You have handed in."), kind="neutral") if get_handed() else mo.vstack([form, hand_in])
    return


@app.cell
def _(get_handed, names):
    def complete(given):
        return given is not None and all(value not in (None, "") for value in given.values())

    example = {"name": "script", "half": 5} | dict.fromkeys(names, 3.0)
    example |= {f"system {i}": CHOICES[-1] for i in range(len(SYSTEMS))}
    handed = get_handed() if mo.app_meta().mode != "script" else example
    mo.stop(not complete(handed), mo.md("*Answer every question, then hand in.*"))
    reached = points(
        [handed[world] for world in names],
        handed["half"],
        [handed[f"system {i}"] for i in range(len(SYSTEMS))],
        EPISODES,
    )
    RESULTS.add(QuizResult(handed["name"], reached))
    return handed, reached


@app.cell
def _(handed, names, reached):
    right = [f"{first_stale(replay(i)):.1f}" for i in range(len(names))] + [str(half_life())]
    right += [" or ".join(worth_taking(offers(system, EPISODES))) for _, system in SYSTEMS]
    said = [str(handed[name]) for name in (*names, "half", *(f"system {i}" for i in range(len(SYSTEMS))))]
    mo.vstack(
        [
            mo.md(f"## {sum(reached)} of {EACH * len(QUESTIONS)} points"),
            table(
                ["question", "you said", "measured", "points"],
                [
                    [question, mine, measured, str(got)]
                    for question, mine, measured, got in zip(QUESTIONS, said, right, reached, strict=True)
                ],
                "Half a unit of time off, or a fifth of an estimate, is right; a bit more is half right. A guard is "
                "right if no other is significantly cheaper.",
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
