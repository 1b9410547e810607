"""Analysis of a sweep's rows: tables, differences, claims, sensitivity, and comparison with theory."""
