"""Other people's vectors for what we verify: Wycheproof's Ed25519, ECDSA P-256 and JSON Web Keys and Signatures, and
the C2SP corner cases of Ed25519. They run where the folder with the data is.
"""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from registry.core import crypto
from registry.core.crypto import b64url, of_jwk, unb64url, verified
from registry.seals import jose
from registry.seals.jose import Untrusted

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "vectors"
there = pytest.mark.skipif(not FOLDER.exists(), reason="the vectors are not part of the repository")


def groups(name: str) -> list[dict[str, Any]]:
    return list(json.loads(gzip.decompress((FOLDER / f"wycheproof_{name}_test.json.gz").read_bytes()))["testGroups"])


def cases(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(group, case) for group in groups(name) for case in group["tests"]]


@there
def test_ed25519_as_wycheproof_has_it() -> None:
    found = cases("ed25519")
    for group, case in found:
        public = bytes.fromhex(group["publicKey"]["pk"])
        held = verified(public, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
        assert held == (case["result"] == "valid"), case
        assert of_jwk(group["publicKeyJwk"]) == public
    assert len(found) > 100


@there
def test_p256_as_wycheproof_has_it() -> None:
    found = cases("ecdsa_secp256r1_sha256_p1363")
    for group, case in found:
        public = bytes.fromhex(group["publicKey"]["uncompressed"])
        held = verified(public, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
        assert held == (case["result"] == "valid"), case
    assert len(found) > 200


def _keys(group: dict[str, Any]) -> dict[str, bytes]:
    """What our reader makes of a key or a key set; one that is not ours as a whole is nobody's."""
    found: dict[str, bytes] = {}
    public = group.get("public") or {}
    for key in public.get("keys", [public]):
        raw = of_jwk(key)
        if key.get("kid", "") in found:
            raise ValueError("one name for two keys")
        found[key.get("kid", "")] = raw
    return found


def _read(jws: str, keys: dict[str, bytes]) -> bytes:
    """As jose.read, for signatures made without the `typ` and the `kid` that ours must have."""
    try:
        head, body, mark = jws.split(".")
        header = json.loads(unb64url(head))
        full = jose.Header(header["alg"], header.get("kid", ""), header.get("typ", ""))
        if full.alg not in jose.ALGORITHMS:
            raise Untrusted(full.alg)
        signature = unb64url(mark)
    except (ValueError, KeyError, TypeError) as error:
        raise Untrusted("not a compact signature") from error
    if not jose.verifier(keys, verified)(full, signature, f"{head}.{body}".encode()):
        raise Untrusted("the signature does not hold")
    return unb64url(body)


@there
@pytest.mark.parametrize("name", ["json_web_crypto", "json_web_key"])
def test_keys_and_signatures_in_json_as_wycheproof_has_them(name: str) -> None:
    accepted = 0
    for group, case in cases(name):
        if "jws" not in case:
            continue
        try:
            _read(case["jws"] if isinstance(case["jws"], str) else json.dumps(case["jws"]), _keys(group))
            held = True
        except (Untrusted, ValueError):
            held = False
        # Whatever is not ES256 or EdDSA is refused here, valid or not; nothing invalid is ever accepted.
        ours = (group.get("public") or {}).get("crv") == "P-256"
        assert held is False or case["result"] == "valid", case
        if ours and case["result"] == "valid" and "JsonSerialization" not in case["flags"]:
            assert held, case
        accepted += held
    assert accepted >= (name == "json_web_crypto")


@there
def test_corner_cases_of_ed25519_never_hold_for_a_key_that_is_not_one() -> None:
    """C2SP's vectors list what implementations differ in. Ours may be lax in none of the ways that let two messages or
    two keys share a signature: a point of low order as a key, and an S that is not reduced."""
    found = json.loads(gzip.decompress((FOLDER / "cctv_ed25519vectors.json.gz").read_bytes()))
    for case in found:
        flags = set(case["flags"] or [])
        held = verified(bytes.fromhex(case["key"]), bytes.fromhex(case["sig"]), case["msg"].encode())
        if not flags:
            assert held, case
        if "non_canonical_S" in flags:
            assert not held, case
    assert len(found) > 500


def test_no_key_verifies_under_another_algorithm_or_name(tmp_path: Path) -> None:
    signer = crypto.FileSigner.make(tmp_path / "one.pem")
    keys = {"k": signer.public_bytes()}
    honest = jose.sign(b"{}", signer, "k", "vc+jwt")
    assert jose.read(honest, jose.verifier(keys, verified), "vc+jwt") == b"{}"
    _, body, _ = honest.split(".")

    def bent(**header: Any) -> str:
        head = b64url(json.dumps({"alg": "EdDSA", "typ": "vc+jwt", "kid": "k"} | header).encode())
        message = f"{head}.{body}".encode()
        mac = crypto.hmac_sha256(signer.public_bytes(), message)
        mark = signer.sign(message) if header.get("alg") not in {"none", "HS256"} else mac
        return f"{head}.{body}.{'' if header.get('alg') == 'none' else b64url(mark)}"

    assert jose.read(bent(alg="Ed25519"), jose.verifier(keys, verified), "vc+jwt") == b"{}"
    for header in (
        {"alg": "none"}, {"alg": "HS256"}, {"alg": "ES256"}, {"alg": "eddsa"}, {"kid": "other"}, {"typ": "JWT"},
        {"crit": ["b64"], "b64": False},
    ):  # fmt: skip
        with pytest.raises(Untrusted):
            jose.read(bent(**header), jose.verifier(keys, verified), "vc+jwt")


@pytest.mark.parametrize(
    "change",
    [{"d": "AA"}, {"use": "enc"}, {"alg": "ES256"}, {"crv": "X25519"}, {"kty": "EC"}, {"x": "AA"}, {"x": ""}],
)
def test_a_jwk_that_is_not_a_public_key_for_signing_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    key = crypto.FileSigner.make(tmp_path / "one.pem").public_jwk()
    assert of_jwk(key)
    with pytest.raises(ValueError):
        of_jwk(key | change)
