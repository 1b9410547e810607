"""Measure: the truth, the plan in hand against it, and every figure."""
