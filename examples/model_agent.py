"""A language model as the agent: a loop over any endpoint that offers OpenAI's chat completions.

    python examples/model_agent.py --model NAME --base-url http://127.0.0.1:8080/v1 --guard look-first

If the endpoint needs a key, it is read from OPENAI_API_KEY. Thinking costs time in proportion to its tokens.
"""

import argparse
import json
import os
import urllib.request
from typing import Any

from plandrift import PlandriftError, Session
from plandrift.experiments.agents.play.tools import Tools, as_text
from plandrift.policies import POLICIES
from plandrift.worlds import Tickets

parser = argparse.ArgumentParser(description="A language model as the agent in a world that changes.")
parser.add_argument("--model", required=True)
parser.add_argument("--base-url", required=True)
parser.add_argument("--guard", choices=sorted(POLICIES))
parser.add_argument("--seed", type=int, default=7)
parser.add_argument("--turns", type=int, default=80, help="maximum number of answers from the model")
options = parser.parse_args()


def completion(body: dict[str, Any]) -> Any:
    """Get one answer from the model."""
    key = os.environ.get("OPENAI_API_KEY", "")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    url = options.base_url.rstrip("/") + "/chat/completions"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)


guard = POLICIES[options.guard]() if options.guard else None
with Session(Tickets(), guard, seed=options.seed, latency=1.0, pace="tokens:0.002") as session:
    tools = Tools(session)
    functions = [{"type": "function", "function": tool.function} for tool in tools.listed.values()]
    said: list[dict[str, Any]] = [{"role": "system", "content": tools.brief()}]
    said.append({"role": "user", "content": "Begin. Act by calling functions only."})
    for _ in range(options.turns):
        answer = completion({"model": options.model, "tools": functions, "messages": said})
        session.spent(answer.get("usage", {}).get("completion_tokens", 0))
        said.append(answer["choices"][0]["message"])
        calls = said[-1].get("tool_calls") or []
        for call in calls:
            try:
                asked = call["function"]
                told = as_text(tools.call(asked["name"], json.loads(asked["arguments"])))
            except (PlandriftError, ValueError) as error:
                told = f"error: {error}"
            said.append({"role": "tool", "tool_call_id": call["id"], "content": told})
        if session.over or not calls:
            break
session.save("trace.jsonl")
print(f"{options.model}: goals met {session.metrics.goals_met:.0%}, {session.metrics.misfires} misfires")
