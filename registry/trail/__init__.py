"""The trail: who did what to what, and when; appended by every verb in its own transaction, never changed.

Words: an *entry* is one act, named as its event (`certification.suspended`). A *link* chains entries by hash in the
order in which a job found them committed, so that a removed or altered entry shows. Details hold ids, states and
codes, never free text about people and never a word about reports.
"""
