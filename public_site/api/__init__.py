"""Public JSON for partners' machines, versioned apart from the pages: one endpoint a file under v1/.

`/api/v1/seals/{code}` is the same live verdict as `/s/{code}.json`; no key, no quota, readable from any origin.
"""
