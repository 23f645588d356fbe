"""The door's verbs: joining, signing in with password and then code, leaving. Part of service.py, in a file of its own.

A wrong password is an answer (None), not a refusal: a refusal would roll back the count of wrong tries. Whether an
address is known must not show in words, waiting or time, so an unknown one is compared with a password nobody has.
"""

import asyncio
import unicodedata
from datetime import datetime
from functools import cache
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.accounts import rules
from registry.accounts.rules import AccountState, Stage
from registry.accounts.tables import Account, DeskSession, Invitation, RecoveryCode, RoleHeld
from registry.core import crypto
from registry.core.db import execute, fetch
from registry.core.errors import Busy, Conflict, NotFound
from registry.core.ids import uuid7
from registry.core.keyring import Keys
from registry.trail import service as trail


@verb(Permission.ACCOUNTS_ENTER)
async def accept_invitation(actor: Actor, now: datetime, token: str, password: str, name: str = "") -> UUID:
    """Make the invited person's account, with a password. A code from the phone comes next (enrol_totp).

    Who has an account already signs in and takes the role there: an invitation is never a way round a password.
    """
    invitation = await open_invitation(token, now)
    if invitation.renews:
        return await _begin_again(actor, invitation, password, now)
    if await Account.exists().where(Account.email == invitation.email):
        raise Conflict("account-exists-sign-in")
    called = rules.person_name(name) if name else invitation.name
    chosen = rules.password(password, invitation.email, called)
    account = Account(
        id=uuid7(), email=invitation.email, name=called, language=invitation.language, created_at=now,
        password_hash=await asyncio.to_thread(crypto.hash_password, chosen),
    )  # fmt: skip
    await account.save()
    await join(invitation, account.id, now)
    person = Actor(account.id, called, actor.roles)
    await trail.record(person, now, "accounts.joined", account.id, role=invitation.role)
    return account.id


async def _begin_again(actor: Actor, invitation: Invitation, password: str, now: datetime) -> UUID:
    """A new password, and no phone until one is connected; what was open anywhere is closed."""
    chosen = rules.password(password, invitation.email, invitation.name)
    hashed = await asyncio.to_thread(crypto.hash_password, chosen)
    account_id = invitation.renews
    await Account.update({Account.password_hash: hashed, Account.totp_sealed: None}).where(Account.id == account_id)
    await RecoveryCode.update({RecoveryCode.used_at: now}).where(
        (RecoveryCode.account == account_id) & RecoveryCode.used_at.is_null()
    )
    await end_sessions(account_id, now)
    await Invitation.update({Invitation.accepted_at: now, Invitation.accepted_by: account_id}).where(
        Invitation.id == invitation.id
    )
    await trail.record(Actor(account_id, invitation.name, actor.roles), now, "accounts.began_again", account_id)
    return account_id


async def open_invitation(token: str, now: datetime) -> Invitation:
    """The invitation of this link, locked; raises with what the person can do otherwise."""
    hashed = crypto.sha256(token.encode())
    found = await Invitation.objects().get(Invitation.token_sha256 == hashed).lock_rows("UPDATE")
    invitation: Invitation | None = found
    if invitation is None:
        raise NotFound("invitation-not-found")
    rules.open_invitation(
        invitation.expires_at, invitation.accepted_at is not None, invitation.ended_at is not None, now
    )
    return invitation


async def join(invitation: Invitation, account_id: UUID, now: datetime) -> None:
    """Mark the offer taken and give its role."""
    await Invitation.update({Invitation.accepted_at: now, Invitation.accepted_by: account_id}).where(
        Invitation.id == invitation.id
    )
    await RoleHeld(
        id=uuid7(), account=account_id, role=invitation.role, organisation=invitation.organisation,
        by_organisation=invitation.by_organisation, given_by=invitation.invited_by, given_at=now,
    ).save()  # fmt: skip


@verb(Permission.ACCOUNTS_ENTER)
async def sign_in(actor: Actor, now: datetime, email: str, password: str) -> str | None:
    """The first half: a token for the page that asks for the code; None when address and password do not go together.

    Raises Busy while this address has to wait after too many wrong tries, whether or not anybody has it.
    """
    address = email.strip().lower()[:254]
    tries = await _tries(address, now)
    account = await Account.objects().get(Account.email == address)
    hashed = account.password_hash if account else _nobodys()
    right = await asyncio.to_thread(crypto.password_matches, hashed, _normal(password))
    if not (right and account and account.state == AccountState.ACTIVE):
        await _failed(address, tries, now)
        await trail.record(actor, now, "accounts.sign_in_refused", account.id if account else None)
        return None
    token = await _open(account.id, Stage.HALF, now)
    await trail.record(Actor(account.id, account.name, actor.roles), now, "accounts.password_accepted", account.id)
    return token


@verb(Permission.ACCOUNTS_ENTER)
async def confirm_code(actor: Actor, now: datetime, keys: Keys, token: str, typed: str) -> str | None:
    """The second half: the session's token, new; or None when the code is not one. A recovery code works once."""
    account = await half_signed_in(token, now)
    if account.totp_sealed is None:
        raise Conflict("phone-not-enrolled")
    tries = await _tries(account.email, now)
    person = Actor(account.id, account.name, actor.roles)
    if not (await _phone_agrees(account, keys, typed, now) or await _paper_agrees(person, keys, typed, now)):
        await _failed(account.email, tries, now)
        await trail.record(person, now, "accounts.sign_in_refused", account.id)
        return None
    return await _let_in(person, account, token, now)


@verb(Permission.ACCOUNTS_ENTER)
async def enrol_totp(actor: Actor, now: datetime, keys: Keys, token: str, typed: str) -> str | None:
    """Bind the phone that shows this code, and let the person in. None when the code is not the one."""
    account = await half_signed_in(token, now)
    if account.totp_sealed is not None:
        raise Conflict("phone-already-enrolled")
    tries = await _tries(account.email, now)
    secret = proposed_secret(keys, account.id, token)
    step = rules.matching_step(secret, typed, now, 0)
    if step is None:
        await _failed(account.email, tries, now)
        return None
    sealed = crypto.seal(keys.derived("totp"), secret, account.id.bytes)
    await Account.update({Account.totp_sealed: sealed, Account.totp_last_step: step}).where(Account.id == account.id)
    await make_codes(account.id, keys, now)
    person = Actor(account.id, account.name, actor.roles)
    await trail.record(person, now, "accounts.phone_enrolled", account.id)
    return await _let_in(person, account, token, now)


@verb(Permission.ACCOUNTS_ENTER)
async def sign_out(actor: Actor, now: datetime, token: str) -> None:
    """End this browser's session. Ending one that is over is no mistake."""
    await DeskSession.update({DeskSession.ended_at: now}).where(
        (DeskSession.token_sha256 == crypto.sha256(token.encode())) & DeskSession.ended_at.is_null()
    )
    await trail.record(actor, now, "accounts.signed_out", actor.id)


@verb(Permission.ACCOUNTS_OWN)
async def change_password(actor: Actor, now: datetime, token: str, current: str, password: str) -> bool:
    """A new password; every other browser is signed out. False when the present one is not right."""
    account = await Account.objects().get(Account.id == actor.id).lock_rows("UPDATE")
    if account is None:
        raise NotFound("account-not-found")
    chosen = rules.password(password, account.email, account.name)
    tries = await _tries(account.email, now)
    if not await asyncio.to_thread(crypto.password_matches, account.password_hash, _normal(current)):
        await _failed(account.email, tries, now)
        return False
    hashed = await asyncio.to_thread(crypto.hash_password, chosen)
    await Account.update({Account.password_hash: hashed}).where(Account.id == actor.id)
    await end_sessions(actor.id, now, but=token)
    await trail.record(actor, now, "accounts.password_changed", actor.id)
    return True


async def half_signed_in(token: str, now: datetime) -> Account:
    """Whose password was right in this browser a moment ago. Raises when that is over."""
    hashed = crypto.sha256(token.encode())
    session = await DeskSession.objects().get(DeskSession.token_sha256 == hashed).lock_rows("UPDATE")
    alive = session is not None and session.ended_at is None and session.stage == Stage.HALF
    if (
        session is None
        or not alive
        or not rules.session_lives(Stage.HALF, session.created_at, session.last_seen_at, now)
    ):
        raise Conflict("sign-in-over")
    account: Account | None = await Account.objects().get(Account.id == session.account).lock_rows("UPDATE")
    if account is None or account.state != AccountState.ACTIVE:
        raise Conflict("sign-in-over")
    return account


def proposed_secret(keys: Keys, account_id: UUID, token: str) -> bytes:
    """The phone secret offered in this half session: the same each time the page is shown, kept nowhere before."""
    return crypto.hkdf(keys.derived("totp-offer"), account_id.bytes + crypto.sha256(token.encode()), 20)


async def make_codes(account_id: UUID, keys: Keys, now: datetime) -> None:
    """A new set of recovery codes; the old set stops working."""
    (row,) = await fetch(
        "UPDATE account SET codes_made = codes_made + 1, codes_kept_at = NULL WHERE id = $1 RETURNING codes_made",
        account_id,
    )
    await RecoveryCode.update({RecoveryCode.used_at: now}).where(
        (RecoveryCode.account == account_id) & RecoveryCode.used_at.is_null()
    )
    for code in recovery_codes(keys, account_id, row["codes_made"]):
        await RecoveryCode(id=uuid7(), account=account_id, code_mac=_code_mac(keys, account_id, code)).save()


def recovery_codes(keys: Keys, account_id: UUID, made: int) -> list[str]:
    """The codes of this set: derived, so that a page lost on the way can be shown again until they are kept."""
    return rules.recovery_codes(crypto.hkdf(keys.derived("recovery"), account_id.bytes + made.to_bytes(4), 70))


def _code_mac(keys: Keys, account_id: UUID, code: str) -> bytes:
    return crypto.hmac_sha256(keys.derived("recovery-mac"), account_id.bytes + rules.recovery_typed(code).encode())


async def _phone_agrees(account: Account, keys: Keys, typed: str, now: datetime) -> bool:
    secret = crypto.unseal(keys.derived("totp"), account.totp_sealed, account.id.bytes)
    step = rules.matching_step(secret, typed, now, account.totp_last_step)
    if step is None:
        return False
    await Account.update({Account.totp_last_step: step}).where(Account.id == account.id)
    return True


async def _paper_agrees(person: Actor, keys: Keys, typed: str, now: datetime) -> bool:
    if len(rules.recovery_typed(typed)) != 10:
        return False
    used = await fetch(
        "UPDATE recovery_code SET used_at = $3 WHERE account = $1 AND code_mac = $2 AND used_at IS NULL RETURNING id",
        person.id, _code_mac(keys, person.id, typed), now,
    )  # fmt: skip
    if used:
        await trail.record(person, now, "accounts.recovery_code_used", person.id)
    return bool(used)


async def _let_in(person: Actor, account: Account, token: str, now: datetime) -> str:
    """A new token: what was known before both proofs were given opens nothing (session fixation)."""
    hashed = crypto.sha256(token.encode())
    await DeskSession.update({DeskSession.ended_at: now}).where(DeskSession.token_sha256 == hashed)
    await execute("DELETE FROM sign_in_tries WHERE address_sha256 = $1", crypto.sha256(account.email.encode()))
    await trail.record(person, now, "accounts.signed_in", account.id)
    return await _open(account.id, Stage.FULL, now)


async def end_sessions(account_id: UUID, now: datetime, but: str = "") -> None:
    """Close every browser of this account, but perhaps the one that asks."""
    await execute(
        "UPDATE desk_session SET ended_at = $2 WHERE account = $1 AND ended_at IS NULL AND token_sha256 <> $3",
        account_id,
        now,
        crypto.sha256(but.encode()),
    )


async def _open(account_id: UUID, stage: Stage, now: datetime) -> str:
    token = crypto.token()
    await DeskSession(
        token_sha256=crypto.sha256(token.encode()), account=account_id, stage=stage, created_at=now, last_seen_at=now
    ).save()
    return token


async def _tries(address: str, now: datetime) -> int:
    """Wrong tries so far, the row locked so that two at once count as two. Raises Busy while waiting."""
    key = crypto.sha256(address.encode())
    await execute("INSERT INTO sign_in_tries (address_sha256, failures) VALUES ($1, 0) ON CONFLICT DO NOTHING", key)
    (row,) = await fetch("SELECT * FROM sign_in_tries WHERE address_sha256 = $1 FOR UPDATE", key)
    if row["wait_until"] and now < row["wait_until"]:
        raise Busy("sign-in-wait", retry_after=int((row["wait_until"] - now).total_seconds()) + 1)
    stale = row["failed_at"] is None or now - row["failed_at"] > rules.FORGOTTEN_AFTER
    return 0 if stale else int(row["failures"])


async def _failed(address: str, before: int, now: datetime) -> None:
    failures = before + 1
    await execute("DELETE FROM sign_in_tries WHERE failed_at < $1", now - rules.FORGOTTEN_AFTER)
    await execute(
        "INSERT INTO sign_in_tries (address_sha256, failures, failed_at, wait_until) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (address_sha256) DO UPDATE SET failures = $2, failed_at = $3, wait_until = $4",
        crypto.sha256(address.encode()), failures, now, now + rules.wait_after(failures),
    )  # fmt: skip


@cache
def _nobodys() -> str:
    return crypto.hash_password(crypto.token())


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)[: rules.PASSWORD_MOST + 1]
