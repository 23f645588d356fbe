"""Witnesses: outsiders who have seen our log and say so, each with a signature under its checkpoint.

A ministry, a university or an NGO runs a C2SP tlog-witness. We send it every new checkpoint with the proof that it
continues the last one it saw; it answers with a line (cosignature/v1) or a refusal. The lines stand in `checkpoint`
itself; `checkpoint.cosigned` is the newest one with enough of them, so that a seal's proof holds a quorum also while
the next lines are on their way. Which witnesses, at which addresses, and how many are enough, stands in one C2SP
tlog-policy file (REGISTRY_WITNESSES).

No decision waits for a witness: publication goes on when one is away, and everybody can read how many cosigned and
when. What a witness stops is a second history: it refuses a tree that does not continue the one it signed (422), and
keeps both. If it shows a larger tree with our own signature, this database was put back, and nothing more is signed.

Words: ask (a witness), refuse (it, us), away (did not answer), ahead (saw more of our log than we have).
"""
