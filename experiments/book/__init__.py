"""The questions that the suites ask, and the book of their answers."""
