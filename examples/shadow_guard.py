"""A guard in shadow around a tool of your own: it says nothing, and logs what each policy would have said."""

from pathlib import Path

from plandrift.guard import Guard

Path("guard.toml").write_text('[tools.save]\nwrites = "note/{input.name}"\n')
guard, notes = Guard.open("guard.toml"), {"todo": "buy milk"}
guard.look("note/", lambda fluent: notes.get(fluent.removeprefix("note/")))
save = guard.tool(lambda name, text: notes.__setitem__(name, text), "save")
guard.saw("note/todo", notes["todo"])
notes["todo"] = "buy milk and bread"  # a colleague, whom the agent does not see
save("todo", "buy milk, done")
print(Path(".plandrift/guard.jsonl").read_text().splitlines()[-2])
