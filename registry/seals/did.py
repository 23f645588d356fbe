"""Where strangers find our keys: did.json (did:web) and jwks.json. Pure.

Three keys, never one for two formats: `issuer` signs credentials and status lists, `snapshot` signs manifests, `log`
signs checkpoints. Only the issuer's stands under assertionMethod, so that a stolen snapshot key can make no credential.
did:web has no history of its own (whoever holds the name's server can swap keys): that is why every key is a leaf in
the log as well, and why followers may pin them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from registry.core.crypto import Signer, of_jwk, thumbprint
from registry.seals import jose, note
from registry.seals.jose import Untrusted

Check = Callable[[bytes, bytes, bytes], bool]  # public key, signature, data: crypto.verified


class Keys(msgspec.Struct, frozen=True):
    """What a follower needs: raw public keys by absolute kid."""

    did: str
    issuer: dict[str, bytes]
    snapshot: dict[str, bytes]
    log_name: str
    log_key: bytes

    def verifier(self, role: str, check: Check) -> jose.Verify:
        """For jose.read. `role`: issuer or snapshot."""
        return jose.verifier(getattr(self, role), check)


def document(
    did: str, origin: str, log_name: str, issuer: list[Signer], snapshot: Signer, log_signer: Signer
) -> dict[str, Any]:
    """`issuer`: the key in use first, then older ones that live seals still need."""
    methods = [_method(did, signer) for signer in [*issuer, snapshot, log_signer]]
    name = note.vkey(log_name, log_signer.public_bytes())
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [f"{did}#{signer.kid}" for signer in issuer],
        "service": [
            _service(did, "snapshot", "SealSnapshot", f"{origin}/log/snapshot/manifest", key=f"{did}#{snapshot.kid}"),
            _service(did, "log", "TransparencyLog", f"{origin}/log", vkey=name),
        ],
    }


def jwks(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same keys for readers who know no DIDs."""
    return {"keys": [method["publicKeyJwk"] for method in document["verificationMethod"]]}


def keys(document: Mapping[str, Any]) -> Keys:
    """Reads what `document` wrote."""
    try:
        methods = [(method["id"], of_jwk(method["publicKeyJwk"])) for method in document["verificationMethod"]]
        known = dict(methods)
        if len(known) != len(methods) or any(id != f"{document['id']}#{thumbprint(key)}" for id, key in methods):
            raise ValueError("a key under another name than its own thumbprint")
        ends = {service["type"]: service["serviceEndpoint"] for service in document["service"]}
        name, log_key = note.parse_vkey(ends["TransparencyLog"]["vkey"])
        snapshot_kid = ends["SealSnapshot"]["key"]
        return Keys(
            document["id"],
            {kid: known[kid] for kid in document["assertionMethod"]},
            {snapshot_kid: known[snapshot_kid]},
            name,
            log_key,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Untrusted("did.json does not name the three keys") from error


def _service(did: str, name: str, kind: str, uri: str, **more: str) -> dict[str, Any]:
    return {"id": f"{did}#{name}", "type": kind, "serviceEndpoint": {"uri": uri, **more}}


def _method(did: str, signer: Signer) -> dict[str, Any]:
    jwk = {**signer.public_jwk(), "kid": f"{did}#{signer.kid}"}
    return {"id": f"{did}#{signer.kid}", "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk}
