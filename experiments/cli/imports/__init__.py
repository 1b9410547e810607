"""What `plandrift agent import` can read: histories and transcripts."""
