"""What an officer says on the authority's own machine: progress, an outcome, a reply; signed here, sealed to the code.

Each becomes one signed answer: what it is, which envelope, and the very data the register's door takes. The agent's
machine sends it; a machine without a line writes it to a file, which is handed in at the desk.
"""

from registry.core import crypto
from registry.core.errors import Invalid
from registry.core.i18n import N_, _, speaking
from registry.reports import envelope, notary
from registry.reports.agent.case import Case
from registry.reports.rules import Outcome, Progress
from registry.reports.schemas import Answer

TEMPLATES = {
    "received": N_("We have received what you told us. A person is looking at it. You do not have to do anything."),
    "need_place": N_("We need to know more exactly where it was: the name of the place, the street, the room or the"
                     " vehicle. Please file another report that begins with: more about my report."),
    "need_time": N_("We need to know more exactly when it was: the day and the hour, also roughly. Please file another"
                    " report that begins with: more about my report."),
    "call": N_("Please call us on %(number)s if you can. You do not have to say who you are."),
    "closed": N_("We have done what we could and have closed this. Thank you for telling."),
}  # fmt: skip
STANDING = N_("We will never ask you to meet anybody, to go back to the place, to take photos, or to say who you are.")
LONGEST = 3000


def acknowledged(case: Case, signer: crypto.Signer, reference: str = "") -> Answer:
    """The office takes it: the proof from inside, and its signature, with its own number for the case."""
    called = reference or case.reference
    statement = notary.statement("acknowledged", case.envelope, bytes.fromhex(case.sha256), reference=called)
    data = {"reference": called, "signature": _by(signer, statement), "proof": case.proof}
    return Answer("acknowledged", case.envelope, data)


def imported(case: Case, signer: crypto.Signer) -> Answer:
    """The office keeps it in its own system: the register's copy may go in a month."""
    statement = notary.statement("imported", case.envelope, bytes.fromhex(case.sha256))
    return Answer("imported", case.envelope, {"signature": _by(signer, statement)})


def progress(case: Case, signer: crypto.Signer, said: Progress) -> Answer:
    statement = notary.statement("progress", case.envelope, bytes.fromhex(case.sha256), progress=str(said))
    return Answer("progress", case.envelope, {"progress": str(said), "signature": _by(signer, statement)})


def outcome(case: Case, signer: crypto.Signer, said: Outcome) -> Answer:
    statement = notary.statement("outcome", case.envelope, bytes.fromhex(case.sha256), outcome=str(said))
    return Answer("outcome", case.envelope, {"outcome": str(said), "signature": _by(signer, statement)})


def reply(case: Case, signer: crypto.Signer, text: str, counter: int) -> Answer:
    """Words that only the code opens: sealed to the key that stood inside the report, whatever the register names."""
    body = envelope.seal_reply(text, case.reply_recipient)
    statement = notary.statement(
        "reply", case.envelope, bytes.fromhex(case.sha256), counter=counter, reply=crypto.sha256(body).hex()
    )
    data = {"counter": counter, "body": crypto.b64url(body), "signature": _by(signer, statement)}
    return Answer("replies", case.envelope, data)


def words(case: Case, template: str, own: str, *, free_text: bool, number: str = "") -> str:
    """A reply in the reporter's language, with what is always said. Own words only where the authority allows them."""
    if own and not free_text:
        raise Invalid("reply-own-words")
    if own and (not own.strip() or len(own) > LONGEST):
        raise Invalid("reply-too-long", fields={"text": "reply-too-long"})
    if template == "call" and not number:
        raise Invalid("reply-needs-number")
    with speaking(str(case.report.get("language", ""))):
        said = own.strip() or _(TEMPLATES[template]) % {"number": number}
        return f"{said}\n\n{_(STANDING)}"


def _by(signer: crypto.Signer, said: bytes) -> str:
    return crypto.b64url(signer.sign(said))
