"""The term of commitment: read in full, signed by the business itself, kept as the exact bytes that were signed.

A commitment is `in force` from its signature until it is ended, runs out (parameters.commitment_months) or its text was
replaced longer ago than the overlap allows. Signing makes a business *committed*, never certified.

    canonical.py  text shown -> the bytes signed, and their hashes (vectors in tests/vectors/commitments.json)

Only the business's own representative binds it: its association, the staff and the system cannot sign for a member.
ISO/IEC 17065 4.1.2 (certification agreement); domain.md 2 (ACCEPTED -> COMMITTED).
"""
