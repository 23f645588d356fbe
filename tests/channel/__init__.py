"""The 28 checks of the reporting channel, each in a file of its own; `python -m tests.channel` runs them."""
