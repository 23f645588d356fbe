"""Vectors that the register and the browser's sealing both read: what is signed, written, sealed and opened.

`python -m tests.public_site.report_form.vectors` writes them anew; test_vectors.py holds that they are what we write.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from registry.authorities import directory as directories
from registry.authorities.directory import Competence, Directory, Record, Terms
from registry.authorities.root import Root
from registry.core import crypto
from registry.core.errors import Invalid
from registry.reports import bech32, envelope, told
from registry.reports.envelope import Context, Inner
from tests.public_site.scanner.vectors import Seeded

FILE = Path(__file__).parents[2] / "vectors" / "report_channel.json"
NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
CUSTODIANS = [Seeded(seed) for seed in (21, 22, 23)]
STRANGER = Seeded(24)
ROOT = Root(2, tuple(crypto.b64url(c.public_bytes()) for c in CUSTODIANS))
OFFICE, BEHIND = UUID(int=0xA1), UUID(int=0xA2)
CODE = "20261120151200000003"
FORMS: list[list[tuple[str, str]]] = [
    [("place", "CR-G"), ("text", "Una persona ofreció dinero.")],
    [
        ("place", "CR-SJ"), ("text", "  Vi a dos adultos\r\ncon una niña\x00 \u202eal revés 👩\u200d👧\t\n "),
        ("spot", "Muelle\nsur"), ("when", "now"), ("what", "online"), ("what", "paid"), ("what", "guessed"),
        ("contact", " 8888 "), ("premises", "lodging"),
    ],
    [("place", "CR-G"), ("text", "ñ" * 12_000), ("when", "unknown")],
    [("place", "CR-G"), ("text", " \u00a0\r\n\t ")],
    [("place", "CR-G"), ("text", "🌊" * 12_001)],
    [
        ("place", "CR-SJ/101"), ("text", "Todo lo que se puede decir."), ("spot", "Recepción"), ("premises", "lodging"),
        ("locality", " San José\nCentro "), ("unit", "Habitación 214"), ("business", "7K3M9QXT2W4HVNBC"),
        ("when", "days"), ("what", "offered"), ("contact", "8888 1234"), ("happening_now", "yes"),
        ("child_in_danger_now", "on"), ("when_date", "2026-11-19"), ("when_time", "21:40:00"), ("ongoing", "1"),
        ("children_count", "2"), ("children_age", "12-17"), ("children_age", "6-11"), ("children_age", "99"),
        ("children_sex", "female"), ("children_description", "Pelo largo\r\nmochila azul"), ("adults_count", "1"),
        ("adults_description", "Alto, gorra 👒"), ("adults_nationality", "no sé"), ("adults_language", "inglés"),
        ("adults_name", "le decían «Ñato»"), ("plate", "SJB-482"), ("vehicle_make", "microbús"),
        ("vehicle_colour", "gris"), ("online_platform", "mensajería"), ("online_handle", "@cuenta/ñ?x=1"),
        ("told", "guide"), ("told", "hotel"), ("told", "moon"), ("reporter_role", "staff"),
        ("languages", "es, en ,, es"), ("languages", "bribri"), ("contact_via_code", "yes"),
    ],
    [
        ("place", "CR-L"), ("text", "x"), ("happening_now", "no"), ("child_in_danger_now", ""), ("ongoing", "0"),
        ("when_date", "2026-02-30"), ("when_time", "como a las nueve"), ("children_count", "dos o tres"),
        ("children_description", "de uniforme"), ("children_sex", "?"), ("adults_count", "muchos"),
        ("children_age", "unknown"), ("reporter_role", "king"), ("contact_via_code", "unknown"), ("languages", " , "),
    ],
    [("place", "CR-L"), ("text", "x"), ("when_date", "2024-02-29"), ("adults_count", "100"), ("children_count", "0")],
    [("place", "CR-G"), ("text", "x"), ("spot", "ñ" * 501)],
    [("place", "CR-G"), ("text", "x"), ("children_description", "🌊" * 950), ("adults_count", "🌊" * 500)],
    [("place", "CR-G"), ("text", "x"), ("languages", "a,b,c,d,e,f,g,h,i")],
    [("place", "CR-G"), ("text", f"mi código es {' '.join(CODE[i:i + 4] for i in range(0, 20, 4))}.")],
    [("place", "CR-G"), ("text", "x"), ("contact", "-".join(CODE[i:i + 4] for i in range(0, 20, 4)))],
    [("place", "CR-G"), ("text", "x"), ("adults_description", "".join(chr(0x660 + int(d)) for d in CODE))],
    [("place", "CR-G"), ("text", "x"), ("contact", "8888-1234 8877-4321 8866-9999")],
]  # fmt: skip


def identity(seed: int) -> str:
    return bech32.encode("age-secret-key-", hashlib.sha256(bytes([seed])).digest()).upper()


def keys(seed: int) -> tuple[str, str, str]:
    one, two, three = (envelope.recipient_of(identity(seed + i)) for i in range(3))
    return one, two, three


def record(authority: UUID, seed: int, then: UUID | None = None) -> Record:
    one, two, three = keys(seed)
    signing = crypto.b64url(Seeded(seed).public_bytes())
    return Record(
        authority, {"es": f"Unidad {seed} «ñ»", "en": f"Unit {seed}"}, "police", Competence(("CR-G",)), (one, two),
        three, signing, ("es",), True, Terms(), "CONV \u2028 1", NOW.date(), NOW.date() + timedelta(days=300), then,
    )  # fmt: skip


def directory(**changed: Any) -> Directory:
    made = Directory(directories.FORMAT, 3, NOW - timedelta(days=1), NOW + timedelta(days=300), "0" * 64,
                     (record(OFFICE, 30, BEHIND), record(BEHIND, 40)))  # fmt: skip
    return msgspec.structs.replace(made, **changed)


def files() -> dict[str, bytes]:
    """Directories by name; only those named good… may be used."""
    first, second, third = CUSTODIANS
    good = directories.sign(directory(), first, third)
    return {
        "good": good,
        "good, and a stranger signed too": directories.sign(directory(), STRANGER, first, second),
        "one custodian": directories.sign(directory(), first),
        "one custodian and a stranger": directories.sign(directory(), first, STRANGER),
        "the same custodian twice": good.replace(ROOT.keys[2].encode(), ROOT.keys[0].encode()),
        "another key in it": good.replace(keys(30)[0].encode(), keys(50)[0].encode()),
        "not signed": directories.sign(directory()),
        "expired": directories.sign(directory(expires_at=NOW), first, second),
        "of tomorrow": directories.sign(directory(issued_at=NOW + timedelta(seconds=1)), first, second),
        "of another format": good.replace(b"resguardo-directory/2", b"resguardo-directory/1"),
        "not JSON": good[:-1],
    }


def inner() -> Inner:
    held = (*keys(30), *keys(40))
    context = Context(UUID(int=7), (OFFICE, BEHIND), tuple(map(envelope.fingerprint, held)), 3)
    report = told.written(fields(FORMS[5]), "es")
    reply = envelope.recipient_of(identity(60))
    return Inner(
        "sectt-report/1", envelope.new_proof(2**128 - 5), context, report, reply, ("Unidad 30 «ñ»", "Unidad 40 «ñ»")
    )


def fields(form: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in form:
        found.setdefault(name, []).append(value)
    return found


def read(form: list[tuple[str, str]]) -> Any:
    try:
        return json.loads(msgspec.json.encode(told.written(fields(form), "es")))
    except Invalid as refusal:
        ((field, code),) = refusal.details["fields"].items()
        return f"{field}: {code}"


def made(kept: dict[str, Any]) -> dict[str, Any]:
    """Everything but the reply, which age seals differently each time: that one is kept."""
    plain = msgspec.json.encode(inner())
    step = next(s for s in envelope.STEPS if len(plain) <= s)
    return {
        "about": "The register and the browser agree: who signed a directory, what a form says, what is sealed.",
        "now": NOW.isoformat(),
        "root": msgspec.to_builtins(ROOT),
        "directories": {name: document.decode() for name, document in files().items()},
        "recipients": [*keys(30), *keys(40)],
        "chain": [str(OFFICE), str(BEHIND)],
        "forms": [{"fields": form, "report": read(form)} for form in FORMS],
        "proof_bytes": (2**128 - 5).to_bytes(16).hex(),
        "inner": msgspec.to_builtins(inner()),
        "plain_sha256": hashlib.sha256(plain.ljust(step)).hexdigest(),
        "step": step,
        "identities": [identity(30), identity(42)],
        "reply": kept,
    }


def reply() -> dict[str, Any]:
    text = "¿A qué hora fue? – Unidad 30"
    body = envelope.seal_reply(text, envelope.recipient_of(identity(60)))
    return {"identity": identity(60), "body": crypto.b64url(body), "text": text}


if __name__ == "__main__":
    FILE.write_text(json.dumps(made(reply()), indent=1, ensure_ascii=False) + "\n")
