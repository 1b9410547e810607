"""How stale a real agent was, and which guard would have caught it: from operations, not contents."""
