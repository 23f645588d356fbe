"""Credentials, status lists and keys: our profile refuses what the public schemas let pass, and others can read us."""

import copy
import gzip
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import jwt
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.crypto import FileSigner, b64url, unb64url, verified
from registry.core.keyring import Keys, open_keys
from registry.seals import credential, did, jose, status_list
from registry.seals.credential import Attested, Issuer
from registry.seals.snapshot import Kind, Untrusted

SHARED = Path(__file__).parents[4] / "shared/data"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ISSUER = Issuer("did:web:sello.example.cr", "https://sello.example.cr", "Registro Ejemplo")
HOTEL = Attested(
    code="7K3M9QXT2W4HVN40", status_index=48213, valid_from=NOW, valid_until=NOW + timedelta(days=730),
    kind=Kind.ESTABLISHMENT, unit="0199a1b2-0000-7000-8000-000000000001", unit_name="Hotel Mar Azul, Quepos", plate="",
    holder="0199a1b2-0000-7000-8000-000000000002", holder_name="Mar Azul S.A.", scheme="sectt-code",
    scheme_name="Código de conducta", version="1.0", version_from=date(2026, 1, 1),
    certification="0199a1b2-0000-7000-8000-000000000003", assessed_on=date(2026, 10, 20), auditor="Auditores Ñandú",
    visited=True,
)  # fmt: skip
TAXI = msgspec.structs.replace(
    HOTEL, kind=Kind.VEHICLE, unit_name="Taxi, licencia 0417", plate="TSJ4417", visited=False
)
outside = pytest.mark.skipif(not SHARED.exists(), reason="the shared schemas are not here")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return open_keys(tmp_path)


def document(keys: Keys) -> dict[str, Any]:
    return did.document(ISSUER.did, ISSUER.origin, "sello.example.cr", [keys.issuer], keys.snapshot, keys.log)


@outside
@pytest.mark.parametrize("facts", [HOTEL, TAXI])
def test_what_we_sign_passes_the_public_schemas(facts: Attested) -> None:
    built = credential.build(ISSUER, facts)
    for path in (
        "untp_v0.6.1/untp-dcc-schema.json",
        "w3c_vc/schema/verifiable-credential/verifiable-credential-schema.json",
    ):
        schema = msgspec.json.decode((SHARED / "schemas" / path).read_bytes())
        jsonschema.validate(built, schema, format_checker=jsonschema.FormatChecker())


@outside
def test_the_profile_knows_the_hand_made_sample() -> None:
    sample = msgspec.json.decode((SHARED / "seal-sample.json").read_bytes())
    with pytest.raises(Untrusted, match="iss"):
        credential.profile(sample)
    # The sample gives each list its own address and passes but for `iss`, which stands in the specification only.
    credential.profile({**sample, "iss": sample["issuer"]["id"]})


def without(*path: str | int) -> Callable[[Any], None]:
    def change(target: Any) -> None:
        for step in path[:-1]:
            target = target[step]
        del target[path[-1]]

    return change


@pytest.mark.parametrize("facts", [HOTEL, TAXI])
@pytest.mark.parametrize(
    "change",
    [
        without("@context"), without("type"), without("id"), without("iss"), without("issuer", "name"),
        without("validFrom"), without("validUntil"), without("credentialStatus"), without("credentialStatus", 0),
        without("credentialStatus", 1), without("credentialSubject"), without("credentialSubject", "type"),
        without("credentialSubject", "issuedToParty"), without("credentialSubject", "scope"),
        without("credentialSubject", "scope", "version"), without("credentialSubject", "assessment"),
        without("credentialSubject", "assessment", 0), without("credentialSubject", "assessment", 0, "conformance"),
        without("credentialSubject", "assessment", 0, "auditor"), without("credentialSubject", "assessorLevel"),
        lambda made: made.update(vc={}), lambda made: made.update(iss="did:web:other"),
        lambda made: made.update(validUntil=made["validFrom"]), lambda made: made.update(validFrom="2026-11-01"),
        lambda made: made["credentialStatus"][0].update(statusListIndex=7),
        lambda made: made["credentialStatus"][0].update(statusListIndex="7"),
        lambda made: made["credentialSubject"].update(assessmentLevel="Accredited"),
    ],
)  # fmt: skip
def test_each_thing_left_out_or_bent_is_refused(facts: Attested, change: Callable[[Any], None], keys: Keys) -> None:
    bent = copy.deepcopy(credential.build(ISSUER, facts))
    change(bent)
    with pytest.raises(Untrusted):
        credential.secure(bent, keys.issuer, ISSUER.did)


PROFILE = jsonschema.Draft202012Validator(
    msgspec.json.decode(credential.SCHEMA), format_checker=jsonschema.FormatChecker()
)
"""Our own schema, read by another implementation than the one that guards the signing key."""


def third(level: str) -> Callable[[Any], None]:
    return lambda made: made["credentialSubject"].update(assessorLevel=level)


DISHONEST: list[Callable[[Any], None]] = [
    third("Self"), third("Commercial"), third("Unspecified"),  # whose product was said to be seen by an auditor
    lambda made: made["credentialSubject"].update(attestationType="declaration"),
    lambda made: made["credentialSubject"].update(assessmentLevel="Accredited"),
    lambda made: made["credentialSubject"].update(assessmentLevel="GovtApproval"),
    lambda made: made["credentialSubject"]["assessment"][0].update(conformance=False),
    lambda made: made["credentialSubject"]["assessment"][0].update(invented=1),
    lambda made: made["credentialSubject"]["assessment"][0]["assessedFacility"].append(
        made["credentialSubject"]["assessment"][0]["assessedFacility"][0]
    ),
    lambda made: made["credentialSubject"]["assessment"][0].update(
        assessedProduct=[{"product": {"id": "urn:x:1", "name": "x", "registeredId": "x"}, "IDverifiedByCAB": True}]
    ),
    lambda made: made["credentialSubject"]["scope"].pop("owner"),
    lambda made: made["issuer"].update(image="x"), lambda made: made.update(exp=1), lambda made: made.update(nbf=1),
    lambda made: made["credentialStatus"].reverse(),
    lambda made: made["credentialStatus"].append(made["credentialStatus"][0]),
]  # fmt: skip


@pytest.mark.parametrize("change", DISHONEST)
def test_two_readers_of_our_schema_refuse_what_is_not_honest(change: Callable[[Any], None]) -> None:
    bent = copy.deepcopy(credential.build(ISSUER, HOTEL))
    PROFILE.validate(bent)
    credential.profile(bent)
    change(bent)
    assert not PROFILE.is_valid(bent)
    with pytest.raises(Untrusted):
        credential.profile(bent)


def test_a_declaration_says_that_nobody_else_says_so() -> None:
    """The schema knows self-declarations, so that one can never pass for a certification; we issue none."""
    declared = copy.deepcopy(credential.build(ISSUER, TAXI))
    declared["credentialSubject"] |= {
        "assessorLevel": "Self", "assessmentLevel": "Unspecified", "attestationType": "declaration",
    }  # fmt: skip
    credential.profile(declared)
    declared["credentialSubject"]["attestationType"] = "certification"
    with pytest.raises(Untrusted, match="attestationType"):
        credential.profile(declared)


def test_accredited_needs_who_accredited() -> None:
    claimed = copy.deepcopy(credential.build(ISSUER, HOTEL))
    claimed["credentialSubject"]["assessmentLevel"] = "Accredited"
    with pytest.raises(Untrusted, match="authorisation"):
        credential.profile(claimed)
    claimed["credentialSubject"]["authorisation"] = [{"id": "https://x.example", "name": "x", "issuingAuthority": {}}]
    credential.profile(claimed)


def test_a_seal_of_long_names_still_fits_a_key_service() -> None:
    """An Ed25519 key kept in AWS KMS signs 4,096 bytes at most (seals.md 5); longer ones need ES256 by digest."""
    long = msgspec.structs.replace(HOTEL, unit_name="n" * 90, holder_name="n" * 80, auditor="n" * 50)
    head = {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": f"{ISSUER.did}#{'k' * 43}"}
    parts = [msgspec.json.encode(head), msgspec.json.encode(credential.build(ISSUER, long))]
    assert len(".".join(map(b64url, parts))) <= 4096


def test_only_a_unit_an_auditor_stood_before_is_called_third_party() -> None:
    assert credential.build(ISSUER, HOTEL)["credentialSubject"]["assessorLevel"] == "3rdParty"
    taxi = credential.build(ISSUER, TAXI)["credentialSubject"]
    assert taxi["assessorLevel"] == "Unspecified"
    assert taxi["assessment"][0]["assessedProduct"][0]["product"]["registeredId"] == "TSJ4417"


def test_a_stranger_verifies_with_nothing_but_our_did_document(keys: Keys) -> None:
    jws = credential.secure(credential.build(ISSUER, HOTEL), keys.issuer, ISSUER.did)
    assert jws == credential.secure(credential.build(ISSUER, HOTEL), keys.issuer, ISSUER.did)
    read = did.keys(msgspec.json.decode(msgspec.json.encode(document(keys))))
    assert credential.verified(jws, read.verifier("issuer", verified), NOW) == credential.build(ISSUER, HOTEL)
    with pytest.raises(Untrusted):
        credential.verified(jws, read.verifier("snapshot", verified), NOW)
    with pytest.raises(Untrusted, match="dates"):
        credential.verified(jws, read.verifier("issuer", verified), NOW + timedelta(days=731))


def test_another_library_agrees(keys: Keys) -> None:
    jws = credential.secure(credential.build(ISSUER, TAXI), keys.issuer, ISSUER.did)
    header = jwt.get_unverified_header(jws)
    assert header == {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": f"{ISSUER.did}#{keys.issuer.kid}"}
    [jwk] = [key for key in did.jwks(document(keys))["keys"] if key["kid"] == header["kid"]]
    claims = jwt.decode(jws, jwt.PyJWK(jwk).key, algorithms=["EdDSA"], issuer=ISSUER.did)
    assert claims["iss"] == claims["issuer"]["id"] and "vc" not in claims
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(jws[:-8] + "AAAAAAAA", jwt.PyJWK(jwk).key, algorithms=["EdDSA"])


@given(st.data())
def test_a_flipped_bit_anywhere_breaks_the_signature(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    keys = open_keys(tmp_path_factory.getbasetemp() / "flip")
    parts = credential.secure(credential.build(ISSUER, HOTEL), keys.issuer, ISSUER.did).split(".")
    part = data.draw(st.integers(0, 2))
    raw = bytearray(unb64url(parts[part]))
    place = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[place // 8] ^= 1 << place % 8
    parts[part] = b64url(bytes(raw))
    with pytest.raises(Untrusted):
        credential.verified(".".join(parts), did.keys(document(keys)).verifier("issuer", verified))


@pytest.mark.parametrize(
    "header", ['{"alg":"none"}', '{"alg":"HS256","typ":"vc+jwt","kid":"k"}', '{"alg":"EdDSA","typ":"JWT","kid":"k"}']
)
def test_other_algorithms_and_other_kinds_are_refused_unread(header: str) -> None:
    with pytest.raises(Untrusted):
        jose.read(f"{b64url(header.encode())}.e30.AAAA", lambda *_: True, "vc+jwt")


@given(st.sets(st.integers(0, status_list.LENGTH - 1), max_size=200))
def test_a_status_list_says_exactly_who_is_on_it(bits: set[int]) -> None:
    encoded = status_list.encode(bits)
    assert encoded == status_list.encode(sorted(bits)) and status_list.decode(encoded) == bits


def test_the_first_index_is_the_leftmost_bit() -> None:
    # Bitstring Status List v1.0, "Bitstring Encoding": index 0 left-most in the first byte.
    assert status_list.decode(status_list.encode({0, 131_071})) == {0, 131_071}
    field = gzip.decompress(unb64url(status_list.encode({0})[1:]))
    assert field[0] == 0x80 and len(field) == 16 * 1024


def test_numbers_are_drawn_among_the_free_ones_and_a_list_that_is_nearly_full_is_followed_by_the_next() -> None:
    free = status_list.Free({0, 1, 2}, (chance := random.Random(3)).randrange, 8)
    drawn = [free.draw() for _ in range(9)]
    assert len({0, 1, 2, *drawn}) == 12 and all(number < 8 for number in drawn[:3])
    assert all(8 <= number < 16 for number in drawn[3:])
    many = status_list.Free(set(), chance.randrange)
    row = [many.draw() for _ in range(2000)]
    ups = sum(later > before for before, later in pairwise(row))
    assert 850 < ups < 1150, "of two neighbours by age either may come first"
    assert 850 < sum(number < status_list.LENGTH // 2 for number in row) < 1150, "over the whole list"
    with pytest.raises(ValueError):
        status_list.encode({status_list.LENGTH})
    with pytest.raises(ValueError):
        status_list.decode("u" + b64url(gzip.compress(b"\0" * 100)))


def test_a_number_past_the_first_list_stands_in_the_next_one_at_its_own_index() -> None:
    [revocation, suspension] = status_list.entries("https://seal.example", status_list.LENGTH + 7)
    assert revocation["statusListCredential"] == "https://seal.example/log/status/revocation/2"
    assert suspension["statusListIndex"] == "7" and suspension["id"].endswith("/status/suspension/2#7")
    assert status_list.by_list({3, status_list.LENGTH + 7}) == {1: {3}, 2: {7}}


def test_a_status_list_is_signed_like_a_seal(keys: Keys) -> None:
    listed = status_list.credential("suspension", {5}, ISSUER.origin, ISSUER.did, ISSUER.name, NOW)
    jws = credential.secure_list(listed, keys.issuer, ISSUER.did)
    read = msgspec.json.decode(jose.read(jws, did.keys(document(keys)).verifier("issuer", verified), "vc+jwt"))
    assert status_list.decode(read["credentialSubject"]["encodedList"]) == {5}
    assert read["id"] == "https://sello.example.cr/log/status/suspension/1" != read["credentialSubject"]["id"]
    ends = datetime.fromisoformat(read["validUntil"])
    assert datetime.fromisoformat(read["validFrom"]) == NOW < ends <= NOW + timedelta(hours=24), (
        "an old one proves nothing"
    )
    assert read["credentialSubject"]["ttl"] == 60_000, "milliseconds"


def test_a_document_without_our_services_names_no_keys(tmp_path: Path) -> None:
    signer = FileSigner.make(tmp_path / "one.pem")
    whole = did.document(ISSUER.did, ISSUER.origin, "sello.example.cr", [signer], signer, signer)
    with pytest.raises(Untrusted):
        did.keys({name: value for name, value in whole.items() if name != "service"})
