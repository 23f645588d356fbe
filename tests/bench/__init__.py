"""Measures the budgets of the architecture: each figure as a ratio or a size against a limit, in one run.

`make bench` runs everything that applies so far, and then `registry bench verdict`, the stranger's page alone.
"""
