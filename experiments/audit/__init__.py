"""How stale a real agent was, and which guard would have caught it: measured on operations, never on contents."""
