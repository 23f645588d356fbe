"""How much of a form is read, and how much of one comes back. What stands in it: reports.told."""

BODY = 190_000
GIVEN_BACK = 1_000_000
"""Bytes of a form that is too long to be sent and still comes back with every word."""
