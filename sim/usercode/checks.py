"""Checks of an episode's settings against each other and against the world."""

from __future__ import annotations

from plandrift.sim.companions.planning import Planning
from plandrift.sim.interfaces.policy import Policy
from plandrift.sim.interfaces.world import Scene, World
from plandrift.sim.settings.agent import Agent
from plandrift.sim.settings.channel import Channel
from plandrift.sim.terms.errors import SettingError

IN_ALL = 50_000_000
"""An episode with more events than this is refused as a mistake."""

MOST = 2_000_000
"""How many changes, polls or steps an episode may have: that takes the slowest named policy minutes."""


def check_seed(seed: object) -> None:
    """Check that random streams can be derived from a seed.

    Raises:
        SettingError: it is not a whole number from 0 to 2⁶³ − 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise SettingError(name="seed", problem=f"= {seed!r}", fix="give a whole number of at least 0")
    if seed >= 1 << 63:
        raise SettingError(name="seed", problem="is too large", fix=f"give a whole number below {1 << 63}")


def check_size(world: World, channel: Channel, agent: Agent, horizon: float) -> None:
    """Refuse settings that would cause far too many events in one episode, or that can have no effect.

    Raises:
        SettingError: the message names the setting and the nearest accepted value.
    """
    most = MOST
    if channel.sampling == "poll" and horizon / channel.poll_every > most:
        raise SettingError(
            name="channel.poll_every",
            problem=f"= {channel.poll_every:g}: that makes {horizon / channel.poll_every:.0e} polls by the "
            f"horizon of {horizon:g}",
            fix=f"give at least {horizon / most:g}",
        )
    if horizon / agent.step_duration.mean > most:
        raise SettingError(
            name="agent.step_duration",
            problem=f"= {agent.step_duration}: too short for a horizon of {horizon:g}",
            fix=f"give at least {horizon / most:g}",
        )
    _check_changes(world, horizon, 1)
    if agent.lost_ack and agent.ack_timeout.mean < agent.step_duration.mean:
        raise SettingError(
            name="agent.ack_timeout",
            problem=f"= {agent.ack_timeout}: a call is answered after agent.step_duration = "
            f"{agent.step_duration} at the earliest",
            fix="give at least that much",
        )


def check_changes(world: World, scene: Scene, horizon: float) -> None:
    """Refuse a volatility at which the fluents would make far too many changes in one episode.

    Raises:
        SettingError: the message names the greatest volatility and the greatest horizon accepted.
    """
    _check_changes(world, horizon, len(scene.first))


def _check_changes(world: World, horizon: float, fluents: int) -> None:
    changes = world.expected_changes(fluents, horizon)
    if changes > MOST:
        of = "a fluent" if fluents == 1 else f"its {fluents} fluents"
        raise SettingError(
            name="volatility",
            problem=f"= {world.volatility:g}: that makes {changes:.0e} changes of {of} by the horizon of "
            f"{horizon:g}",
            fix=f"give at most {world.volatility * MOST / changes:g}, or a horizon of at most "
            f"{horizon * MOST / changes:g}",
        )


def check_repair(policy: Policy, scene: Scene, own_planner: bool) -> None:
    """Refuse a policy that repairs plans if the planner cannot do that.

    Raises:
        SettingError: the scene, or the user's planner, plans from scratch each time.
    """
    if policy.repairs and (own_planner or type(Planning.of(scene)).repair is Planning.repair):
        who = "your own planner" if own_planner else type(scene).__name__
        raise SettingError(
            name="policy.repair",
            problem=f"= True: {who} plans from scratch each time",
            fix="leave it False, or give a world whose plans can be repaired, such as pddl",
        )


def check_side_effects(agent: Agent, scene: Scene) -> None:
    """Refuse a rate of side effects if the scene's calls have none.

    Raises:
        SettingError: the scene does not define any side effects.
    """
    if agent.side_effects and type(scene).side_effects is Scene.side_effects:
        raise SettingError(
            name="agent.side_effects",
            problem=f"= {agent.side_effects!r}: calls of {type(scene).__name__} have no side effects",
            fix="leave it 0, or give a world whose scene has `side_effects`, such as files",
        )


def check_kinds(world: object, policy: object) -> None:
    """Check the types of world and policy, and suggest a fix if a name, class or function was passed instead.

    Raises:
        SettingError: one of the two has the wrong type.
    """
    for name, given, kind in (("world", world, World), ("policy", policy, Policy)):
        if isinstance(given, kind):
            continue
        if isinstance(given, str):
            fix = f"give the {name} itself, such as " + (
                "plandrift.worlds.Records()" if kind is World else "plandrift.policies.gated()"
            )
            shown = repr(given)
        elif callable(given):
            shown = getattr(given, "__name__", repr(given))
            fix = f"call it: give {shown}()"
        else:
            shown, fix = f"{given!r:.60}", f"give a plandrift.{kind.__name__}"
        raise SettingError(f"{name} = {shown}: that is not a {name}: {fix}")
