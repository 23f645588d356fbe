"""Surveillance: what keeps a certificate true between its grant and its renewal.

Each year by the anniversary a holder hands in an **annual report** whose figures are the registry's own, training is
checked against the roster, and a team visits where the risk asks for it or the draw of one in ten says so. What is due
or overdue is computed from dates: no job has to have run. A failed year suspends nothing; it stands before a decider
with its reason written. Holders are **warned** 60, 30 and 7 days before a certificate, a surveillance or a training
ends. **Changes** of owner, name, plate or premises are told within 30 days; an officer decides whether to evaluate.
Follows ISO/IEC 17065, 7.9 and 7.10.

    rules.py     what a year asks, what is due, the draw; pure     service.py   the verbs
    queries.py   the queues                                        jobs.py      warnings, on their own beat
"""
