"""Measure: the plan in hand, compared with the truth and the belief, and every figure."""
