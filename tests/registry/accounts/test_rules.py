"""Passwords, codes, waiting, and who may hand out what."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.access.permissions import Role
from registry.accounts import rules
from registry.accounts.rules import Stage
from registry.core.errors import Conflict, Forbidden, Invalid

moments = st.integers(1_577_836_800, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
secrets = st.binary(min_size=20, max_size=20)
roles = st.sampled_from(sorted(Role))
places = st.none() | st.sampled_from([UUID(int=n) for n in (7, 8, 9)])
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@given(secrets, moments)
def test_a_code_is_the_one_every_phone_shows(secret: bytes, now: datetime) -> None:
    import base64

    phone = pyotp.TOTP(base64.b32encode(secret).decode())
    assert rules.totp(secret, rules.step_at(now)) == phone.at(now)


@given(secrets, moments, st.integers(-5, 5))
def test_a_code_works_one_step_early_or_late_and_never_twice(secret: bytes, now: datetime, off: int) -> None:
    step = rules.step_at(now) + off
    code = rules.totp(secret, step)
    nearby = {rules.totp(secret, rules.step_at(now) + near): near for near in (-1, 0, 1)}
    found = rules.matching_step(secret, code, now, 0)
    assert (found is not None) == (code in nearby)
    if found is not None:
        assert rules.matching_step(secret, code, now, found) in (None, *(s for s in range(found + 1, found + 3)))
        assert rules.matching_step(secret, f" {code[:3]} {code[3:]} ", now, 0) == found


@given(secrets, st.text(max_size=12))
def test_nothing_but_six_figures_is_a_code(secret: bytes, typed: str) -> None:
    if not (typed.replace(" ", "").replace("-", "").isascii() and typed.replace(" ", "").isdigit()):
        assert rules.matching_step(secret, typed, NOW, 0) is None


@given(st.text(max_size=40))
def test_a_password_taken_is_long_and_does_not_hold_the_address(text: str) -> None:
    try:
        taken = rules.password(text, "ana.villafuerte@hotel.example", "Ana Villafuerte")
    except Invalid as refusal:
        assert refusal.details["fields"]["password"].startswith("password-")
    else:
        assert len(taken) >= 12
        assert "ana.villafuerte@hotel.example" not in taken.casefold()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("corta", "password-too-short"),
        ("x" * 1001, "password-too-long"),
        ("aaaaaaaaaaaaaaa", "password-too-plain"),
        ("costarica2026", "password-too-plain"),
        ("123456789012345", "password-too-plain"),
        ("ana.villafuerte2026", "password-holds-own-name"),
        ("Ana Villafuerte!", "password-holds-own-name"),
        ("ANA.VILLAFUERTE@hotel.example", "password-holds-own-name"),
    ],
)
def test_a_refused_password_says_why(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.password(text, "ana.villafuerte@hotel.example", "Ana Villafuerte")
    assert refused.value.code == code


def test_a_sentence_may_say_ones_own_name() -> None:
    assert rules.password("a Ana le gusta el café negro", "ana@hotel.example", "Ana")


def test_a_password_is_the_same_however_the_keyboard_composes_it() -> None:
    composed, apart = "una canción muy larga", "una cancio\u0301n muy larga"
    assert rules.password(composed, "a@b.cr") == rules.password(apart, "a@b.cr")


@given(st.integers(0, 1000))
def test_waiting_grows_and_ends(failures: int) -> None:
    assert rules.wait_after(failures) <= rules.wait_after(failures + 1) <= rules.LONGEST_WAIT
    assert bool(rules.wait_after(failures)) == (failures >= rules.FREE_TRIES)


@given(st.lists(st.tuples(roles, places), max_size=4), roles, places)
def test_nobody_gives_themselves_a_role(held: list[tuple[Role, UUID | None]], role: Role, where: UUID | None) -> None:
    with pytest.raises(Forbidden, match="own-roles"):
        rules.give(UUID(int=1), held, UUID(int=1), role, where)


@given(st.lists(st.tuples(roles, places), max_size=4), roles, places)
def test_a_role_is_given_only_by_one_that_may(
    held: list[tuple[Role, UUID | None]], role: Role, where: UUID | None
) -> None:
    given_ = rules.may_give(held, role, where)
    if given_:
        assert any(role in rules.INVITES.get(mine, ()) for mine, _ in held)
        assert (where is not None) == (role in rules.OF_AN_ORGANISATION)
        assert role not in (Role.SYSTEM, Role.STRANGER)


@given(roles, places)
def test_auditors_reviewers_and_deciders_hand_out_nothing(role: Role, where: UUID | None) -> None:
    for mine in (Role.AUDITOR, Role.REVIEWER, Role.DECIDER, Role.TRAINER, Role.REPRESENTATIVE, Role.STRANGER):
        assert not rules.may_give([(mine, None), (mine, where)], role, where)


def test_an_association_gives_roles_of_its_own_house_only() -> None:
    mine, other = UUID(int=7), UUID(int=8)
    held: list[tuple[Role, UUID | None]] = [(Role.ASSOCIATION_ADMIN, mine)]
    assert rules.may_give(held, Role.INSPECTOR, mine)
    assert not rules.may_give(held, Role.INSPECTOR, other)
    assert not rules.may_give(held, Role.DECIDER, None)
    assert not rules.may_give([(Role.ADMINISTRATOR, None)], Role.REPRESENTATIVE, mine)


@given(moments, st.timedeltas(timedelta(), timedelta(days=2)), st.timedeltas(timedelta(), timedelta(days=2)))
def test_a_session_ends_by_age_and_by_idleness(made: datetime, seen: timedelta, later: timedelta) -> None:
    now = made + seen + later
    lives = rules.session_lives(Stage.FULL, made, made + seen, now)
    assert lives == (seen + later < rules.SESSION_LIVES and later < rules.SESSION_IDLES)
    assert rules.session_lives(Stage.HALF, made, made, made + rules.HALF_LIVES) is False


@given(st.text(max_size=60))
def test_the_way_back_never_leaves_the_desk(wanted: str) -> None:
    back = rules.way_back(wanted)
    assert back.startswith(("/desk", "/audit"))
    assert "//" not in back
    assert "\\" not in back


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "/desk//evil.example", "https://evil.example/desk", "/desk/../..", "/deskx", "/desk\n", ""],
)
def test_the_way_back_refuses_tricks(wanted: str) -> None:
    assert rules.way_back(wanted) == "/desk"


def test_the_way_back_keeps_a_list_with_its_filter() -> None:
    assert rules.way_back("/desk/members?q=Hotel%20Sol&after=x") == "/desk/members?q=Hotel%20Sol&after=x"


@given(st.binary(min_size=70, max_size=70))
def test_ten_recovery_codes_can_be_typed_in_any_case(seed: bytes) -> None:
    codes = rules.recovery_codes(seed)
    assert len(codes) == rules.RECOVERY_CODES
    for code in codes:
        assert rules.recovery_typed(code.upper().replace("-", " ")) == code.replace("-", "")
        assert rules.recovery_typed(code.replace("0", "o").replace("1", "l")) == code.replace("-", "")


@given(st.text(max_size=80))
def test_an_address_kept_has_no_blank_and_one_at_sign(text: str) -> None:
    try:
        kept = rules.email(text)
    except Invalid:
        return
    assert kept == kept.lower()
    assert kept.count("@") == 1
    assert not any(sign.isspace() or ord(sign) < 32 for sign in kept)


@given(st.text(max_size=200))
def test_a_name_kept_can_be_printed_on_one_line(text: str) -> None:
    try:
        kept = rules.person_name(text)
    except Invalid:
        return
    assert kept.isprintable()
    assert 1 <= len(kept) <= 120


def test_an_invitation_says_what_became_of_it() -> None:
    rules.open_invitation(NOW + timedelta(seconds=1), False, False, NOW)
    for arguments, code in (
        ((NOW, False, False, NOW), "invitation-expired"),
        ((NOW, True, False, NOW), "invitation-used"),
        ((NOW + timedelta(1), False, True, NOW), "invitation-ended"),
    ):
        with pytest.raises(Conflict) as refused:
            rules.open_invitation(*arguments)
        assert refused.value.code == code
