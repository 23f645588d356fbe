"""Certification: from an application to a decision, and what may happen to that decision later.

A **certification** is one case of one holder: a single business, or a group whose members share an association. Its
**scope** are the units that will carry a seal (establishments and vehicles). A **team** evaluates, a **reviewer**
checks the evaluation, a **decider** decides; `impartiality.py` keeps them apart, also from administrators.

States say who acts next (rules.WAITS_FOR): applied (officer) · returned (applicant) · accepted (officer) · planned and
in_evaluation (team) · corrections_open (the business mends, the team verifies) · evaluated (reviewer) · reviewed
(decider) · granted · suspended. Final: declined, cancelled, lapsed, refused, withdrawn. Expired and lapsed are also
computed from dates, so they hold at their instant whether or not a job ran. Steps, evaluations, reviews and decisions
are only ever added.

    rules.py           the life of a case            requirements.py   what a seal needs: `missing`, said once
    facts.py           what both look at             impartiality.py   who may not touch a case
    sampling.py        whom to visit in a group      validity.py       from when and until when
    applications.py    what an application brings    moves.py          what several verbs check and write alike
    file.py            what is in a case's file      dossier.py        what one reader's page shows of it
    forms.py words.py  what a browser sends, what people read

Follows ISO/IEC 17065: 7.2 application, 7.3 application review, 7.4 evaluation, 7.5 review, 7.6 decision, 7.9
surveillance, 7.11 suspension and withdrawal, 4.2 impartiality; IAF MD 1 for the shape of a sample. This is the model
room: the first six are pure; only service.py, and moves.py for it, write; routes decide nothing.
"""
