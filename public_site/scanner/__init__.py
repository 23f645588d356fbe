"""/scan: help for those already on the site. A code can be typed, scanned with the camera, or read from a photo.

Without a script it is a form: a mistyped code is caught by its check characters, without a look-up, and is given back
for mending. With one, the camera's reader is loaded at the tap and never before, and only our own host is opened: what
any other square says is shown and not acted on.

"Save for my trip": somebody who chooses to takes a signed copy of the register along, and it answers where there is no
network (seals.md 3.3): every signature and hash is checked in the browser, its age is always said, and it turns amber
and then grey. Its service worker is the only one of this site and sees /scan/ alone; a cached "valid" nobody asked for
is worse than no answer.

Words: shell (the pages and files that open offline), copy (the register, on one phone), carried (answered from it).
client/ holds the modules the set-up gathers into static/build/ (package.json, "bundles"); code.js, snapshot.js,
verdict.js and face.js are twins of registry.seals.code, registry.seals.snapshot, verification.rules and
verification.page, held to them by tests/vectors and by a journey that lays the two answers side by side.
"""
