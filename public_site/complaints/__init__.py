"""The stranger's way to complain: about a holder, an auditor or the register itself, and to read what came of it.

The code is shown once and opens where the complaint stands and the answer, never what was written. A worry about a
child is no complaint: each page says where it belongs, above the form. ISO/IEC 17065, 7.13.
"""
