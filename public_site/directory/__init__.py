"""Who is certified, and who has only signed: search by name, place or plate, over the copy this door holds in memory.

Establishments and businesses that signed are public and are listed. A vehicle is found by its exact plate alone and
tells its state and nothing else: the published copy holds no list of plates, and neither do we.
Words: hit (a line of the results), folded (without capitals and accents), loose (found in spite of a typing mistake).
"""
