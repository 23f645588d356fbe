"""Who is trained: sessions, attendance, knowledge checks, records, and the share of a roster that is covered at a date.

A session is `open` (the facilitator confirms each person and enters the check) and then `closed` (records are made) or
`cancelled`. Attendance can be mended while its session is open; a record never changes (migrations: training_guards).
Words: *coverage* is workers with every module their post needs, valid that day, at assurance L1 or better, over all
active workers, outsourced and seasonal included. *Critical* posts must be covered whole. L0 is what an employer says,
and never counts; L1 the person's own card or phone; L2 the facilitator saw them.

    checks.py    which items of the bank a session asks, and whether somebody passed
    signals.py   patterns that a person should look at; a signal never refuses anything
    rules.py     coverage, validity, states

A scheme version says which module a post needs and for how long (schemes/content.py). Domain.md 4; ISO/IEC 17065 6.1.2.
"""
