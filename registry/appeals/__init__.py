"""Appeals: a holder asks that a decision about it be looked at again, by people who had no part in it.

lodged (the officer acknowledges, 5 working days) · acknowledged (the officer seats a panel) · seated (the panel
declares, hears and rules, 60 days from the lodging) · to_carry_out (upheld, wholly or in part: an uninvolved decider
acts) · closed (dismissed, withdrawn by the appellant, or carried out). The decision stands meanwhile, unless the panel
stays it.

Whoever evaluated, reviewed, decided or touched the case in any other way, and whoever has a tie to the holder, sits on
no panel about it (I1, I2): rules.py says so, every verb asks again, and PostgreSQL refuses it by itself
(migrations/registry/appeals_guards.py), in both directions. A panel of three rules by majority; who agreed and who did
not is kept. The panel decides about a decision; it never certifies: what a ruling asks for is done by a decider through
the verbs of certification.

ISO/IEC 17065, 7.13.
"""
