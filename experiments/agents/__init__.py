"""Everything for real agents: their transcripts, guards and faults. No other room imports it."""
