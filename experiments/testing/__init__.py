"""What every world and every policy must keep, to be called from a test of one's own."""
