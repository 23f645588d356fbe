"""People with a key to the desk: invitations, sign-in in two steps, sessions, and the roles each person holds.

Nobody registers: an account begins with an invitation from somebody whose role may give that role, and everybody
proves themselves with a password and a code from their phone. An invitation: invited -> accepted | ended. An account:
active <-> locked; it is never deleted, because the trail speaks of it. A role: held -> ended.

Follows NIST SP 800-63B-4 (length before composition, no scheduled change), RFC 6238 with each step used once, and
ISO/IEC 17065 4.2: nobody gives themselves a role, administrators least of all.
"""
