"""Findings: what a visit met that does not conform, and how it was mended.

A finding is raised with the auditor's answer and read out at the closing meeting; its dates count from there.
raised (client) -> answered (evaluator) -> verified, or reopened (client) with the count of reopenings. An observation
owes nothing. A finding the auditor took back before the closing is dropped, with the answer that did it.
Words: correction mends the case; the cause says why; the corrective action removes the cause; verification closes it.
Clauses: ISO/IEC 17065, 7.4; ISO 19011, 6.4.8 and 6.6. A worry about a child is never a finding (domain.md 3).
"""
