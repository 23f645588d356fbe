"""Where there are seals: a map of provinces drawn by us, without anybody else's tiles, and a page for each province.

The map says nothing that the table below it does not say, and both count what the copy holds now.
"""
