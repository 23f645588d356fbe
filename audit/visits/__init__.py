"""Visits: an audit team at a place, or at the office and a drawn sample of a group.

planned -> opened (opening meeting) -> closed (closing meeting, signature) -> reported (handed to certification).
Between opening and closing the team answers the frozen checklist; an answer is added, never overwritten, and a blank is
none of the answers. The number a visit ends in is internal: the public sees only that the criteria are met.
Words: audit team, lead auditor, evidence, finding, conclusion (ISO 19011, 6.4); evaluation (ISO/IEC 17065, 7.4).
"""
