"""What strangers tell the register about a seal: it does not match, it is still on show, nobody knows it.

A notice is about a mark and never about a child (that is a report, and goes to an authority) and holds nothing about
who sent it: no name, no address, no device. States: open (we look into it), closed (with what was found).
ISO/IEC 17030, 6 (misuse of marks); ISO/IEC 17065, 4.1.3 (use of certificates and marks).
"""
