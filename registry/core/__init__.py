"""What every room stands on, without a word of the domain: database, storage, keys, pages, languages, time.

One idea a file. `problems.py` alone knows HTTP status, `crypto.py` alone imports cryptography, `clock.py` alone reads
the clock.
"""
