"""Where strangers find our keys: did.json (did:web) and jwks.json. Pure.

One key for each use, never one for two formats: `issuer` signs credentials and status lists, `snapshot` signs
manifests, `log` signs checkpoints. Only issuer's keys stand under assertionMethod, so that a stolen snapshot key can
make no credential. A key stands here from its announcement, 48 hours before its first signature; under assertionMethod
(or in its service) until 30 days after its last; as a verificationMethod for good, unless it was compromised.
did:web has no history of its own (whoever holds the name's server can swap keys): that is why every change of this
document is a leaf in the log with the document's hash, and why followers pin the log's key.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from registry.core.crypto import PublicKey, Signer, of_jwk, thumbprint
from registry.core.keyring import TRUSTED, Held, KeyState
from registry.seals import jose, note
from registry.seals.jose import Untrusted

Check = Callable[[bytes, bytes, bytes], bool]  # public key, signature, data: crypto.verified


class Keys(msgspec.Struct, frozen=True):
    """What a follower needs: raw public keys by absolute kid. `log_key` signs now; `log_keys` are all that may."""

    did: str
    issuer: dict[str, bytes]
    snapshot: dict[str, bytes]
    log_name: str
    log_key: bytes
    log_keys: tuple[bytes, ...] = ()

    def verifier(self, role: str, check: Check) -> jose.Verify:
        """For jose.read. `role`: issuer or snapshot."""
        return jose.verifier(getattr(self, role), check)


def published(did: str, origin: str, log_name: str, keys: Sequence[Held]) -> dict[str, Any]:
    """The document over all keys of the house, the earliest first."""
    shown = [one for one in keys if one.state is not KeyState.COMPROMISED]
    trusted = {role: [one for one in shown if one.role == role and one.state in TRUSTED] for role in _USES}
    in_use = {one.role: one for one in shown if one.state is KeyState.ACTIVE}
    vkeys = [note.vkey(log_name, one.public) for one in trusted["log"]]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "verificationMethod": [_method(did, PublicKey(one.public)) for one in shown],
        "assertionMethod": [f"{did}#{one.kid}" for one in trusted["issuer"]],
        "service": [
            _service(
                did, "snapshot", "SealSnapshot", f"{origin}/log/snapshot/manifest",
                key=f"{did}#{in_use['snapshot'].kid}", keys=[f"{did}#{one.kid}" for one in trusted["snapshot"]],
            ),
            _service(
                did, "log", "TransparencyLog", f"{origin}/log", vkey=note.vkey(log_name, in_use["log"].public),
                vkeys=vkeys,
            ),
        ],
    }  # fmt: skip


_USES = ("issuer", "snapshot", "log")


def document(
    did: str, origin: str, log_name: str, issuer: Sequence[Signer], snapshot: Signer, log_signer: Signer
) -> dict[str, Any]:
    """The document of a house that never changed a key."""
    uses = [*(("issuer", one) for one in issuer), ("snapshot", snapshot), ("log", log_signer)]
    return published(did, origin, log_name, [_first(role, signer) for role, signer in uses])


def _first(role: str, signer: Signer) -> Held:
    return Held(role, signer.kid, signer.public_bytes(), "", KeyState.ACTIVE, datetime(1970, 1, 1, tzinfo=UTC))


def jwks(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same keys for readers who know no DIDs."""
    return {"keys": [method["publicKeyJwk"] for method in document["verificationMethod"]]}


def keys(document: Mapping[str, Any]) -> Keys:
    """Reads what `published` wrote."""
    try:
        methods = [(method["id"], of_jwk(method["publicKeyJwk"])) for method in document["verificationMethod"]]
        known = dict(methods)
        if len(known) != len(methods) or any(id != f"{document['id']}#{thumbprint(key)}" for id, key in methods):
            raise ValueError("a key under another name than its own thumbprint")
        ends = {service["type"]: service["serviceEndpoint"] for service in document["service"]}
        name, log_key = note.parse_vkey(ends["TransparencyLog"]["vkey"])
        others = [note.parse_vkey(vkey) for vkey in ends["TransparencyLog"].get("vkeys", [])]
        manifests = ends["SealSnapshot"]
        return Keys(
            document["id"],
            {kid: known[kid] for kid in document["assertionMethod"]},
            {kid: known[kid] for kid in {manifests["key"], *manifests.get("keys", [])}},
            name,
            log_key,
            tuple(dict.fromkeys([log_key, *(key for other, key in others if other == name)])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Untrusted("did.json does not name the three keys") from error


def _service(did: str, name: str, kind: str, uri: str, **more: Any) -> dict[str, Any]:
    return {"id": f"{did}#{name}", "type": kind, "serviceEndpoint": {"uri": uri, **more}}


def _method(did: str, key: PublicKey) -> dict[str, Any]:
    jwk = {**key.public_jwk(), "kid": f"{did}#{key.kid}"}
    return {"id": f"{did}#{key.kid}", "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk}
