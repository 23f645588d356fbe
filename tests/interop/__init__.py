"""Other people's verifiers over what we publish: `make interop` prints a line for each, the tests run the quick ones.

None of their code, and no schema of theirs, stands in this repository: npm packages come by package-lock.json, Python
ones by later.lock, the UNTP and W3C schemas are read from ../shared/data where that folder is there.
"""
