"""The 28 checks of the reporting channel, each in a file of its own; `python -m tests.channel` runs them.

A check is `check_NN.py` with `async def run(world) -> Result`. It has a process and a database of its own, so one that
breaks, hangs or kills itself fails its line and the others go on. Its `world` is tests.registry.reports.world's: an
office, its keys, a signed directory, an open gate in CR-G. Who needs more than functions in one process takes it from
tests.registry.reports.living (the product served by processes of its own), tests.channel.post (an SMTP server) and
tests.registry.reports.agent.primero_server (a Primero).
"""
