"""How often seals are looked up, without knowing by whom: per code, day and coarse region, and nothing else.

No address, device, hour or path is kept, so there is nobody to follow and nothing to hand over. A region is what the
operator's own proxy says (a country, a province); without one it is "unknown", and it is never derived from an address.
Counts are held in the door's memory, added in batches, and forgotten after 90 days. A hint is a sentence for the back
office ("counted in three regions on one day: perhaps a copy"), never a verdict: a taxi is scanned all over town.
Words: count (a number of look-ups), hint. domain.md 6 (V1), seals.md 6.
"""
