"""Complaints, and misuse of the mark: what anybody tells us about a holder, an auditor, ourselves, or a seal.

A **complaint** is about a holder, an auditor or the registry. received (the officer acknowledges, 3 working days) ·
acknowledged (the officer validates) · in_investigation (somebody uninvolved finds out) · closed. Whoever complained
keeps a code, and reads with it what is happening and what came of it, without an account.

A **notice** is what a stranger says about a mark: it does not match, it is still on show, nobody knows it. It holds
nothing about who sent it. A **misuse** is what we make of notices: open (the officer looks into it) · warned (the
holder, or whoever was never certified, has 5 days to take it down) · published (they did not) · removed (a photograph
shows it) · closed.

A concern about a child is none of these: it is a report. A person who meets one here moves it (registry/reports), and
no word of it stays: a complaint that is not ours looks the same, whatever it was.

ISO/IEC 17065, 7.13 (complaints), 4.1.3 (use of marks); ISO/IEC 17030, 6; ISO 10002.
"""
