"""What a seal says to machines: UNTP Digital Conformity Credential 0.6.1, a W3C VC 2.0, enveloped as JOSE. Pure.

The public schemas are weak: they accept a credential without dates, scope, assessment or status (seals.md 2.2). So
`profile` refuses what they let pass, and nothing is signed before it; its schema is public, and every credential names
it. Honest fields only: `3rdParty` where an outside auditor stood before this very unit, `Accredited` never, and a
vehicle's owner is not named by any public number.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
from jsonschema_rs import Draft202012Validator

from registry.core.crypto import Signer, b64url, sha256
from registry.seals import jose, status_list
from registry.seals.jose import Untrusted
from registry.seals.log import instant
from registry.seals.snapshot import Kind

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://test.uncefact.org/vocabulary/untp/dcc/0.6.1/"]
TYPES = ["DigitalConformityCredential", "VerifiableCredential"]
MEDIA = "vc+jwt"
ADDRESS = "/profile/seal-1.json"
"""Where the schema stands, under every house's own name. A change that refuses what passed is version 2."""
SCHEMA = (Path(__file__).parent / "data" / "profile.json").read_bytes()
PROFILE = Draft202012Validator(msgspec.json.decode(SCHEMA), validate_formats=True)


class Issuer(msgspec.Struct, frozen=True):
    did: str
    origin: str  # https://seal.example.org, no slash at the end
    name: str


class Attested(msgspec.Struct, frozen=True):
    """What was checked, of whom, against what. Names are as certified."""

    code: str
    status_index: int
    valid_from: datetime
    valid_until: datetime
    kind: Kind
    unit: str  # identifier, a UUID
    unit_name: str  # "Hotel Mar Azul, Quepos" or "Taxi, licence 0417"
    plate: str
    holder: str  # identifier, a UUID
    holder_name: str
    scheme: str
    scheme_name: str
    version: str
    version_from: date
    certification: str  # identifier, a UUID
    assessed_on: date
    auditor: str  # name of who evaluated; the registry's own name where it did
    visited: bool  # an outside auditor stood before this unit; False: checked inside a certified group
    attestation: str = "certification"


def build(issuer: Issuer, facts: Attested) -> dict[str, Any]:
    """The credential, unsigned. It passes `profile`."""
    here, owner = issuer.origin, {"id": issuer.did, "name": issuer.name}
    assessment: dict[str, Any] = {
        "type": ["ConformityAssessment", "Declaration"],
        "id": f"{here}/assessments/{facts.certification}#{facts.unit}",
        "assessmentDate": facts.assessed_on.isoformat(),
        "description": _VISITED if facts.visited else _IN_GROUP,
        "referenceStandard": {
            "type": ["Standard"],
            "id": f"{here}/schemes/{facts.scheme}/{facts.version}#criteria",
            "name": f"{facts.scheme_name} {facts.version}",
            "issuingParty": owner,
            "issueDate": facts.version_from.isoformat(),
        },
        "conformityTopic": "social.rights",
        "conformance": True,
        "auditor": {"id": f"{here}/auditors#{b64url(sha256(facts.auditor.encode()))[:11]}", "name": facts.auditor},
        **_assessed(facts),
    }
    return {
        "@context": CONTEXT,
        "type": TYPES,
        "id": f"{here}/s/{facts.code}",
        "iss": issuer.did,
        "issuer": {"type": ["CredentialIssuer"], **owner},
        "validFrom": instant(facts.valid_from),
        "validUntil": instant(facts.valid_until),
        "credentialSchema": {"id": f"{here}{ADDRESS}", "type": "JsonSchema"},
        "credentialStatus": status_list.entries(here, facts.status_index),
        "credentialSubject": {
            "type": ["ConformityAttestation", "Attestation"],
            "id": f"{here}/attestations/{facts.code}",
            "name": f"{facts.scheme_name}: {facts.unit_name}",
            "assessorLevel": "3rdParty" if facts.visited else "Unspecified",
            "assessmentLevel": "Verified",
            "attestationType": "certification" if facts.attestation == "certification" else "verification",
            "issuedToParty": {"id": f"urn:uuid:{facts.holder}", "name": facts.holder_name},
            "scope": {
                "type": ["ConformityScheme"],
                "id": f"{here}/schemes/{facts.scheme}/{facts.version}",
                "name": facts.scheme_name,
                "description": _SCHEME,
                "version": facts.version,
                "validFrom": facts.version_from.isoformat(),
                "owner": owner,
            },
            "assessment": [assessment],
        },
    }


_SCHEME = "Signed commitment, trained staff, evaluation, and a decision by others than the evaluators."
_VISITED = "Evaluated on the spot by an auditor who is independent of the holder."
_IN_GROUP = "Checked by the group's own inspector; independent auditors visited a sample of the group's members."


def _assessed(facts: Attested) -> dict[str, Any]:
    if facts.kind is Kind.ESTABLISHMENT:
        place = {"id": f"urn:uuid:{facts.unit}", "name": facts.unit_name, "registeredId": facts.unit}
        return {"assessedFacility": [{"facility": place, "IDverifiedByCAB": facts.visited}]}
    # UNTP knows no vehicle: product is the closest class, and both the schema and safe JSON-LD accept it.
    vehicle = {"id": f"urn:uuid:{facts.unit}", "name": facts.unit_name, "registeredId": facts.plate}
    return {"assessedProduct": [{"product": vehicle, "IDverifiedByCAB": facts.visited}]}


def profile(credential: Mapping[str, Any]) -> None:
    """Our own rules, stricter than the public schemas: data/profile.json, and what no schema can compare.

    Raises Untrusted naming what is wrong.
    """
    for error in PROFILE.iter_errors(credential):
        where = ".".join(map(str, error.instance_path)) or "credential"
        raise Untrusted("%(where)s is not as the profile asks: %(why)s", where=where, why=error.message[:300])
    _same(credential["iss"], credential["issuer"]["id"], "iss")
    if not _instant(credential["validFrom"]) < _instant(credential["validUntil"]):
        raise Untrusted("validUntil is not after validFrom")
    statuses = credential["credentialStatus"]
    if len({one["statusListIndex"] for one in statuses}) != 1:
        raise Untrusted("credentialStatus: one index for both lists")
    if any(one["id"] == one["statusListCredential"] for one in statuses):
        raise Untrusted("credentialStatus: an entry is not its list")


def secure(credential: Mapping[str, Any], signer: Signer, did: str) -> str:
    """The compact JWS. The same credential and key give the same bytes (Ed25519 is deterministic)."""
    profile(credential)
    return jose.sign(msgspec.json.encode(credential), signer, f"{did}#{signer.kid}", MEDIA, "vc")


def secure_list(credential: Mapping[str, Any], signer: Signer, did: str) -> str:
    """A status list, by the same mechanism as the seals it speaks of."""
    return jose.sign(msgspec.json.encode(credential), signer, f"{did}#{signer.kid}", MEDIA, "vc")


def verified(jws: str, verify: jose.Verify, at: datetime | None = None) -> dict[str, Any]:
    """The credential, after signature, profile and, with `at`, its dates held. Status is a separate question."""
    credential: dict[str, Any] = msgspec.json.decode(jose.read(jws, verify, MEDIA))
    profile(credential)
    if at is not None:
        start, end = (_instant(credential[name]) for name in ("validFrom", "validUntil"))
        if not start <= at <= end:
            raise Untrusted("outside its dates")
    return credential


def verified_list(jws: str, verify: jose.Verify, purpose: str) -> frozenset[int]:
    """The set bits of a status list, after its signature and its purpose held."""
    listed = msgspec.json.decode(jose.read(jws, verify, MEDIA))
    subject = _of(listed, "credentialSubject", dict)
    _same(listed.get("type"), ["VerifiableCredential", "BitstringStatusListCredential"], "type")
    _same(subject.get("statusPurpose"), purpose, "statusPurpose")
    return status_list.decode(_of(subject, "encodedList", str))


def _of(holder: Mapping[str, Any], name: str, shape: type) -> Any:
    value = holder.get(name)
    if not isinstance(value, shape) or value == "":
        raise Untrusted("%(name)s is missing", name=name)
    return value


def _same(value: Any, expected: Any, name: str) -> None:
    if value != expected:
        raise Untrusted("%(name)s is not %(expected)s", name=name, expected=str(expected))


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:  # 23:59:60, which the schema's format knows and Python's calendar does not
        raise Untrusted("%(text)s is no instant", text=text) from error
