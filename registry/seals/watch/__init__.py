"""What anybody can run over the published files, without our database and without our keys.

source: a folder, a bucket, a house or a mirror, as one function that fetches a file · head: the few files that change,
read and held against their signatures · folding: the leaves, streamed, each seal's state computed from them · showing:
whether snapshot, lists and credentials say what the leaves give · comparing: whether everybody is shown the same log ·
memory: what a monitor remembers between two runs · monitor: all of these in their order · mirror: a verified copy ·
earlier: earlier versions of lists, for a mirror · single: one seal, from published files or offline.

Nothing read here is believed because of where it came from. A finding names the leaf of the seal it is about.
"""
