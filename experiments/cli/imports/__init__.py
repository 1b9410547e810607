"""What `plandrift import` can read: histories and transcripts."""
