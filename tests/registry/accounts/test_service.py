"""Joining, signing in, roles and their ends, on PostgreSQL."""

from datetime import datetime, timedelta

import pytest

from registry.access.actor import STRANGER, SYSTEM
from registry.access.permissions import Role
from registry.accounts import entry, jobs, queries, rules, service
from registry.accounts.schemas import Invite
from registry.accounts.tables import Account, DeskSession
from registry.core import crypto
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import Busy, Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from tests.people import AMALIA, BRUNO, PASSWORD, enter
from tests.registry.accounts.looks import NEW, events, invited, joined

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


# Joining.


async def test_an_invited_person_joins_and_has_the_role(context: Context, now: datetime) -> None:
    account, _, session = await joined(context, now)
    actor = await queries.actor_of(account)
    assert actor.roles == {Role.AUDITOR}
    found = await queries.visitor(session, now)
    assert found is not None
    assert found.actor == actor
    assert "accounts.joined" in await events(account)
    assert "accounts.phone_enrolled" in await events(account)


async def test_the_letter_has_the_link_and_the_database_does_not(context: Context, now: datetime) -> None:
    made, token = await invited(context, now)
    (letter,) = (context.config.data / "mail").glob("*.eml")
    assert token in letter.read_text().replace("=\n", "")
    (row,) = await fetch("SELECT row_to_json(i)::text AS all FROM invitation i WHERE id = $1", made)
    assert token not in row["all"]


async def test_a_link_works_once(context: Context, now: datetime) -> None:
    _, token = await invited(context, now)
    await service.accept_invitation(STRANGER, now, token, PASSWORD)
    with pytest.raises(Conflict, match="invitation-used"):
        await service.accept_invitation(STRANGER, now, token, PASSWORD)


async def test_a_link_ends_after_a_fortnight(context: Context, now: datetime) -> None:
    _, token = await invited(context, now)
    with pytest.raises(Conflict, match="invitation-expired"):
        await service.accept_invitation(STRANGER, now + timedelta(days=14), token, PASSWORD)


async def test_a_letter_sent_again_replaces_the_first_link(context: Context, now: datetime) -> None:
    made, first = await invited(context, now)
    await service.resend(SYSTEM, now, made)
    await outbox.drain(context, now)
    with pytest.raises(NotFound):
        await service.accept_invitation(STRANGER, now, first, PASSWORD)
    await service.accept_invitation(STRANGER, now, jobs.link_token(context.keys, made, 2), PASSWORD)


async def test_an_invitation_taken_back_opens_nothing(context: Context, now: datetime) -> None:
    made, token = await invited(context, now)
    await service.end_invitation(SYSTEM, now, made)
    with pytest.raises(Conflict, match="invitation-ended"):
        await service.accept_invitation(STRANGER, now, token, PASSWORD)
    with pytest.raises(NotFound):
        await service.end_invitation(SYSTEM, now, made)


async def test_a_made_up_link_opens_nothing(context: Context, now: datetime) -> None:
    for token in ("", "x", "' OR 1=1 --", "\x00", "é" * 1000):
        with pytest.raises(NotFound):
            await service.accept_invitation(STRANGER, now, token, PASSWORD)


async def test_only_the_system_links_a_letter(context: Context, now: datetime) -> None:
    made, _ = await invited(context, now)
    admin = await enter(AMALIA, now)
    with pytest.raises(Forbidden):
        await service.letter_linked(admin, now, made, 1, crypto.sha256(b"mine"))


async def test_an_invitation_is_no_way_round_a_password(context: Context, now: datetime) -> None:
    account, _, _ = await joined(context, now)
    _, token = await invited(context, now, Invite(NEW.email, NEW.name, Role.TRAINER))
    with pytest.raises(Conflict, match="account-exists"):
        await service.accept_invitation(STRANGER, now, token, "otra frase larga distinta")
    actor = await queries.actor_of(account)
    await service.accept_role(actor, now, token)
    assert (await queries.actor_of(account)).roles == {Role.AUDITOR, Role.TRAINER}


async def test_a_role_offered_to_another_cannot_be_taken(context: Context, now: datetime) -> None:
    _, token = await invited(context, now)
    other = await enter(BRUNO, now)
    with pytest.raises(Forbidden, match="invitation-for-another"):
        await service.accept_role(other, now, token)


async def test_the_same_invitation_is_not_sent_twice(context: Context, now: datetime) -> None:
    await invited(context, now)
    with pytest.raises(Conflict, match="invitation-already-open"):
        await service.invite(SYSTEM, now, NEW)
    once = uuid7()
    other = Invite("otra@registro.example", "Otra", Role.AUDITOR)
    assert await service.invite(SYSTEM, now, other, once=once) == await service.invite(SYSTEM, now, other, once=once)


async def test_what_is_held_already_is_not_offered(context: Context, now: datetime) -> None:
    await joined(context, now)
    with pytest.raises(Conflict, match="role-already-held"):
        await service.invite(SYSTEM, now, NEW)


# Signing in.


async def test_signing_in_takes_password_and_then_code(context: Context, now: datetime) -> None:
    _, secret, _ = await joined(context, now)
    later = now + timedelta(minutes=5)
    half = await service.sign_in(STRANGER, later, NEW.email.upper(), PASSWORD)
    assert half
    assert await queries.visitor(half, later) is None, "half a sign-in opens nothing"
    full = await service.confirm_code(STRANGER, later, context.keys, half, rules.totp(secret, rules.step_at(later)))
    assert full
    assert full != half
    assert await queries.visitor(full, later) is not None
    with pytest.raises(Conflict, match="sign-in-over"):
        await service.confirm_code(STRANGER, later, context.keys, half, rules.totp(secret, rules.step_at(later) + 1))


async def test_a_code_that_was_used_is_refused(context: Context, now: datetime) -> None:
    _, secret, _ = await joined(context, now)
    code = rules.totp(secret, rules.step_at(now))
    half = await service.sign_in(STRANGER, now, NEW.email, PASSWORD)
    assert half
    assert await service.confirm_code(STRANGER, now, context.keys, half, code) is None


async def test_a_recovery_code_works_once(context: Context, now: datetime) -> None:
    account, _, _ = await joined(context, now)
    code = entry.recovery_codes(context.keys, account, 1)[3]
    for works in (True, False):
        half = await service.sign_in(STRANGER, now, NEW.email, PASSWORD)
        assert half
        assert bool(await service.confirm_code(STRANGER, now, context.keys, half, code.upper())) is works
    assert await queries.codes_left(account) == 9
    await service.renew_codes(await queries.actor_of(account), now, context.keys)
    assert await queries.codes_left(account) == 10
    half = await service.sign_in(STRANGER, now, NEW.email, PASSWORD)
    assert half
    old = entry.recovery_codes(context.keys, account, 1)[4]
    assert await service.confirm_code(STRANGER, now, context.keys, half, old) is None


async def test_known_and_unknown_addresses_are_refused_and_wait_alike(context: Context, now: datetime) -> None:
    await joined(context, now)
    for address in (NEW.email, "nadie@registro.example"):
        for _ in range(rules.FREE_TRIES):
            assert await service.sign_in(STRANGER, now, address, "no es la contraseña") is None
        with pytest.raises(Busy) as waiting:
            await service.sign_in(STRANGER, now, address, PASSWORD)
        assert waiting.value.details["retry_after"] == 31
    after = now + rules.wait_after(rules.FREE_TRIES)
    assert await service.sign_in(STRANGER, after, NEW.email, PASSWORD)


async def test_the_right_password_alone_does_not_forget_wrong_tries(context: Context, now: datetime) -> None:
    await joined(context, now)
    for _ in range(rules.FREE_TRIES):
        half = await service.sign_in(STRANGER, now, NEW.email, PASSWORD)
        assert half
        await service.confirm_code(STRANGER, now, context.keys, half, "000000")
    with pytest.raises(Busy):
        await service.sign_in(STRANGER, now, NEW.email, PASSWORD)


async def test_wrong_tries_of_yesterday_no_longer_count(context: Context, now: datetime) -> None:
    await joined(context, now)
    for _ in range(rules.FREE_TRIES - 1):
        await service.sign_in(STRANGER, now, NEW.email, "no")
    assert await service.sign_in(STRANGER, now + timedelta(hours=25), NEW.email, "no") is None
    assert await service.sign_in(STRANGER, now + timedelta(hours=25), NEW.email, PASSWORD)


async def test_a_second_phone_is_not_enrolled_over_the_first(context: Context, now: datetime) -> None:
    account, _, _ = await joined(context, now)
    half = await service.sign_in(STRANGER, now, NEW.email, PASSWORD)
    assert half
    secret = entry.proposed_secret(context.keys, account, half)
    with pytest.raises(Conflict, match="phone-already-enrolled"):
        await service.enrol_totp(STRANGER, now, context.keys, half, rules.totp(secret, rules.step_at(now)))


async def test_no_secret_lies_open_in_the_database(context: Context, now: datetime) -> None:
    account, secret, session = await joined(context, now)
    rows = await fetch("SELECT row_to_json(a)::text || coalesce((SELECT string_agg(row_to_json(s)::text, '')"
                       " FROM desk_session s), '') AS all FROM account a WHERE id = $1", account)  # fmt: skip
    everything = rows[0]["all"]
    for hidden in (
        secret.hex(),
        PASSWORD,
        session,
        session.encode().hex(),
        *entry.recovery_codes(context.keys, account, 1),
    ):
        assert hidden not in everything


async def test_signing_out_ends_this_session_only(context: Context, now: datetime) -> None:
    account, secret, first = await joined(context, now)
    later = now + timedelta(minutes=2)
    half = await service.sign_in(STRANGER, later, NEW.email, PASSWORD)
    assert half
    second = await service.confirm_code(STRANGER, later, context.keys, half, rules.totp(secret, rules.step_at(later)))
    assert second
    await service.sign_out(await queries.actor_of(account), later, first)
    assert await queries.visitor(first, later) is None
    assert await queries.visitor(second, later) is not None


async def test_a_session_is_written_at_most_once_a_minute(context: Context, now: datetime) -> None:
    _, _, token = await joined(context, now)
    for seconds, seen in ((30, 0), (61, 61), (90, 61)):
        await queries.visitor(token, now + timedelta(seconds=seconds))
        session = await DeskSession.objects().get(DeskSession.token_sha256 == crypto.sha256(token.encode()))
        assert session is not None
        assert session.last_seen_at == now + timedelta(seconds=seen)


async def test_changing_the_password_closes_the_other_browsers(context: Context, now: datetime) -> None:
    account, secret, first = await joined(context, now)
    later = now + timedelta(minutes=2)
    half = await service.sign_in(STRANGER, later, NEW.email, PASSWORD)
    assert half
    second = await service.confirm_code(STRANGER, later, context.keys, half, rules.totp(secret, rules.step_at(later)))
    assert second
    actor = await queries.actor_of(account)
    assert not await service.change_password(actor, later, second, "no es esta", "otra frase bien larga")
    with pytest.raises(Invalid, match="password-too-short"):
        await service.change_password(actor, later, second, PASSWORD, "corta")
    assert await service.change_password(actor, later, second, PASSWORD, "otra frase bien larga")
    assert await queries.visitor(first, later) is None
    assert await queries.visitor(second, later) is not None
    assert await service.sign_in(STRANGER, later, NEW.email, "otra frase bien larga")


async def test_who_lost_everything_begins_again_by_letter(context: Context, now: datetime) -> None:
    account, _, session = await joined(context, now)
    admin = await enter(AMALIA, now)
    made = await service.renew_entry(admin, now, account)
    await outbox.drain(context, now)
    assert await queries.visitor(session, now) is not None, "nothing changes before the link is used"
    await service.accept_invitation(STRANGER, now, jobs.link_token(context.keys, made, 1), "una frase nueva y larga")
    assert await queries.visitor(session, now) is None
    assert await queries.codes_left(account) == 0
    half = await service.sign_in(STRANGER, now, NEW.email, "una frase nueva y larga")
    assert half
    secret = entry.proposed_secret(context.keys, account, half)
    assert await service.enrol_totp(STRANGER, now, context.keys, half, rules.totp(secret, rules.step_at(now)))
    with pytest.raises(Forbidden, match="own-account"):
        await service.renew_entry(admin, now, admin.id)


async def test_recovery_codes_are_shown_until_they_are_kept(context: Context, now: datetime) -> None:
    account, _, _ = await joined(context, now)
    await service.keep_codes(await queries.actor_of(account), now)
    row = await Account.objects().get(Account.id == account)
    assert row is not None
    assert row.codes_kept_at == now


async def test_the_desk_learns_my_language(context: Context, now: datetime) -> None:
    actor = await enter(BRUNO, now)
    await service.choose_language(actor, now, "pt")
    assert (await queries.actor_of(actor.id)).language == "pt"
    with pytest.raises(NotFound):
        await service.choose_language(actor, now, "xx")
