"""What every server over HTTP holds its clients to."""
