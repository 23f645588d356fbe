"""Certification: from an application to a decision, and what may happen to that decision later.

A **certification** is one case of one holder: a single business, or a group whose members share an association. Its
**scope** are the units that will carry a seal (establishments and vehicles). A **team** evaluates, a **reviewer**
checks the evaluation, a **decider** decides; `impartiality.py` keeps them apart, also from administrators.

States say who acts next (rules.WAITS_FOR): applied (officer) · returned (applicant) · accepted (officer) · planned and
in_evaluation (team) · corrections_open (the business mends, the team verifies) · evaluated (reviewer) · reviewed
(decider) · granted · suspended. Final: declined, cancelled, lapsed, refused, withdrawn, superseded (renewed), ended (at
the holder's wish). Expired, and lapsed after a long silence of the holder, are also computed from dates, so they hold
at their instant whether or not a job ran. Steps, evaluations, reviews and decisions are only ever added.

    rules.py           the whole life, ROWS          guards.py         what each row asks, one function each
    requirements.py    what a seal needs: `missing`  impartiality.py   who may not touch a case
    facts.py           what all of them look at      validity.py       from when and until when
    sampling.py        whom to visit in a group      past.py           what stood at a past instant
    applications.py    what an application brings    moves.py          what several verbs check and write alike
    renewing.py        what a grant takes the place of    chains.py    a suspension and what goes on from it
    file.py            what is in a case's file      signing.py        who has signed what so far
    deadlines.py       what is due by when           planning.py       what waits for a plan, what a draw sees
    dossier.py         what one reader's page shows  letters.py        what people are told of a decision
    screening.py       what is looked at before an application is accepted    competence.py   what auditors know
    questionnaire.py   what a holder is asked of itself    assessing.py  its page
    forms.py words.py  what a browser sends, what people read
    routes.py          lists and the rail            case_routes.py intake_routes.py objection_routes.py ties_routes.py

Verbs: intake.py, an application until it is accepted; self_assessment.py, what the holder says of itself before a team
is planned (a scheme may do without: `self_assessment = false`); objections.py, its one word against the team, answered
before anybody visits; service.py, from the plan to the decision, and what is suspended, reinstated or withdrawn;
suspension.py, the second pair of eyes and an authority's word; annulment.py, what an appeals panel ruled or stayed;
scope.py, what is covered, and the end at the holder's wish; ties.py, the registers of ties and of what auditors know.
What a year asks is the room above, surveillance.

Follows ISO/IEC 17065: 7.2 application, 7.3 application review, 7.4 evaluation, 7.5 review, 7.6 decision, 7.9
surveillance, 7.11 suspension and withdrawal, 4.2 impartiality; IAF MD 1 for the shape of a sample. This is the model
room: rules to sampling are pure; only the verbs, and moves.py for them, write; routes decide nothing.
"""
