"""Transcripts of real agents as operations, one file per format, and episodes as transcripts."""
