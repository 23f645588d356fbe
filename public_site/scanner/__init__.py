"""/scan: help for those already on the site. A code can be typed; how to scan with the phone's own camera is said.

Needs no script. A mistyped code is caught by its check characters, without a look-up, and is given back for mending.
"""
