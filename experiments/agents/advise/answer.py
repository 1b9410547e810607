"""The answer in words: the guard and why, the runner-up, where the choice flips, what to measure better."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plandrift.experiments.agents.advise.advice import Advice, GuardStanding
from plandrift.experiments.agents.advise.flips import FlipLine
from plandrift.experiments.agents.advise.guards import NONE
from plandrift.experiments.agents.advise.prices import COMPONENTS
from plandrift.experiments.agents.advise.ranking import RISK
from plandrift.experiments.agents.advise.system import in_words, named
from plandrift.experiments.analysis.selection import CUT
from plandrift.experiments.statistics.text import interval_text
from plandrift.sim.settings.real_time import time_words

PRICE = "price of "


def money(value: float) -> str:
    """Format a cost for people."""
    return f"{value:.3g}"


def recommendation(found: Advice) -> str:
    """Say which guard to build, what it costs, and what it saves."""
    best, none = found.best, found.unguarded
    close = [one.guard.name for one in found.standings if one.verdict == "not told apart"]
    if best.guard.name == NONE or NONE in close:
        if best.guard.name == NONE:
            return (
                f"No guard pays off: without one an episode costs {_cost(best)}, and every guard costs "
                "as much or more. Ask again when your world moves faster or a misfire costs more."
            )
        return (
            f"It is not decided whether {best.guard.name} is better than no guard: it costs "
            f"{_cost(best)}, no guard "
            f"{_cost(none)}, a difference of {interval_text(none.above)}. Do not build one before you "
            "know more."
        )
    said = (
        f"Build {best.guard.name}: a guard that {best.guard.words}. An episode costs {_cost(best)} with it "
        f"and {_cost(none)} without a guard; it saves {_saved(found)}."
    )
    if close:
        said += f" The difference from {_listed(close)} is not decided."
    return said


def next_best(found: Advice) -> str:
    """Say which guard comes next, and how certain the order is."""
    same = [one.guard.name for one in found.standings if one.verdict == "as good"]
    dearer = [one for one in found.standings if one.verdict.startswith("dearer")]
    said = []
    if same:
        said.append(f"{_listed(same)} cost the same on every seed but take more work to build")
    if dearer:
        one = dearer[0]
        said.append(f"next best is {one.guard.name}, {_dearer(one, found.exact)}")
    return "; ".join(said)


def _dearer(one: GuardStanding, exact: bool) -> str:
    """Say how much dearer a guard is than the best; with uncertain numbers it may also be cheaper."""
    low, mean, high = one.above.low, one.above.mean, one.above.high
    if one.verdict == "dearer on average":
        return (
            f"dearer by {money(mean)} per episode on average over the uncertain numbers, and from "
            f"{money(-low)} "
            f"cheaper to {money(high)} dearer within their ranges"
        )
    above = money(mean) if math.isnan(low) else interval_text(one.above)
    return f"dearer by {above} per episode" + (" over the uncertain numbers" if exact and low < high else "")


def surety(found: Advice) -> str:
    """Say how certain the answer is, and what it is based on."""
    if found.exact:
        over = (
            ""
            if len(found.system.draws) == 1
            else "; the ranges come from uncertain numbers of the system, not from chance"
        )
        return (
            "closed forms gave these costs instantly and exactly, without simulation: in a world where "
            "the agent "
            "hears only of its own calls, a guard that waits for news has no effect" + over
        )
    late = (
        "a call lands after its step's duration, for which there is no closed form, so episodes were "
        "simulated; "
        if found.system.lands_late
        else ""
    )
    if found.settled:
        return late + (
            f"settled after {found.chosen_after} episodes: a guard that is cheapest by more than "
            f"{money(found.zone)} is "
            f"chosen with {1 - RISK:.0%} (KN, Kim and Nelson 2001); {max(found.saved, 0)} episodes of "
            "the full sweep were not needed"
        )
    return late + (
        f"unsettled after {found.chosen_after} episodes: any guard that is not told apart may be cheaper "
        f"than the others by more than {money(found.zone)}; give more --episodes, or a larger --indifference"
    )


def priced(found: Advice) -> str:
    """State the cost of a misfire and of a goal not met, singly and together."""
    prices = found.prices
    tied = " (the same as a misfire, because --cost-unmet was not given)" if prices.unmet is None else ""
    both = (
        f": a misfire that leaves its goal unmet costs {money(prices.misfire + prices.unmet_price)}"
        if prices.misfire and prices.unmet_price
        else ""
    )
    return (
        "costs are in the unit of the prices given, in which a misfire costs "
        f"{money(prices.misfire)}, a goal not met {money(prices.unmet_price)}{tied}{both}"
    )


def left_out(found: Advice) -> str:
    """Name the guards that were excluded; empty if none were."""
    return f"not considered, as you asked: {_listed(list(found.without))}" if found.without else ""


def horizon(found: Advice) -> str:
    """State the horizon, how it was chosen, and which guards it cut off; empty if no episode was run."""
    if found.horizon is None:
        return ""
    chosen = (
        f" (an undisturbed episode takes {time_words(found.undisturbed)}; set another with --set horizon=)"
        if found.undisturbed is not None
        else ""
    )
    seeds = sum(one.seeds for one in found.standings)
    share = sum(one.cut_off * one.seeds for one in found.standings) / seeds
    most = sorted((one for one in found.standings if one.cut_off > CUT), key=lambda one: -one.cut_off)
    whose = ", ".join(f"{one.cut_off:.0%} of {one.guard.name}'s" for one in most)
    doubt = f", {whose}, so their results depend on it" if most else ""
    cut = f"cut off {share:.1%} of the episodes{doubt}"
    return f"the horizon was {time_words(found.horizon)}{chosen} and {cut}"


def notes(found: Advice) -> list[str]:
    """Return the notes below the guards, one sentence each without its full stop."""
    said = (next_best(found), surety(found), left_out(found), priced(found), horizon(found))
    return [one for one in said if one]


def flip(line: FlipLine) -> str:
    """Say in words where the choice flips along one number."""
    parts = [stretch for stretch in line.stretches if stretch.best]
    if len(parts) < 2:
        span = (
            f"from {value_of(line, parts[0].low)} to {value_of(line, parts[0].high)}"
            if parts
            else "nowhere, as far as is known"
        )
        return f"{name_of(line)} ({value_of(line, line.here)}): {parts[0].best if parts else '–'} {span}"
    said = []
    for i, one in enumerate(parts):
        if i == 0:
            said.append(f"{one.best} up to {value_of(line, one.high)}")
        elif i == len(parts) - 1:
            said.append(f"{one.best} from {value_of(line, one.low)} on")
        else:
            low, high = value_of(line, one.low), value_of(line, one.high)
            said.append(f"{one.best} at {low}" if low == high else f"{one.best} from {low} to {high}")
    return f"{name_of(line)} ({value_of(line, line.here)}): {', '.join(said)}"


def flips(found: Advice) -> list[FlipLine]:
    """Return the lines along which the choice flips, nearest flip first."""
    lines = [line for line in found.lines if len({one.best for one in line.stretches if one.best}) > 1]
    return sorted(lines, key=_distance)


def _distance(line: FlipLine) -> float:
    """Return the distance of the nearest flip, as the logarithm of a factor."""
    edges = [one.low for one in line.stretches[1:]] + [one.high for one in line.stretches[:-1]]
    return min(abs(math.log(edge / line.here)) for edge in edges)


def settles(found: Advice) -> str:
    """Say which single fact, measured better, would settle the choice."""
    known: Mapping[str, float] = found.worth
    if not known:
        nearest = flips(found)
        hint = f"; the nearest flip is in {name_of(nearest[0])}" if nearest else ""
        return (
            'every number was taken as exact: give a range ("3s to 8s") to see what is worth measuring' + hint
        )
    name, worth = next(iter(known.items()))
    if worth < 0.005 * found.unguarded.cost.mean:
        inside = [line for line in flips(found) if _flips_within(found, line)]
        if inside:
            return (
                f"the choice flips within the range of the {name_of(inside[0])}, but knowing it exactly "
                f"would save at most {money(known[inside[0].name])} per episode: measuring it hardly pays"
            )
        return "no uncertain number would change the choice enough to be worth measuring better"
    return f"measure the {named(name)}: knowing it exactly is worth up to {money(worth)} per episode"


def _flips_within(found: Advice, line: FlipLine) -> bool:
    """Say whether the choice flips within the known range of a number."""
    span = found.system.spans.get(line.name)
    edges = [edge for one in line.stretches for edge in (one.low, one.high)][1:-1]
    return span is not None and any(span.low <= edge <= span.high for edge in edges)


def _saved(found: Advice) -> str:
    """Name the part of the cost that falls the most."""
    vector = found.prices.vector
    fall = (found.unguarded.means - found.best.means) * vector
    most = int(fall.argmax())
    before, after = found.unguarded.means[most], found.best.means[most]
    return f"mostly {COMPONENTS[most]}, {after:.3g} per episode instead of {before:.3g}"


def _cost(one: GuardStanding) -> str:
    return money(one.cost.mean) if math.isnan(one.cost.low) else interval_text(one.cost)


def name_of(line: FlipLine) -> str:
    """Return the name of the number that varies."""
    return line.name if line.name.startswith(PRICE) else named(line.name)


def value_of(line: FlipLine, value: float) -> str:
    """Return a value of the number that varies, with its unit."""
    return money(value) if line.name.startswith(PRICE) else in_words(line.name, value)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
