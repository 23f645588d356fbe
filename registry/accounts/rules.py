"""What counts as a password, a code, a session and a right to invite. Pure: no database, clock or request."""

import base64
import hmac
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote, urlencode
from uuid import UUID

import pyotp

from registry.access.permissions import Role
from registry.core.errors import Conflict, Forbidden, Invalid


class AccountState(StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"


class Stage(StrEnum):
    """How far a session has come: the password was right; the code was right too."""

    HALF = "half"
    FULL = "full"


INVITATION_LIVES = timedelta(days=14)
RENEWAL_LIVES = timedelta(days=1)
HALF_LIVES = timedelta(minutes=15)
SESSION_LIVES = timedelta(hours=12)
"""A working day; then one signs in again, however busy one was."""
SESSION_IDLES = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=1)
RECOVERY_CODES = 10

# Words a person may hand out. What one holds for an organisation one may also hand on for that same organisation.

R = Role
OF_AN_ORGANISATION = frozenset(
    {
        R.ASSOCIATION_ADMIN,
        R.REPRESENTATIVE,
        R.INSPECTOR,
        R.AUTHORITY_OFFICER,
        R.AUTHORITY_AGENT,
        R.TRAINED_REPORTER,
    }
)
INVITES: dict[Role, frozenset[Role]] = {
    R.SYSTEM: frozenset(Role) - {R.SYSTEM, R.STRANGER},
    R.ADMINISTRATOR: frozenset(
        {
            R.ADMINISTRATOR,
            R.OFFICER,
            R.TRAINER,
            R.AUDITOR,
            R.REVIEWER,
            R.DECIDER,
            R.PANEL,
            R.IMPARTIALITY,
            R.ASSOCIATION_ADMIN,
            R.HOTLINE_OPERATOR,
        }
    ),
    R.OFFICER: frozenset(
        {R.ASSOCIATION_ADMIN, R.REPRESENTATIVE, R.TRAINER, R.AUTHORITY_OFFICER, R.AUTHORITY_AGENT, R.HOTLINE_OPERATOR}
    ),
    R.ASSOCIATION_ADMIN: frozenset({R.ASSOCIATION_ADMIN, R.INSPECTOR, R.REPRESENTATIVE, R.TRAINED_REPORTER}),
}


def may_give(held: Iterable[tuple[Role, UUID | None]], role: Role, organisation: UUID | None) -> bool:
    """Whether these roles may give this one, as far as roles alone can tell.

    A REPRESENTATIVE is given for a business, which an association's administrator must first have among its members:
    that half is asked of the room that knows businesses (service.WITHIN).
    """
    if (role in OF_AN_ORGANISATION) != (organisation is not None):
        return False
    for holds, where in held:
        if role not in INVITES.get(holds, frozenset()):
            continue
        if holds is R.ASSOCIATION_ADMIN and role is not R.REPRESENTATIVE and where != organisation:
            continue
        return True
    return False


def giveable(held: Iterable[tuple[Role, UUID | None]]) -> list[Role]:
    """The roles to offer in an invitation, in the order of the list of roles."""
    offered = frozenset[Role]().union(*(INVITES.get(role, frozenset()) for role, _ in held))
    return [role for role in Role if role in offered]


def give(
    giver: UUID, held: Iterable[tuple[Role, UUID | None]], account: UUID | None, role: Role, organisation: UUID | None
) -> None:
    """Raise unless the giver may give this role to this account. Nobody gives themselves anything (17065, 4.2.2)."""
    if account is not None and account == giver:
        raise Forbidden("own-roles")
    if role in OF_AN_ORGANISATION and organisation is None:
        raise Invalid("role-needs-organisation", fields={"organisation": "role-needs-organisation"})
    if role not in OF_AN_ORGANISATION and organisation is not None:
        raise Invalid("role-takes-no-organisation", fields={"organisation": "role-takes-no-organisation"})
    if not may_give(held, role, organisation):
        raise Forbidden("role-not-yours-to-give")


# Names and addresses.

_EMAIL = re.compile(r"[^@\s\x00-\x1f<>()\[\]\\,;:\"]{1,64}@[^@\s\x00-\x1f<>()\[\]\\,;:\"]+\.[^@\s\x00-\x1f.]{2,}")


def email(text: str) -> str:
    """The address as we keep it: trimmed, lower case. Whether it lives, only a letter can tell."""
    tidy = unicodedata.normalize("NFC", text).strip().lower()
    if len(tidy) > 254 or not _EMAIL.fullmatch(tidy):
        raise Invalid("email-not-an-address", fields={"email": "email-not-an-address"})
    return tidy


def person_name(text: str) -> str:
    """A name as written, without invisible signs; anything people are called is a name."""
    tidy = " ".join("".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable()).split())
    if not 1 <= len(tidy) <= 120:
        raise Invalid("person-name-missing", fields={"name": "person-name-missing"})
    return tidy


# Passwords: long, and not one's own address (SP 800-63B-4, 3.1.1.2). Ours asks 12 characters; composition is not asked.

PASSWORD_LEAST, PASSWORD_MOST = 12, 1000
_WORN = frozenset(
    {
        "contrasena",
        "password",
        "contraseña",
        "qwertyuiop",
        "123456789012",
        "resguardo",
        "costarica",
        "senha",
        "motdepasse",
    }
)


def password(text: str, address: str, name: str = "") -> str:
    """The password, normalised so that every keyboard makes the same bytes. Raises Invalid saying what to mend."""
    normal = unicodedata.normalize("NFC", text)
    if len(normal) < PASSWORD_LEAST:
        raise Invalid("password-too-short", least=PASSWORD_LEAST, fields={"password": "password-too-short"})
    if len(normal) > PASSWORD_MOST:
        raise Invalid("password-too-long", most=PASSWORD_MOST, fields={"password": "password-too-long"})
    if _holds(normal, address, name):
        raise Invalid("password-holds-own-name", fields={"password": "password-holds-own-name"})
    if len(set(normal)) < 4 or re.sub(r"\d+$", "", _plain(normal)) in _WORN | {""}:
        raise Invalid("password-too-plain", fields={"password": "password-too-plain"})
    return normal


def _plain(text: str) -> str:
    return re.sub(r"[^\w]", "", text.lower())


def _holds(text: str, address: str, name: str) -> bool:
    """The whole address anywhere in it, or little else than one's own name: a sentence may well say "Ana"."""
    folded = text.casefold()
    local = address.casefold().partition("@")[0]
    if address and address.casefold() in folded:
        return True
    own = [part for part in (local, name.casefold()) if len(part) >= 4 and part in folded]
    return any(len(folded) - len(part) < PASSWORD_LEAST - 4 for part in own)


# Too many wrong tries: five are free, then each waits longer. Known and unknown addresses wait alike.

FREE_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)


def wait_after(failures: int) -> timedelta:
    """How long after this many wrong tries in a row."""
    if failures < FREE_TRIES:
        return timedelta()
    doubled: int = 2 ** min(failures - FREE_TRIES, 10)
    return min(LONGEST_WAIT, FIRST_WAIT * doubled)


FORGOTTEN_AFTER = timedelta(hours=24)
"""Wrong tries older than this no longer count."""


# Codes from the phone (RFC 6238): six figures, 30 seconds, one step of clock error either way, each step used once.

STEP = 30
_DRIFT = 1


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def totp(secret: bytes, step: int) -> str:
    """RFC 4226, 5.3 with SHA-1, as every phone's app speaks it."""
    return pyotp.HOTP(base64.b32encode(secret).decode()).at(step)


def matching_step(secret: bytes, typed: str, now: datetime, last: int) -> int | None:
    """The step this code belongs to, if it is one of now's and later than the last one used; otherwise None."""
    code = re.sub(r"[\s-]", "", typed)
    if not re.fullmatch(r"\d{6}", code, re.ASCII):
        return None
    here = step_at(now)
    found = None
    for step in range(here - _DRIFT, here + _DRIFT + 1):
        # Every step is compared, so that time tells nothing.
        if hmac.compare_digest(totp(secret, step), code) and step > last:
            found = step
    return found


def secret_text(secret: bytes) -> str:
    """For typing by hand: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def otpauth(secret: bytes, address: str, product: str) -> str:
    """What the QR says to the phone (Google's key URI format)."""
    query = urlencode({"secret": base64.b32encode(secret).decode().rstrip("="), "issuer": product, "digits": 6,
                       "period": STEP})  # fmt: skip
    return f"otpauth://totp/{quote(product)}:{quote(address)}?{query}"


# Codes on paper, for a lost phone: ten, each once. 50 bits each, without letters that look alike.

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u


def recovery_codes(seed: bytes) -> list[str]:
    """Ten codes out of 70 bytes of seed."""
    codes = []
    for index in range(RECOVERY_CODES):
        bits = int.from_bytes(seed[index * 7 : index * 7 + 7])
        text = "".join(_LETTERS[(bits >> (5 * place)) & 31] for place in range(10))
        codes.append(f"{text[:5]}-{text[5:]}")
    return codes


def recovery_typed(text: str) -> str:
    """As kept: lower case, no blanks or hyphens, look-alikes read as what they look like."""
    return re.sub(r"[\s-]", "", text).lower().translate(str.maketrans("oil", "011"))


# Invitations and sessions.


def open_invitation(expires_at: datetime, accepted: bool, ended: bool, now: datetime) -> None:
    """Raise with the sentence that tells the invited person what to do."""
    if accepted:
        raise Conflict("invitation-used")
    if ended:
        raise Conflict("invitation-ended")
    if now >= expires_at:
        raise Conflict("invitation-expired")


def session_lives(stage: Stage, created_at: datetime, last_seen_at: datetime, now: datetime) -> bool:
    if stage is Stage.HALF:
        return now - created_at < HALF_LIVES
    return now - created_at < SESSION_LIVES and now - last_seen_at < SESSION_IDLES


def way_back(wanted: str) -> str:
    """Where to go after signing in: a page of our own desk, never another site (//evil, /\\evil, https:…)."""
    safe = re.fullmatch(r"/(desk|audit)(/[\w\-./%]*)?(\?[\w\-.=&%+]*)?", wanted, re.ASCII)
    return wanted if safe and ".." not in wanted and "//" not in wanted else "/desk"
