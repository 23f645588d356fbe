"""Printing: stickers and certificates, one at a time or a fleet in one PDF while a page says how far it is.

What is drawn stands in pure files: artwork (the layout), picture (SVG and PNG), sheet and certificate (PDF by typst),
qr; prints puts the words in. The symbol says an address and nothing else, so nothing printed depends on a key.

A print is waiting, running, done, cancelled or failed. It is made in parts that are kept, so that a server that stops
goes on where it was; it never stands in the outbox's way, because a suspension may not wait behind stickers.
What is not valid at the moment of fetching is not handed out: a print is then asked for again. Kept for a week.
"""
