"""The wing for real agents: their transcripts, guards and faults. The other rooms import nothing of it."""
