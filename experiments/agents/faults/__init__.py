"""Where an agent fails: histories shrunk to what still makes it fail, a map of them, and a suite of tests."""
