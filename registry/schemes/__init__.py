"""Codes of conduct as data: what is asked, by when, in whose words; never code.

A scheme is a code with a key; a version is its text on paper: criteria and questions, term of commitment, slogan,
parameters and training modules with their question banks, in every language of the scheme. Old cases stay on theirs.

    content.py  the shape of that text, checked to the letter; folder of TOML -> structs -> the bytes that are hashed
    data/       the texts this repository brings: edit a copy under a new number, never one that was published

A version is published once: kept as its canonical bytes with their SHA-256, and PostgreSQL refuses to change it
(migrations: schemes_guards). It applies from `effective_on` (00:00 UTC); before a newer one applies, it is current.
ISO/IEC 17065 7.1 (certification requirements are public and documented), 17067 (scheme).
"""
