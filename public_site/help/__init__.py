"""Whom to call, by place: hotlines with the day somebody last rang them. Read from the published files alone."""
