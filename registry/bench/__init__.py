"""Figures of the stranger's page, measured: `registry bench verdict --json FILE`.

load (servers and wrk, each pinned to a core of its own), world (a register of so many seals, made in bulk in the real
formats), verdict (the run: grow the register, publish it, measure it). tests/bench measures the other budgets with it.
"""
