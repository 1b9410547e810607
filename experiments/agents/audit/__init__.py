"""How stale a real agent was, and which guard would have caught it: by operations, never by contents."""
