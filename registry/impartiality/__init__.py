"""Impartiality: the register of ties as its committee reads it, and the glass that two people may break.

A **tie** is a person's bond to an organisation, declared by the person or discovered by the register; what follows
from it is computed in certification (who may not touch a case). The **committee** looks at each tie once a year and
says how it is treated; it decides nothing else. The **glass**: where every decider evaluated the holder in an earlier
case, so that nobody is left who may sign, one of them may sign for a day when a second one agrees; the committee hears
of it at once. It lifts that one obstacle and no other, for nobody but a decider: no administrator has an override.

ISO/IEC 17065, 4.2 and 5.2.
"""
