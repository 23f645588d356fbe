"""The schema `reports`. Only its own roles may read it (migrations/registry/reports_guards.py); the desk's may not.

Nothing here says what a report says, who wrote it or from where. Times of filing are kept to the hour.
"""

from piccolo.columns import (
    UUID,
    Array,
    BigInt,
    BigSerial,
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

from registry.reports.rules import State


class Envelope(Table, tablename="envelope", schema="reports"):
    """A sealed report as we may know it: ids, keys, sizes, hashes, clocks."""

    id = UUID(
        primary_key=True, default=None, help_text="Version 4: an id that orders by time would tell when it was filed"
    )
    v = SmallInt(default=1, help_text="Version of the envelope")
    suite = Varchar(length=20, default="", help_text="Cryptography of the body: age-x25519")
    chain = Array(
        base_column=UUID(), default=list, help_text="The authorities that can open it, in the order they must answer"
    )
    directory_version = Integer(default=0, help_text="Version of the signed directory whose keys it was sealed to")
    key_ids = Array(
        base_column=Varchar(length=16), default=list, help_text="Fingerprints of those keys, as inside the envelope"
    )
    sealed_by = Varchar(length=10, default="server", help_text="browser, server or operator")
    urgent = Boolean(default=False, help_text="The reporter said it is happening now: the shorter clock")
    burst = Boolean(default=False, help_text="Came in a flood: delivered and escalated, never held against the gate")
    received_hour = Timestamptz(default=None, help_text="The hour it came, not the minute")
    size_step = Integer(default=0, help_text="4096, 16384 or 65536: the padded length inside")
    sha256 = Bytea(default=b"", help_text="Hash of the age file")
    lookup_mac = Bytea(unique=True, default=b"", help_text="HMAC(pepper, lookup derived from the code)")
    reply_recipient = Varchar(
        length=62, default="", help_text="age key that only the code opens; replies are sealed to it"
    )
    proof_hash = Bytea(
        default=b"", help_text="SHA-256 of the proof that stands inside: who returns the proof has opened it"
    )
    form = Varchar(length=7, default="2026-11", help_text="Version of the form, as inside: what its opener must know")
    gate = UUID(default=None, help_text="The gate decision under which it was taken")
    state = Varchar(length=16, choices=State, default=State.SEALED, index=True)
    due = Array(
        base_column=Timestamptz(), default=list, help_text="When each office of the chain must have acknowledged"
    )
    outcome_due = Timestamptz(default=None, help_text="When an outcome or word of progress is due")
    body = Bytea(null=True, default=None, help_text="The age file under its erasure key; null once purged")
    notified_at = Timestamptz(null=True, default=None)
    fetched_at = Timestamptz(null=True, default=None)
    opened_at = Timestamptz(null=True, default=None)
    acknowledged_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    answered_by = UUID(null=True, default=None, help_text="The authority that acknowledged")
    reference = Varchar(length=80, default="", help_text="The authority's own case number, if it gave one")
    outcome = Varchar(length=40, null=True, default=None)
    progress = Varchar(length=20, default="", help_text="The last word before an outcome: accepted, need_info …")
    progressed_at = Timestamptz(null=True, default=None)
    blocked = Varchar(
        length=20, default="", help_text="Why the authority's own system did not take it; empty once it did"
    )
    returned_on = Date(null=True, default=None, help_text="The last day its code was used")
    imported_at = Timestamptz(null=True, default=None, help_text="When the office said that it keeps it itself")
    took_minutes = Integer(
        null=True, default=None, help_text="Filing to answer, in wide steps: kept when the hour of filing is forgotten"
    )


class GateDecision(Table, tablename="gate_decision", schema="reports"):
    """Under which rules and directory a report was taken."""

    id = UUID(primary_key=True, default=None)
    hour = Timestamptz(default=None)
    gate_version = Integer(default=0, help_text="Version of the rules of gate.py")
    directory_version = Integer(default=0)
    chain = Array(base_column=UUID(), default=list)
    reasons = Array(
        base_column=Varchar(length=20), default=list, help_text="What was lacking and lifted by an override; else empty"
    )
    override = UUID(null=True, default=None)


class GateOpening(Table, tablename="gate_opening", schema="reports"):
    """A person opened the gate of an office again after it had been silent. Only ever added."""

    id = UUID(primary_key=True, default=None)
    authority = UUID(index=True, default=None)
    silent_at = Timestamptz(default=None, help_text="The silence that is over")
    opened_by = UUID(default=None)
    opened_name = Varchar(length=200, default="")
    reason = Text(default="", help_text="About the office, never about a report")
    opened_at = Timestamptz(default=None)
    gate_version = Integer(default=0)
    directory_version = Integer(default=0)


class GateOverride(Table, tablename="gate_override", schema="reports"):
    """Two people lift what an office lacks, for a day at most. Agreed to once, ended at any time, never changed."""

    id = UUID(primary_key=True, default=None)
    authority = UUID(index=True, default=None)
    asked_by = UUID(default=None)
    asked_name = Varchar(length=200, default="")
    reason = Text(default="", help_text="About the office, never about a report")
    asked_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)
    agreed_by = UUID(null=True, default=None)
    agreed_name = Varchar(length=200, default="")
    agreed_reason = Text(default="")
    agreed_at = Timestamptz(null=True, default=None)
    ended_by = UUID(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class Attachment(Table, tablename="attachment", schema="reports"):
    """A file that was sealed with a report: a row and no object, so that it is there when its envelope is, and never
    otherwise. Of what it is we know its padded length."""

    id = UUID(primary_key=True, default=None)
    envelope = UUID(index=True, default=None)
    number = SmallInt(default=0, help_text="From 1, in the order of the manifest inside the envelope")
    body = Bytea(default=b"", help_text="An age file of its own, under the erasure key of its envelope")


class Delivery(Table, tablename="delivery", schema="reports"):
    """The outbox: one row for each office to be told, written in the transaction of the envelope."""

    id = UUID(primary_key=True, default=None)
    envelope = UUID(index=True, default=None)
    authority = UUID(default=None)
    link = SmallInt(default=0, help_text="0 for the first office of the chain")
    due_at = Timestamptz(default=None, help_text="When to try (again)")
    attempts = Integer(default=0)
    done_at = Timestamptz(null=True, default=None, help_text="When the transport accepted the notice")
    trouble = Varchar(length=80, default="", help_text="Kind of the last failure; never its text")


class Ring(Table, tablename="ring", schema="reports"):
    """The outbox of telephones: one row for each office that is rung for an urgent envelope."""

    id = UUID(primary_key=True, default=None)
    envelope = UUID(default=None)
    authority = UUID(default=None)
    due_at = Timestamptz(default=None, help_text="When to try (again)")
    attempts = Integer(default=0)
    times = Integer(default=0, help_text="How often it rang")
    done_at = Timestamptz(null=True, default=None, help_text="When a call was taken")
    trouble = Varchar(length=80, default="", help_text="Kind of the last failure; never its text")


class Rung(Table, tablename="rung", schema="reports"):
    """When a number was last rung, for an hour: none is rung twice in a quarter of one, whoever has it."""

    number = Varchar(length=16, primary_key=True, default="", help_text="E.164")
    at = Timestamptz(default=None)


class Event(Table, tablename="event", schema="reports"):
    """This room's trail: append-only, chained by hash for each envelope by a trigger, without content."""

    id = BigSerial(primary_key=True)
    envelope = UUID(index=True, default=None, help_text="Or the authority whose gate moved")
    name = Varchar(length=40, default="")
    authority = UUID(null=True, default=None)
    at = Timestamptz(default=None, help_text="To the hour for what the reporter did")
    note = Varchar(length=120, default="", help_text="A code or a reference, never text of a report")
    statement = Bytea(null=True, default=None, help_text="What the authority signed")
    signature = Varchar(length=100, default="", help_text="Its Ed25519 signature")
    previous = Bytea(default=b"")
    hash = Bytea(default=b"")


class Reply(Table, tablename="reply", schema="reports"):
    """An answer, sealed to the code and signed by the authority."""

    id = UUID(primary_key=True, default=None)
    envelope = UUID(index=True, default=None)
    authority = UUID(default=None)
    counter = Integer(default=0, help_text="From 1: a replayed or reordered reply is noticed")
    body = Bytea(default=b"", help_text="age file to the reply recipient")
    signature = Varchar(
        length=100, default="", help_text="The authority's, over envelope, counter and hash of the body"
    )
    sent_on = Date(default=None)


class FormUse(Table, tablename="form_use", schema="reports"):
    """A form that was sent: the second press of the button gives the same answer and stores nothing."""

    token_mac = Bytea(primary_key=True, default=b"", help_text="HMAC of the form's nonce")
    body_mac = Bytea(
        default=b"", help_text="HMAC of what was typed, under a key made from the nonce, which we do not keep"
    )
    receipt = Bytea(null=True, default=None, help_text="The code, sealed under a key made from the nonce; soon erased")
    hour = Timestamptz(default=None)


class Drill(Table, tablename="drill", schema="reports"):
    """A test envelope: known here, indistinguishable there until it is opened."""

    envelope = UUID(primary_key=True, default=None)
    authority = UUID(index=True, default=None)
    sent_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    passed_at = Timestamptz(null=True, default=None)


class AgentNonce(Table, tablename="agent_nonce", schema="reports"):
    """Requests of agents seen in the last minutes: each counts once."""

    id = Varchar(length=80, primary_key=True, default="", help_text="authority:nonce")
    at = Timestamptz(index=True, default=None)


class LastDecision(Table, tablename="last_decision", schema="reports"):
    """A person decided that what no office acknowledged in a year is destroyed. Only ever added."""

    id = UUID(primary_key=True, default=None)
    envelope = UUID(unique=True, default=None)
    decided_by = UUID(default=None)
    decided_name = Varchar(length=200, default="")
    reason = Text(default="", help_text="About the offices, never about a report")
    decided_at = Timestamptz(default=None)


class Tally(Table, tablename="tally", schema="reports"):
    """What happened in a quarter, counted as it happened. It names no report, and is destroyed when its figures are
    published. Several rows count the same thing, so that reports that arrive together do not wait for each other."""

    id = UUID(primary_key=True, default=None)
    country = Varchar(length=2, default="", help_text="Of the first office of the chain")
    quarter = Date(default=None, help_text="Its first day")
    what = Varchar(length=40, default="", help_text="received, acknowledged, in_time, hours:<= and outcome:<code>")
    slot = SmallInt(default=0)
    n = Integer(default=0)


class Figure(Table, tablename="figure", schema="reports"):
    """What was published about a quarter: rounded, small numbers left out, written once and never changed."""

    id = UUID(primary_key=True, default=None)
    country = Varchar(length=2, default="")
    quarter = Date(default=None)
    what = Varchar(length=40, default="")
    shown = Integer(null=True, default=None, help_text="A multiple of five, or hours; null where it is left out")
    published_on = Date(default=None)


class WeeklyHead(Table, tablename="weekly_head", schema="reports"):
    """One hash over all that the event log held at the start of a week. Only ever added; see heads.py."""

    week = Date(primary_key=True, default=None, help_text="Its Monday")
    last = BigInt(null=True, default=None, help_text="The last event under it; null where those events are gone")
    salt = Bytea(default=b"", help_text="Not published: the head tells nothing, not even whether anything happened")
    hash = Bytea(default=b"")
    taken_at = Timestamptz(default=None)
