"""Authorities and hotlines. Nothing here is about a report: those are in the schema `reports`."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Bytea,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from registry.authorities.hotlines import Kind as LineKind
from registry.authorities.rules import Kind, Use


class Authority(Table, tablename="authority"):
    """An office that may receive sealed reports."""

    id = UUID(primary_key=True, default=None)
    names = JSONB(default="{}", help_text="Its name by language, as reporters read it")
    kind = Varchar(length=24, choices=Kind)
    country = Varchar(length=2, default="")
    languages = Array(base_column=Varchar(length=12), default=list)
    always_open = Boolean(default=False, help_text="Somebody is on duty day and night")
    behind = UUID(default=None, null=True, help_text="The office behind it, which can open the same reports")
    created_at = Timestamptz(default=None)
    offences = Array(base_column=Varchar(length=24), default=list, help_text="Kinds of acts; empty means all")
    abroad = Boolean(default=False, help_text="Focal point: answers for acts of its residents in other countries")
    hours = JSONB(default=None, null=True, help_text="When somebody is there; none when nobody said")
    timezone = Varchar(length=40, default="", help_text="The zone of its hours")


class AuthorityCompetence(Table, tablename="authority_competence"):
    """A place an authority answers for."""

    id = UUID(primary_key=True, default=None)
    authority = UUID(default=None, index=True)
    place = Varchar(length=16, default="", help_text="Country, province (ISO 3166-2), or canton: CR-SJ/101")
    premises = Array(base_column=Varchar(length=40), default=list, help_text="Kinds of premises; empty means all")


class AuthorityKey(Table, tablename="authority_key"):
    """A public key and whether its holder proved it."""

    id = UUID(primary_key=True, default=None)
    authority = UUID(default=None, index=True)
    use = Varchar(length=10, choices=Use)
    public = Varchar(length=62, default="", unique=True, help_text="age recipient, or Ed25519 public key in base64url")
    holder = Varchar(length=120, default="", help_text="The post that holds it, not a person's name")
    recorded_at = Timestamptz(default=None)
    challenge = Bytea(
        default=b"", help_text="SHA-256 of what only the key's holder could read, or the text to be signed"
    )
    proven_at = Timestamptz(default=None, null=True)
    revoked_at = Timestamptz(default=None, null=True)
    task = Text(default="", help_text="What its holder has to open or sign: sealed, or not secret")
    tasked_at = Timestamptz(default=None, null=True, help_text="When the task was made: it is answered in that call")
    read_back_at = Timestamptz(default=None, null=True, help_text="When its holder read the fingerprint to us")
    read_back_over = Varchar(length=12, default="", help_text="phone, video, in_person or letter")
    read_back_by = Varchar(length=200, default="", help_text="The post that read it")


class AuthorityAgreement(Table, tablename="authority_agreement"):
    """What an authority signed, and for how long."""

    id = UUID(primary_key=True, default=None)
    authority = UUID(default=None, index=True)
    reference = Varchar(length=200, default="")
    signed_on = Date(default=None)
    signatory = Varchar(length=200, default="", help_text="The post that signed")
    valid_from = Date(default=None)
    valid_until = Date(default=None)
    acknowledge_hours = SmallInt(default=72)
    urgent_hours = SmallInt(default=4)
    outcome_days = SmallInt(default=90)
    attachments = Boolean(default=False, help_text="Its written mandate lets the office receive files")


class AuthorityContact(Table, tablename="authority_contact"):
    """Where an authority is told that something waits."""

    id = UUID(primary_key=True, default=None)
    authority = UUID(default=None, index=True)
    post = Varchar(length=120, default="")
    email = Varchar(length=254, default="")
    phone = Varchar(length=20, default="")
    confirmed_at = Timestamptz(default=None, null=True, help_text="When somebody answered there and said so")
    ended_at = Timestamptz(default=None, null=True, help_text="When it stopped being theirs; it counts no more")
    number_confirmed_at = Timestamptz(
        default=None, null=True, help_text="When somebody answered its duty number and read it back to us"
    )


class AuthorityDirectory(Table, tablename="authority_directory"):
    """Every signed directory that was loaded, byte for byte."""

    version = Integer(primary_key=True, default=0)
    digest = Varchar(length=64, default="")
    document = Text(default="", help_text="The signed file, byte for byte")
    loaded_at = Timestamptz(default=None)


class Hotline(Table, tablename="hotline"):
    """A number to call, and the day somebody last rang it."""

    id = UUID(primary_key=True, default=None)
    kind = Varchar(length=20, choices=LineKind)
    country = Varchar(length=2, default="")
    place = Varchar(length=16, default="", help_text="Province or canton, or empty for the whole country")
    names = JSONB(default="{}")
    numbers = Array(base_column=Varchar(length=16), default=list, help_text="E.164, or a short code such as 911")
    texts = Array(base_column=Varchar(length=16), default=list, help_text="Numbers that take messages")
    hours = JSONB(default="{}")
    timezone = Varchar(length=40, default="")
    languages = Array(base_column=Varchar(length=12), default=list)
    from_abroad = Boolean(default=False)
    fictitious = Boolean(default=False, help_text="Invented for a demo: nobody answers")
    checked_on = Date(default=None)
    checked_by = Varchar(length=120, default="", help_text="The post that rang it")
    retired_at = Timestamptz(default=None, null=True)
    source = Varchar(length=200, default="", help_text="Where the number is from: who published it")
    owner = Varchar(length=120, default="", help_text="The post that rings it again before it gets stale")
    owner_email = Varchar(length=254, default="", help_text="Where the owner is asked; never published")
    asked_on = Date(default=None, null=True, help_text="The last day the owner was asked to ring it")


class AuthorityWarned(Table, tablename="authority_warned"):
    """A warning that was sent, so that it is sent once."""

    key = Varchar(length=120, primary_key=True, default="", help_text="What ends, whose, when, days before")
    sent_at = Timestamptz(default=None)
