"""People, their roles, sessions and invitations."""

from piccolo.columns import UUID, BigInt, Bytea, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.table import Table

from registry.access.permissions import Role
from registry.accounts.rules import AccountState, Stage


class Account(Table):
    """A person with a key to the desk."""

    id = UUID(primary_key=True, default=None)
    email = Varchar(length=254, unique=True, help_text="Lower case")
    name = Varchar(length=120)
    language = Varchar(length=2, default="es")
    password_hash = Varchar(length=200, help_text="Argon2id with its parameters")
    totp_sealed = Bytea(null=True, default=None, help_text="The phone's secret, sealed with the house key; none yet")
    totp_last_step = BigInt(default=0, help_text="The last 30-second step used; none is used twice")
    codes_made = Integer(default=0, help_text="How many sets of recovery codes were made; the last one counts")
    codes_kept_at = Timestamptz(null=True, default=None, help_text="When the person said they keep them; shown before")
    state = Varchar(length=10, choices=AccountState, default=AccountState.ACTIVE)
    created_at = Timestamptz(default=None)


class RoleHeld(Table, tablename="role_held"):
    """One role of one person, for one organisation where the role is of one. Ended, never deleted."""

    id = UUID(primary_key=True, default=None)
    account = ForeignKey(Account, null=False, index=True)
    role = Varchar(length=30, choices=Role)
    organisation = UUID(null=True, default=None, index=True, help_text="Association, business or authority")
    by_organisation = UUID(null=True, default=None, index=True, help_text="Association on whose behalf it was given")
    given_by = UUID(default=None)
    given_at = Timestamptz(default=None)
    ended_at = Timestamptz(null=True, default=None)
    ended_by = UUID(null=True, default=None)


class DeskSession(Table):
    """One browser that signed in. The token itself is only in the browser."""

    token_sha256 = Bytea(primary_key=True, default=b"", help_text="32 bytes")
    account = ForeignKey(Account, null=False, index=True)
    stage = Varchar(length=4, choices=Stage)
    created_at = Timestamptz(default=None)
    last_seen_at = Timestamptz(default=None, help_text="Written at most once a minute")
    ended_at = Timestamptz(null=True, default=None)


class Invitation(Table):
    """A role offered to an address."""

    id = UUID(primary_key=True, default=None)
    email = Varchar(length=254, index=True)
    name = Varchar(length=120)
    role = Varchar(length=30, choices=Role)
    organisation = UUID(null=True, default=None, index=True)
    language = Varchar(length=2, default="es")
    renews = UUID(null=True, default=None, help_text="An account that begins again; then no role is given")
    by_organisation = UUID(null=True, default=None, index=True, help_text="Association on whose behalf it is offered")
    invited_by = UUID(default=None)
    invited_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    letters = Integer(default=0, help_text="How many letters were asked for; only the last one's link works")
    token_sha256 = Bytea(
        null=True, default=None, unique=True, help_text="Of the last letter's link; none before it is sent"
    )
    accepted_at = Timestamptz(null=True, default=None)
    accepted_by = UUID(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class RecoveryCode(Table, tablename="recovery_code"):
    """One code on paper, for a lost phone."""

    id = UUID(primary_key=True, default=None)
    account = ForeignKey(Account, null=False, index=True)
    code_mac = Bytea(default=b"", help_text="HMAC-SHA-256 under the house key")
    used_at = Timestamptz(null=True, default=None)


class SignInTries(Table, tablename="sign_in_tries"):
    """Wrong tries for one address, known or not: the two wait alike."""

    address_sha256 = Bytea(primary_key=True, default=b"")
    failures = Integer(default=0)
    failed_at = Timestamptz(null=True, default=None)
    wait_until = Timestamptz(null=True, default=None)
