"""The public list of misuse of the mark: which false or ended seals are on show, where, and since when it is told.

It is read from the published file alone, and believed only with its signature. It accuses nobody of anything else.
"""
