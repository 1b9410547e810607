"""What every HTTP server demands of its clients."""
