"""Worlds as Gymnasium environments: learn when to fire, look, wait or replan; or play in text.

Importing this module registers ``plandrift/Tickets-v0`` and its siblings.
"""

from __future__ import annotations

import string
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.agents.play.person import turn_of
from plandrift.experiments.agents.play.tools import Tools
from plandrift.sim import PlandriftError, Session, SettingError, Streams, World
from plandrift.worlds import WORLDS

try:
    gymnasium: Any = import_module("gymnasium")
except ImportError:
    raise PlandriftError("Gymnasium is not installed: pip install 'plandrift[gym]'") from None

ACTIONS = ("fire", "look", "wait", "replan", "done")
"""The meaning of an action given as a number: make the plan's next call; read afresh what it needs; let one
unit of time pass; make a new plan from what is known; declare that it is done."""
HEARD = ("", "ok", "error", "refused", "no answer", "blocked", "skipped", "withdrawn", "under way")
"""The possible responses to the last call, in the order of their numbers."""
FEATURES = ("time", "left", "stale", "plan_age", "belief_age", "goals_open")
"""What is observed, each in [0, 1]: shares of the horizon passed, of the plan left, and of that part which
looks stale; ages of plan and belief relative to the horizon; goals not known to hold."""
LONGEST = 4000
"""The most characters in a text."""
CHARACTERS = string.ascii_letters + string.digits + string.punctuation + " \n"


class SessionEnv(gymnasium.Env):  # type: ignore[misc]
    """A session as an environment.

    The reward is the episode's effectiveness, paid at its end, minus a cost for each misfire and each
    harmful call when it is made. The reward is based on the truth; observations never are.

    Args:
        world: a built-in world by name, or a world.
        space: ``dict`` (`ACTIONS` and `FEATURES`), or ``text``: a line as a person types it in
            `plandrift agent play`, and the reply to it.
        misfire: cost of a misfire.
        harm: cost of a harmful call.
        **settings: settings as for `plandrift.Session`, with `volatility` for the world.

    Raises:
        SettingError: a name or a value is wrong.

    >>> env = SessionEnv("telegraph", volatility=0.0)
    >>> seen, _ = env.reset(seed=7)
    >>> _, reward, over, _, _ = env.step(ACTIONS.index("done"))
    >>> float(seen["features"][1]), over, reward
    (1.0, True, 0.0)
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["ansi"]}

    def __init__(
        self,
        world: str | World = "tickets",
        *,
        space: str = "dict",
        misfire: float = 0.1,
        harm: float = 1.0,
        volatility: float | None = None,
        render_mode: str | None = None,
        **settings: Any,
    ) -> None:
        if space not in ("dict", "text"):
            raise SettingError(name="space", problem=f"= {space!r}", fix="give dict or text")
        if isinstance(world, str):
            if world not in WORLDS:
                raise SettingError(name="world", problem=f"= {world!r}", fix="give a built-in world")
            world = WORLDS[world]() if volatility is None else WORLDS[world](volatility=volatility)
        self.world, self.in_text, self.costs, self.given = world, space == "text", (misfire, harm), settings
        self.render_mode = render_mode
        spaces = gymnasium.spaces
        if self.in_text:
            self.action_space = spaces.Text(LONGEST, min_length=0, charset=CHARACTERS)
            self.observation_space = spaces.Text(LONGEST, min_length=0, charset=CHARACTERS)
        else:
            self.action_space = spaces.Discrete(len(ACTIONS))
            features = spaces.Box(0.0, 1.0, (len(FEATURES),), np.float32)
            self.observation_space = spaces.Dict({"features": features, "heard": spaces.Discrete(len(HEARD))})
        self.session: Session | None = None
        self._said = ""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin a session with this seed, or with a randomly drawn one."""
        super().reset(seed=seed)
        number = seed if seed is not None else int(self.np_random.integers(2**31))
        session = self.session = Session(self.world, seed=number, **self.given)
        self._tools, self._heard, self._counted = Tools(session), "", 0
        self._scene = self.world.begin(Streams(number), session.horizon)
        self._planned = 1
        self._lines = [session.introduction.task]
        if not self.in_text:
            self._replan()
        return self._seen(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take a turn."""
        session = self._session
        self._lines = []
        if self.in_text:
            turn_of(self._tools, str(action), self._lines.append)
        else:
            self._act(ACTIONS[int(action)])
        reward = 0.0
        for step in session.steps[self._counted :]:
            reward -= self.costs[0] * step.misfire + self.costs[1] * (step.outcome == "harmful")
        self._counted = len(session.steps)
        ended = session.over and session.episode.end == "horizon"
        if session.over:
            reward += session.metrics.effectiveness
        return self._seen(), float(reward), session.over and not ended, ended, {}

    def render(self) -> str | None:
        """Return the last reply, if rendering is on."""
        return self._said if self.render_mode == "ansi" else None

    def close(self) -> None:
        """Leave the session."""
        if self.session is not None:
            self.session.leave("the environment was closed")

    @property
    def _session(self) -> Session:
        if self.session is None:
            raise PlandriftError("the environment has not begun: call reset first")
        return self.session

    def _act(self, action: str) -> None:
        session = self._session
        following = session.plan_left[0] if session.plan_left else None
        self._heard = ""
        if action == "fire" and following is not None:
            self._heard = session.do(following).reported
        elif action == "look" and following is not None:
            needs = list(self._scene.requires(following)) or list(self._scene.effects(following))
            session.look(*needs)
        elif action == "replan":
            self._replan()
        elif action == "done":
            session.done()
        else:
            session.wait(1.0)
        self._lines.append(f"{action}: {self._heard or 'nothing comes back'}")

    def _replan(self) -> None:
        session = self._session
        belief = {fluent: held.value for fluent, held in session.known().items()}
        calls = self._scene.plan(belief)
        session.submit_plan(calls)
        self._planned = max(1, len(calls or ()))

    def _seen(self) -> Any:
        session = self._session
        self._said = "\n".join(self._lines)[:LONGEST]
        if self.in_text:
            return "".join(letter if letter in CHARACTERS else "?" for letter in self._said)
        view, goals = session.view, session.goals
        held = session.known(*goals) if goals else {}
        unmet = sum(held[fluent].value != wanted for fluent, wanted in goals.items())
        values = [
            session.time / session.horizon,
            len(session.plan_left) / self._planned,
            view.perceived_staleness,
            view.plan_age / session.horizon,
            view.belief_age / session.horizon,
            unmet / len(goals) if goals else 1.0,
        ]
        features: NDArray[np.float32] = np.clip(np.array(values, np.float32), 0.0, 1.0)
        return {"features": features, "heard": HEARD.index(self._heard)}


def _register() -> None:
    """Register an environment for each built-in world that needs no files."""
    for name, world in WORLDS.items():
        if name in ("recorded", "pddl"):
            continue
        gymnasium.register(
            id=f"plandrift/{world.__name__}-v0", entry_point=SessionEnv, kwargs={"world": name}
        )


_register()
