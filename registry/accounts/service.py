"""What may be done about accounts and roles. Signing in is entry.py's.

A room above tells this one what it cannot know: WITHIN says whether an organisation is one an actor may give this role
for (a business among the association's members), and is filled by clients.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.access.verbs import verb
from registry.accounts import entry, rules
from registry.accounts.queries import held_by
from registry.accounts.rules import AccountState
from registry.accounts.schemas import Invite
from registry.accounts.tables import Account, Invitation, RoleHeld
from registry.core.db import fetch
from registry.core.errors import Conflict, Forbidden, NotFound
from registry.core.i18n import LANGUAGES
from registry.core.ids import uuid7
from registry.core.keyring import Keys
from registry.outbox import service as outbox
from registry.trail import service as trail

WITHIN: dict[Role, Callable[[Actor, UUID], Awaitable[bool]]] = {}
"""By role: whether this actor may give it for this organisation. A role given across organisations needs one."""

accept_invitation = entry.accept_invitation
sign_in, confirm_code, enrol_totp, sign_out = entry.sign_in, entry.confirm_code, entry.enrol_totp, entry.sign_out
change_password = entry.change_password


@verb(Permission.ACCOUNTS_INVITE)
async def invite(actor: Actor, now: datetime, data: Invite) -> UUID:
    """Offer a role to an address. The letter is sent by the outbox (jobs.py), which alone knows its link."""
    address, name = rules.email(data.email), rules.person_name(data.name)
    account = await Account.objects().get(Account.email == address)
    await _may_give(actor, account.id if account else None, data.role, data.organisation)
    open_one = await fetch(
        "SELECT id FROM invitation WHERE email = $1 AND role = $2 AND organisation IS NOT DISTINCT FROM $3"
        " AND accepted_at IS NULL AND ended_at IS NULL AND expires_at > $4",
        address, str(data.role), data.organisation, now,
    )  # fmt: skip
    if open_one:
        raise Conflict("invitation-already-open", email=address, fields={"email": "invitation-already-open"})
    if account and await _held(account.id, data.role, data.organisation):
        raise Conflict("role-already-held", fields={"email": "role-already-held"})
    invitation = Invitation(
        id=uuid7(), email=address, name=name, role=data.role, organisation=data.organisation,
        language=data.language if data.language in LANGUAGES else "es", by_organisation=_behalf(actor),
        invited_by=actor.id, invited_at=now, expires_at=now + rules.INVITATION_LIVES, letters=1,
    )  # fmt: skip
    await invitation.save()
    await trail.record(actor, now, "accounts.invited", invitation.id, role=data.role, organisation=data.organisation)
    await outbox.announce("accounts.invited", now, invitation=str(invitation.id))
    return invitation.id


@verb(Permission.ACCOUNTS_INVITE)
async def resend(actor: Actor, now: datetime, invitation_id: UUID) -> None:
    """A new letter with a new link and a new fortnight; the old link stops working."""
    invitation = await _invitation(actor, invitation_id)
    await Invitation.update(
        {
            Invitation.letters: invitation.letters + 1,
            Invitation.token_sha256: None,
            Invitation.expires_at: now + rules.INVITATION_LIVES,
        }
    ).where(Invitation.id == invitation_id)
    await trail.record(actor, now, "accounts.invited", invitation_id, again=True)
    await outbox.announce("accounts.invited", now, invitation=str(invitation_id))


@verb(Permission.ACCOUNTS_INVITE)
async def end_invitation(actor: Actor, now: datetime, invitation_id: UUID) -> None:
    """Take the offer back; its link stops working at once."""
    await _invitation(actor, invitation_id)
    await Invitation.update({Invitation.ended_at: now}).where(Invitation.id == invitation_id)
    await trail.record(actor, now, "accounts.invitation_ended", invitation_id)


@verb(Permission.ACCOUNTS_INVITE)
async def letter_linked(actor: Actor, now: datetime, invitation_id: UUID, letters: int, token_sha256: bytes) -> None:
    """The letter's link works from now on. Only the system writes letters."""
    if Role.SYSTEM not in actor.roles:
        raise Forbidden("permission-missing")
    await Invitation.update({Invitation.token_sha256: token_sha256}).where(
        (Invitation.id == invitation_id) & (Invitation.letters == letters)
    )
    await trail.record(actor, now, "accounts.letter_linked", invitation_id)


@verb(Permission.ACCOUNTS_INVITE)
async def grant_role(
    actor: Actor, now: datetime, account_id: UUID, role: Role, organisation: UUID | None = None
) -> UUID:
    """Give a role to a person who has an account. Giving what is held already changes nothing."""
    await _may_give(actor, account_id, role, organisation)
    if not await Account.exists().where(Account.id == account_id):
        raise NotFound("account-not-found")
    if held := await _held(account_id, role, organisation):
        return held
    given = RoleHeld(
        id=uuid7(), account=account_id, role=role, organisation=organisation, by_organisation=_behalf(actor),
        given_by=actor.id, given_at=now,
    )  # fmt: skip
    await given.save()
    await trail.record(actor, now, "accounts.role_granted", account_id, role=role, organisation=organisation)
    return given.id


@verb(Permission.ACCOUNTS_INVITE)
async def end_role(actor: Actor, now: datetime, role_id: UUID) -> None:
    """Take a role away. It works on the person's next click: an actor's roles are read at each request."""
    held = await RoleHeld.objects().get((RoleHeld.id == role_id) & RoleHeld.ended_at.is_null())
    if held is None:
        raise NotFound("role-not-found")
    await _may_give(actor, held.account, Role(held.role), held.organisation)
    await RoleHeld.update({RoleHeld.ended_at: now, RoleHeld.ended_by: actor.id}).where(RoleHeld.id == role_id)
    await trail.record(actor, now, "accounts.role_ended", held.account, role=held.role, organisation=held.organisation)


@verb(Permission.ACCOUNTS_MANAGE)
async def lock(actor: Actor, now: datetime, account_id: UUID, reason: str) -> None:
    """Close an account and every browser it is open in. What it did stays."""
    if actor.id == account_id:
        raise Forbidden("own-account")
    await _set_state(account_id, AccountState.ACTIVE, AccountState.LOCKED)
    await entry.end_sessions(account_id, now)
    await trail.record(actor, now, "accounts.locked", account_id, reason=reason[:500])


@verb(Permission.ACCOUNTS_MANAGE)
async def unlock(actor: Actor, now: datetime, account_id: UUID, reason: str) -> None:
    """Open it again; the person signs in as before."""
    if actor.id == account_id:
        raise Forbidden("own-account")
    await _set_state(account_id, AccountState.LOCKED, AccountState.ACTIVE)
    await trail.record(actor, now, "accounts.unlocked", account_id, reason=reason[:500])


@verb(Permission.ACCOUNTS_MANAGE)
async def renew_entry(actor: Actor, now: datetime, account_id: UUID) -> UUID:
    """A letter to begin again, for who lost password or phone. Until its link is used, nothing changes.

    Not for oneself: then one stolen browser of an administrator could outlive its session.
    """
    if actor.id == account_id:
        raise Forbidden("own-account")
    account = await Account.objects().get((Account.id == account_id) & (Account.state == AccountState.ACTIVE))
    roles = await fetch(
        "SELECT role, organisation FROM role_held WHERE account = $1 AND ended_at IS NULL ORDER BY given_at LIMIT 1",
        account_id,
    )
    if account is None or not roles:
        raise NotFound("account-not-found")
    await Invitation.update({Invitation.ended_at: now}).where(
        (Invitation.renews == account_id) & Invitation.accepted_at.is_null() & Invitation.ended_at.is_null()
    )
    invitation = Invitation(
        id=uuid7(), email=account.email, name=account.name, renews=account_id, language=account.language,
        invited_by=actor.id, invited_at=now, expires_at=now + rules.RENEWAL_LIVES, letters=1, **roles[0],
    )  # fmt: skip
    await invitation.save()
    await trail.record(actor, now, "accounts.entry_renewed", account_id)
    await outbox.announce("accounts.invited", now, invitation=str(invitation.id))
    return invitation.id


@verb(Permission.ACCOUNTS_OWN)
async def accept_role(actor: Actor, now: datetime, token: str) -> UUID:
    """Take an offered role into the account one already has. The offer must be to this account's own address."""
    invitation = await entry.open_invitation(token, now)
    account = await Account.objects().get(Account.id == actor.id)
    if account is None or account.email != invitation.email or invitation.renews:
        raise Forbidden("invitation-for-another")
    await entry.join(invitation, account.id, now)
    await trail.record(actor, now, "accounts.joined", account.id, role=invitation.role)
    return account.id


@verb(Permission.ACCOUNTS_OWN)
async def keep_codes(actor: Actor, now: datetime) -> None:
    """The person says the recovery codes are kept; from now on nobody is shown them."""
    await Account.update({Account.codes_kept_at: now}).where((Account.id == actor.id) & Account.codes_kept_at.is_null())
    await trail.record(actor, now, "accounts.codes_kept", actor.id)


@verb(Permission.ACCOUNTS_OWN)
async def renew_codes(actor: Actor, now: datetime, keys: Keys) -> None:
    """Ten new recovery codes; the old ones stop working."""
    await entry.make_codes(actor.id, keys, now)
    await trail.record(actor, now, "accounts.codes_made", actor.id)


@verb(Permission.ACCOUNTS_OWN)
async def choose_language(actor: Actor, now: datetime, language: str) -> None:
    """The desk and its letters speak this language to me."""
    if language not in LANGUAGES:
        raise NotFound("not-found")
    await Account.update({Account.language: language}).where(Account.id == actor.id)
    await trail.record(actor, now, "accounts.language_chosen", actor.id, language=language)


async def _may_give(actor: Actor, account: UUID | None, role: Role, organisation: UUID | None) -> None:
    held = held_by(actor)
    rules.give(actor.id, held, account, role, organisation)
    across = (role, organisation) not in held and role is Role.REPRESENTATIVE
    if across and Role.SYSTEM not in actor.roles and organisation is not None:
        within = WITHIN.get(role)
        if within is None or not await within(actor, organisation):
            raise Forbidden("role-not-yours-to-give")


def _behalf(actor: Actor) -> UUID | None:
    return next(iter(actor.organisations(Role.ASSOCIATION_ADMIN)), None)


async def _held(account: UUID, role: Role, organisation: UUID | None) -> UUID | None:
    rows = await fetch(
        "SELECT id FROM role_held WHERE account = $1 AND role = $2 AND organisation IS NOT DISTINCT FROM $3"
        " AND ended_at IS NULL",
        account, str(role), organisation,
    )  # fmt: skip
    return rows[0]["id"] if rows else None


async def _invitation(actor: Actor, invitation_id: UUID) -> Invitation:
    """One that is still open and whose role this actor may give: others' look absent."""
    found = await Invitation.objects().get(Invitation.id == invitation_id).lock_rows("UPDATE")
    invitation: Invitation | None = found
    if invitation is None or invitation.accepted_at or invitation.ended_at:
        raise NotFound("invitation-not-found")
    try:
        await _may_give(actor, None, Role(invitation.role), invitation.organisation)
    except Forbidden:
        raise NotFound("invitation-not-found") from None
    return invitation


async def _set_state(account_id: UUID, before: AccountState, after: AccountState) -> None:
    changed = await fetch(
        "UPDATE account SET state = $3 WHERE id = $1 AND state = $2 RETURNING id", account_id, str(before), str(after)
    )
    if not changed:
        raise Conflict("account-not-in-that-state")
