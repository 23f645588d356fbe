"""What became of reports, in numbers that point at nobody: per country and quarter, rounded, small numbers left out.

Each quarter is published once, a month after it ended, and never changed (registry.reports.figures says how and why).
"""
