"""The letter of an invitation. Its link is derived from the house key: it is kept nowhere but in the letter."""

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.accounts import queries, service
from registry.accounts.tables import Account, Invitation
from registry.accounts.words import ROLES
from registry.core import crypto, i18n
from registry.core.context import Context
from registry.core.i18n import N_, _
from registry.core.keyring import Keys

INVITED = N_(
    "Good day, %(name)s.\n\n"
    "%(giver)s invites you to %(operator)s as: %(role)s.\n\n"
    "Open this page, choose a password and connect your phone. It takes about five minutes:\n%(url)s\n\n"
    "The link works once, before %(day)s, %(time)s. If you were not expecting this letter, you need do nothing."
)
ONE_MINUTE = N_(
    "You can report from your phone in one minute, also before you open this invitation:\n%(url)s\n"
    "Say where and what you saw. You do not have to be sure, you do not give your name, and only the authority can read"
    " it."
)
"""Added for trained reporters: the route must be in their hands even if they never sign in."""
AGAIN = N_(
    "Good day, %(name)s.\n\n"
    "%(giver)s sends you this letter so that you can enter %(operator)s again, with a new password and your phone.\n\n"
    "Open this page. It takes about five minutes:\n%(url)s\n\n"
    "The link works once, before %(day)s, %(time)s. If you asked nobody for it, tell whoever manages the registry."
)


def link_token(keys: Keys, invitation_id: UUID, letters: int) -> str:
    """What stands at the end of the letter's link."""
    return crypto.b64url(crypto.hmac_sha256(keys.derived("invitation"), invitation_id.bytes + letters.to_bytes(4)))


def address(context: Context, invitation: Invitation) -> str:
    """The page that the letter leads to."""
    return f"{context.config.origin}/desk/invitation/{link_token(context.keys, invitation.id, invitation.letters)}"


async def send_invitation(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """Write the link's hash, then send the letter; the same letter twice is the same letter."""
    invitation = await Invitation.objects().get(Invitation.id == UUID(payload["invitation"]))
    if invitation is None or invitation.accepted_at or invitation.ended_at:
        return
    token = link_token(context.keys, invitation.id, invitation.letters)
    hashed = crypto.sha256(token.encode())
    if invitation.token_sha256 != hashed:
        await service.letter_linked(SYSTEM, now, invitation.id, invitation.letters, hashed)
    giver = await Account.objects().get(Account.id == invitation.invited_by)
    where = (
        (await queries.names([invitation.organisation])).get(invitation.organisation) if invitation.organisation else ""
    )
    with i18n.speaking(invitation.language):
        values = {
            "name": invitation.name,
            "giver": giver.name if giver else context.config.operator,
            "operator": context.config.operator,
            "role": _(ROLES[invitation.role]) + (f", {where}" if where else ""),
            "url": address(context, invitation),
            "day": i18n.long_day(invitation.expires_at, context.config.time_zone),
            "time": i18n.clock(invitation.expires_at, context.config.time_zone),
        }
        words = AGAIN if invitation.renews else INVITED
        text = _(words, **values)
        if invitation.role == Role.TRAINED_REPORTER:
            text += "\n\n" + _(ONE_MINUTE, url=f"{context.config.origin}/report")
        subject = _("Your invitation to %(operator)s", operator=context.config.operator)
        await context.mail.send(invitation.email, subject, text, key=f"invitation-{invitation.id}-{invitation.letters}")
