"""Keys held elsewhere: the rules of KMS, as boto3 meets them at a service that keeps them."""

import base64
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from registry.core import crypto
from registry.core.errors import Busy, Conflict, Invalid
from registry.core.keyring import Keys, open_keys
from registry.core.kms import RAW_LIMIT, KmsSigner
from registry.seals import credential, did, jose, status_list
from registry.seals.credential import Attested, Issuer
from registry.seals.snapshot import Kind
from tests.registry.core import kms
from tests.registry.core.kms import FakeKms

VECTORS = Path(__file__).parents[2] / "vectors" / "kms.json"
NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
ISSUER = Issuer("did:web:sello.example.cr", "https://sello.example.cr", "Resguardo")


@pytest.fixture(scope="module")
def service() -> FakeKms:
    return FakeKms()


@pytest.fixture(scope="module")
def client(service: FakeKms) -> Iterator[Any]:
    with kms.serving(service) as address:
        yield kms.client(address)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)


def seal(name: str = "Hotel Río Manso", scheme: str = "Código de conducta") -> dict[str, Any]:
    facts = Attested(
        code="7K3M9QXT2W4HVN8C", status_index=48_213, valid_from=NOW, valid_until=NOW.replace(year=2028),
        kind=Kind.ESTABLISHMENT, unit="0193f0aa-0000-7000-8000-000000000001", unit_name=name, plate="",
        holder="0193f0aa-0000-7000-8000-000000000002", holder_name=name, scheme="sectt-code", scheme_name=scheme,
        version="1.0", version_from=date(2026, 1, 1), certification="0193f0aa-0000-7000-8000-000000000003",
        assessed_on=date(2026, 11, 1), auditor="Bruno Arrieta", visited=True,
    )  # fmt: skip
    return credential.build(ISSUER, facts)


def verifier(signer: crypto.Signer) -> jose.Verify:
    return jose.verifier({f"{ISSUER.did}#{signer.kid}": signer.public_bytes()}, crypto.verified)


@pytest.mark.parametrize(("spec", "alg"), [("ECC_NIST_EDWARDS25519", "EdDSA"), ("ECC_NIST_P256", "ES256")])
def test_a_seal_signed_by_the_service_is_verified_like_any_other(
    service: FakeKms, client: Any, spec: str, alg: str
) -> None:
    signer = KmsSigner(service.make(spec), client)
    jws = credential.secure(seal(), signer, ISSUER.did)
    header = json.loads(crypto.unb64url(jws.split(".")[0]))
    assert header == {"alg": alg, "typ": "vc+jwt", "cty": "vc", "kid": f"{ISSUER.did}#{signer.kid}"}
    assert credential.verified(jws, verifier(signer), NOW) == seal()
    other = KmsSigner(service.make(spec), client)
    with pytest.raises(jose.Untrusted):
        credential.verified(jws, verifier(other), NOW)


def test_a_signature_of_p256_is_sixty_four_bytes_over_one_hash(service: FakeKms, client: Any) -> None:
    signer = KmsSigner(service.make("ECC_NIST_P256"), client)
    for size in (0, 1, 4096, 4097, 200_000):
        data = bytes(size)
        signature = signer.sign(data)
        assert len(signature) == 64 and crypto.verified(signer.public_bytes(), signature, data)
        operation, said = service.calls[-1]
        assert (operation, said["MessageType"], said["SigningAlgorithm"]) == ("Sign", "DIGEST", "ECDSA_SHA_256")


def test_a_service_that_hashes_a_digest_again_is_found_at_the_first_signature(service: FakeKms, client: Any) -> None:
    signer = KmsSigner(service.make("ECC_NIST_P256"), client)
    service.twice = True
    try:
        with pytest.raises(Conflict, match="key-service-wrong"):
            signer.sign(b"x")
    finally:
        service.twice = False


def test_ed25519_refuses_more_than_4096_bytes_before_anything_is_sent(service: FakeKms, client: Any) -> None:
    signer = KmsSigner(service.make("ECC_NIST_EDWARDS25519"), client)
    assert crypto.verified(signer.public_bytes(), signer.sign(bytes(RAW_LIMIT)), bytes(RAW_LIMIT))
    sent = len(service.calls)
    with pytest.raises(Invalid, match="signing-input-too-long") as refused:
        signer.sign(bytes(RAW_LIMIT + 1))
    assert refused.value.details == {"size": 4097, "limit": 4096} and len(service.calls) == sent
    # Loudly, and where a credential is built: a long name fits, a very long one is refused, and P-256 takes both.
    wide = KmsSigner(service.make("ECC_NIST_P256"), client)
    assert credential.secure(seal("Hotel " + "ñ" * 60), signer, ISSUER.did)
    with pytest.raises(Invalid, match="signing-input-too-long"):
        credential.secure(seal("Hotel " + "ñ" * 400), signer, ISSUER.did)
    assert credential.secure(seal("Hotel " + "ñ" * 400), wide, ISSUER.did)


def test_a_long_status_list_needs_a_key_without_a_limit(service: FakeKms, client: Any) -> None:
    narrow, wide = (KmsSigner(service.make(spec), client) for spec in ("ECC_NIST_EDWARDS25519", "ECC_NIST_P256"))

    def listed(count: int) -> dict[str, Any]:
        bits = range(0, 131_072, 131_072 // count)
        return status_list.credential("revocation", list(bits)[:count], ISSUER.origin, ISSUER.did, ISSUER.name, NOW)

    # Evenly spread bits compress too well to be a measure; drawn ones are what there will be.
    drawn = status_list.credential(
        "revocation", random.Random(1).sample(range(131_072), 3000), ISSUER.origin, ISSUER.did, ISSUER.name, NOW
    )
    assert credential.secure_list(listed(8), narrow, ISSUER.did)
    with pytest.raises(Invalid, match="signing-input-too-long"):
        credential.secure_list(drawn, narrow, ISSUER.did)
    jws = credential.secure_list(drawn, wide, ISSUER.did)
    assert len(credential.verified_list(jws, verifier(wide), "revocation")) == 3000


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"Message": b"x" * 4097, "MessageType": "RAW", "SigningAlgorithm": "ED25519_SHA_512"}, "ValidationException"),
        ({"Message": b"x" * 64, "MessageType": "DIGEST", "SigningAlgorithm": "ED25519_SHA_512"}, "ValidationException"),
        ({"Message": b"x", "MessageType": "RAW", "SigningAlgorithm": "ECDSA_SHA_256"}, "InvalidKeyUsageException"),
    ],
)
def test_the_fake_refuses_what_the_service_refuses(
    service: FakeKms, client: Any, said: dict[str, Any], kind: str
) -> None:
    arn = service.make("ECC_NIST_EDWARDS25519")
    with pytest.raises(client.exceptions.ClientError) as refused:
        client.sign(KeyId=arn, **said)
    assert refused.value.response["Error"]["Code"] == kind
    with pytest.raises(client.exceptions.ClientError, match="Digest is invalid length"):
        client.sign(
            KeyId=service.make("ECC_NIST_P256"), Message=b"x" * 31, MessageType="DIGEST",
            SigningAlgorithm="ECDSA_SHA_256",
        )  # fmt: skip


def test_a_busy_service_is_asked_again_and_then_told_of(service: FakeKms, client: Any) -> None:
    signer = KmsSigner(service.make("ECC_NIST_P256"), client)
    service.throttled = 2
    assert len(signer.sign(b"x")) == 64
    service.throttled = 50
    try:
        with pytest.raises(Busy, match="key-service-busy"):
            signer.sign(b"x")
    finally:
        service.throttled = 0


def test_a_key_that_is_gone_disabled_or_of_another_kind_is_said_so(service: FakeKms, client: Any) -> None:
    with pytest.raises(Conflict, match="NotFoundException"):
        KmsSigner(f"{kms.ARN}nobody", client)
    arn = service.make("ECC_NIST_P256")
    signer = KmsSigner(arn, client)
    service.states[arn] = "Disabled"
    with pytest.raises(Conflict, match="DisabledException"):
        signer.sign(b"x")
    with pytest.raises(Invalid, match="key-not-usable"):
        KmsSigner(service.make("ECC_NIST_P384"), client)


def test_a_service_nobody_answers_at_is_said_to_be_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Busy, match="key-service-away"):
        KmsSigner(f"{kms.ARN}1", kms.client("http://127.0.0.1:9"))


def test_configuration_names_a_key_of_the_service_by_its_arn(
    service: FakeKms, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.core.kms._client", lambda region: client)
    arn = service.make("ECC_NIST_P256")
    keys = open_keys(tmp_path / "keys", {"issuer": f"kms:{arn}"})
    assert keys.issuer.alg == "ES256" and keys.snapshot.alg == "EdDSA"
    assert not (tmp_path / "keys" / "issuer.pem").exists() and keys.issuer is keys.open(f"kms:{arn}")


# -- the recorded contract -------------------------------------------------------------------------------------------


def test_what_is_sent_and_read_is_what_was_recorded(service: FakeKms, client: Any) -> None:
    """The recorded exchanges fit AWS's own model of the service, and our signer sends exactly those requests."""
    recorded = json.loads(VECTORS.read_text())
    model = ServiceModel(Loader().load_service_model("kms", "service-2"), "kms")
    for exchange in recorded["exchanges"]:
        operation = model.operation_model(exchange["target"].removeprefix("TrentService."))
        assert exchange["target"] == f"{model.metadata['targetPrefix']}.{operation.name}"
        assert exchange["type"] == f"application/x-amz-json-{model.metadata['jsonVersion']}"
        _fits(operation.input_shape, exchange["request"])
        if exchange["status"] == 200:
            _fits(operation.output_shape, exchange["response"])
        else:
            known = {shape.name for shape in operation.error_shapes} | {"ThrottlingException", "ValidationException"}
            assert exchange["response"]["__type"] in known and set(exchange["response"]) == {"__type", "message"}
    replayed = FakeKms()
    for key in recorded["keys"]:
        private = serialization.load_pem_private_key(key["pem"].encode(), None)
        replayed.hold(key["spec"], private)
    with kms.serving(replayed) as address:
        for arn, data in zip(list(replayed.keys), recorded["data"], strict=True):
            KmsSigner(arn, kms.client(address)).sign(data.encode())
    expected = [one for one in recorded["exchanges"] if one["status"] == 200]
    for sent, then in zip(replayed.exchanges, expected, strict=True):
        assert (sent["target"], sent["request"], sent["type"]) == (then["target"], then["request"], then["type"])
        assert set(sent["response"]) == set(then["response"])


def _fits(shape: Any, value: dict[str, Any]) -> None:
    assert set(value) <= set(shape.members), set(value) - set(shape.members)
    assert set(shape.required_members) <= set(value)
    for name, one in value.items():
        member = shape.members[name]
        if member.type_name == "string" and member.enum:
            assert one in member.enum
        if member.type_name == "blob":
            assert member.metadata.get("min", 0) <= len(base64.b64decode(one))


# -- keys in files and variables ---------------------------------------------------------------------------------------


def test_a_key_is_taken_from_a_file_or_a_variable_of_either_kind(tmp_path: Path) -> None:
    for key in (ec.generate_private_key(ec.SECP256R1()), None):
        if key is None:
            crypto.FileSigner.make(tmp_path / "made.pem")
            pem = (tmp_path / "made.pem").read_bytes()
        else:
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        keys = Keys(tmp_path / "keys", {"issuer": "env:ISSUER"}, {"ISSUER": pem.decode()})
        signer = keys.issuer
        assert crypto.verified(signer.public_bytes(), signer.sign(b"x"), b"x")
        assert crypto.of_jwk(signer.public_jwk()) == signer.public_bytes()
        document = did.document("did:web:x", "https://x", "x/log", [signer], keys.snapshot, keys.log)
        assert did.keys(document).issuer == {f"did:web:x#{signer.kid}": signer.public_bytes()}


@pytest.mark.parametrize("source", ["env:NOTHING", "file:nowhere.pem", "kms:", "vault:x", "file:rsa.pem", ""])
def test_a_source_without_a_key_is_refused(tmp_path: Path, source: str) -> None:
    (tmp_path / "rsa.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    (tmp_path / "rsa.pem").chmod(0o600)
    with pytest.raises(Invalid, match=r"key-not-usable|key-source-unknown"):
        Keys(tmp_path, {}, {}).open(source)


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    crypto.FileSigner.make(tmp_path / "one.pem").sign(b"x")
    (tmp_path / "one.pem").chmod(0o640)
    with pytest.raises(Invalid, match="key-file-open"):
        crypto.FileSigner.load(tmp_path / "one.pem")


def test_a_process_that_signs_nothing_opens_no_private_key(tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "keys")
    assert keys.derived("a use") and [path.name for path in (tmp_path / "keys").iterdir()] == ["secret"]
