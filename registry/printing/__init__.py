"""Printing: many seals in one PDF, made beside everything else while a page says how far it is.

A print is waiting, running, done, cancelled or failed. It is made in parts that are kept, so that a server that stops
goes on where it was; it never stands in the outbox's way, because a suspension may not wait behind stickers.
What is not valid at the moment of fetching is not handed out: a print is then asked for again. Kept for a week.
What a sticker or certificate looks like is seals' (artwork, sheet, certificate); this room only counts and keeps.
"""
