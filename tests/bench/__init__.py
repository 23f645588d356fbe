"""Measures the budgets of the architecture: each figure as a ratio or a size against a limit, in one run.

`make bench` runs everything that applies so far; `registry bench verdict --json FILE` the stranger's page alone.
Servers are pinned to one core and the load to another: these figures compare servers, not machines.
"""
