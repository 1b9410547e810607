"""What each guard achieves, against its cost."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from plandrift.experiments.analysis.selection import panels, value_words
from plandrift.experiments.analysis.tables import Row, compare, table
from plandrift.experiments.figures.kinds.kind import figure_kind, note, several_policies
from plandrift.experiments.figures.kinds.price import GAIN, ends
from plandrift.experiments.sweeps.plain_values import in_order
from plandrift.sim import SettingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results

DRAWN = 3
"""The most volatilities drawn: those at which the guards differ most in the goals met."""

Found = dict[str, dict[str, Row]]
"""The row of each policy, by metric."""


@figure_kind("guards", "What each guard achieves, and at what cost", several_policies)
def guards(results: Results, x: str = "replans") -> Figure:
    """Draw goals met against cost: a point per policy, a panel per volatility, the finding as the title."""
    from plandrift.experiments.figures.guards import GuardPanel, guards_figure

    metrics = (x, GAIN, "first_misfires", "steps_fired")
    if x in metrics[1:]:
        raise SettingError(f"--x {x}: give a cost: replans, reads, refused, duration")
    found: list[tuple[str, Found, Results]] = []
    values = in_order(one.value("volatility") for one in results.manifest.conditions)
    for value in values:
        those = [one for one in results.manifest.conditions if one.value("volatility") == value]
        for part in panels(results.narrowed(those, results.averaged), ["policy"]):
            heading = ", ".join(words for words in (value_words("volatility", value), part.label) if words)
            rows = table(part.results, ["policy"], metrics)
            found.append(
                (
                    heading,
                    {m: {r["policy"]: r for r in rows if r["metric"] == m and r["n"]} for m in metrics},
                    part.results,
                )
            )
    panels_of = [entry for entry in found if entry[1][GAIN]]
    if not panels_of:
        raise SettingError("no episode has been run yet: there is nothing to draw")
    apart = max(range(len(panels_of)), key=lambda i: _spread(panels_of[i][1]))
    drawn = sorted(sorted(range(len(panels_of)), key=lambda i: -_spread(panels_of[i][1]))[:DRAWN])
    said = [note(results, ["policy", "volatility"])]
    if len(drawn) < len(panels_of):
        said.append(f"{len(drawn)} of {len(panels_of)} panels drawn: those in which the guards differ most")
    return guards_figure(
        [GuardPanel(panels_of[i][0], _points(panels_of[i][1], x)) for i in drawn],
        x,
        _finding(*panels_of[apart], x),
        "; ".join([*said, "misfires: per episode, first attempts only"]),
    )


def _spread(found: Found) -> float:
    gains = [row["mean"] for row in found[GAIN].values()]
    return float(max(gains) - min(gains))


def _points(found: Found, price: str) -> list[Any]:
    from plandrift.experiments.figures.guards import GuardPoint
    from plandrift.experiments.figures.price import PriceAndGain

    most = max(row["mean"] for row in found["steps_fired"].values())
    points = []
    for policy, gain in found[GAIN].items():
        fired = found["steps_fired"][policy]["mean"]
        # First attempts only: one loop of retries would inflate a count of all attempts.
        words = f"{found['first_misfires'][policy]['mean']:.2g} misfires"
        # A policy that fires hardly anything hardly ever misfires.
        if fired < most / 2:
            words += f", fires {fired:.2g} calls"
        points.append(GuardPoint(PriceAndGain(policy, ends(found[price][policy]), ends(gain)), words))
    return points


def _finding(heading: str, found: Found, results: Results, price: str) -> str:
    """Return a sentence on the two guards that are furthest apart among those that differ significantly."""
    order = sorted(found[GAIN], key=lambda policy: -found[GAIN][policy]["mean"])
    shares = {policy: found[GAIN][policy]["mean"] for policy in order}

    def what(policy: str) -> str:
        paid = found[price][policy]["mean"]
        amount = f"{paid:.2g}" if paid else "no"
        return f"{shares[policy]:.0%} of the goals for {amount} {price.replace('_', ' ')}"

    for more, less in sorted(combinations(order, 2), key=lambda pair: shares[pair[1]] - shares[pair[0]]):
        if compare(results, f"policy={more},{less}", GAIN)[0]["verdict"] == "more":
            return f"At {heading} {more} meets {what(more)}, {less} {what(less)}"
    span = f"{shares[order[-1]]:.0%} to {shares[order[0]]:.0%}"
    return f"At {heading} the guards do not differ significantly in goals met: {span}"
