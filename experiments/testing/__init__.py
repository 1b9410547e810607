"""Checks that every world and every policy must pass, for use in your own tests."""
