"""And then what? Every event of the house and the jobs it sets off; an empty line means: nothing, it is only recorded.

A job is idempotent, runs after the verb's transaction has committed, and calls a verb with the system's actor.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from audit.visits import jobs as visits
from registry.accounts import jobs as accounts
from registry.appeals import jobs as appeals
from registry.authorities import jobs as authorities
from registry.certification import jobs as certification
from registry.complaints import jobs as complaints
from registry.core.context import Context
from registry.impartiality import jobs as impartiality
from registry.outbox import service as outbox
from registry.outbox.service import Job
from registry.printing import jobs as printing
from registry.reports import jobs as reports
from registry.scans import jobs as scans
from registry.seals import jobs as seals
from registry.surveillance import jobs as surveillance
from registry.trail import jobs as trail
from registry.witnesses import jobs as witnesses

NONE: tuple[Job, ...] = ()

REACTIONS: dict[str, tuple[Job, ...]] = {
    "authorities.registered": NONE,
    "authorities.agreement_signed": NONE,
    "authorities.directory_loaded": (authorities.publish,),
    "authorities.hotline_added": (authorities.publish,),
    "authorities.hotline_checked": (authorities.publish,),
    "authorities.hotline_retired": (authorities.publish,),
    "accounts.invited": (accounts.send_invitation, authorities.tell_office),
    "appeals.lodged": (appeals.tell,),
    "appeals.acknowledged": (appeals.tell,),
    "appeals.seated": (appeals.tell,),
    "appeals.stayed": (appeals.tell,),
    "appeals.ruled": (appeals.tell,),
    "appeals.withdrawn": (appeals.tell,),
    "appeals.carried_out": (appeals.tell,),
    "certification.applied": NONE,
    "certification.accepted": NONE,
    "certification.returned": (certification.tell_applicant,),
    "certification.declined": (certification.tell_applicant,),
    "certification.planned": (visits.schedule_visit, certification.tell_team),
    "certification.objection_answered": (certification.tell_objection,),
    "certification.evaluated": NONE,
    "certification.reviewed": NONE,
    "certification.granted": (seals.issue_seals, certification.tell_decision),
    "certification.refused": (certification.tell_decision,),
    "certification.suspended": (seals.suspend_seals, certification.tell_decision),
    "certification.reinstated": (seals.reinstate_seals, certification.tell_decision),
    "certification.renewed": (seals.renew_seals, certification.tell_decision),
    "certification.extended": (seals.issue_seals, certification.tell_decision),
    "certification.reduced": (seals.end_seals, certification.tell_decision),
    "certification.uncovered": (seals.end_seals,),
    "certification.ended": (seals.end_seals, certification.tell_end, complaints.ask_removal),
    "certification.confirmed": (certification.tell_decision,),
    "certification.annulled": (seals.reinstate_seals, certification.tell_decision),
    "certification.withdrawn": (seals.revoke_seals, certification.tell_decision, complaints.ask_removal),
    "complaints.acknowledged": (complaints.tell,),
    "complaints.assigned": (complaints.tell_investigator,),
    "complaints.closed": (complaints.tell,),
    "impartiality.glass_broken": (impartiality.tell_glass,),
    "impartiality.glass_agreed": (impartiality.tell_glass,),
    "misuse.warned": (complaints.tell_holder,),
    "misuse.published": (complaints.publish,),
    "findings.read_out": NONE,
    "findings.answered": (certification.hear_answer,),
    "findings.verified": NONE,
    "findings.reopened": NONE,
    "clients.association_enrolled": NONE,
    "clients.edited": (seals.enlist,),
    "clients.left": (seals.enlist, certification.follow_member),
    "clients.list_committed": NONE,
    "clients.list_undone": NONE,
    "clients.roster_entered": NONE,
    "clients.unit_retired": (seals.retire_seals, certification.follow_unit),
    "commitments.ended": (seals.enlist,),
    "commitments.signed": (seals.enlist,),
    "schemes.published": NONE,
    "seals.changed": (seals.publish,),
    "seals.erased": (seals.publish, seals.withdraw_credentials, complaints.forget_holder),
    "surveillance.completed": (seals.refresh_seals,),
    "surveillance.reported": (surveillance.tell_reported,),
    "training.closed": NONE,
}

Loop = Callable[[Context, asyncio.Event], Coroutine[Any, Any, None]]

LOOPS: tuple[Loop, ...] = (
    outbox.work,
    reports.work,
    authorities.keep_reminding,
    seals.keep_fresh,
    witnesses.keep_witnessed,
    witnesses.keep_forgetting,
    printing.work,
    scans.keep_forgetting,
    surveillance.keep_warning,
    trail.keep_chained,
    complaints.keep_listed,
)
"""What goes on without an event for as long as a house works, beside its doors or in `registry worker`. A loop outlives
a database that is away, and any number of them may run at once."""
