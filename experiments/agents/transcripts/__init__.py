"""Transcripts of real agents as operations: one file a format, and an episode as a transcript."""
