"""A small picture of a seal for its holder's own site: it says what the register says now, in words, shape and colour.

Never green when the seal is not valid, grey when our copy is too old; it carries name or plate and the time, so that it
is nobody else's and yesterday's picture cannot say today. It is an image that leads to the seal's page: our pages
themselves stand in nobody's frame.
"""
