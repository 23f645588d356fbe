"""The links of a seal, as one document (RFC 9264): where its page, its credential, its lists and its proof stand. Pure.

What ISO/IEC 18975 resolvers and UNTP's Identity Resolver look for behind a printed address. Relations are registered
ones (alternate, status, describedby), but for UNTP's name of a conformity credential and the log's proof.
"""

from typing import Any

from public_site.verification import media
from registry.core.i18n import LANGUAGES
from registry.seals.snapshot import Entry

CREDENTIAL = "untp:dcc"
PROOF = "https://c2sp.org/tlog-proof"

BIT = ("statusPurpose", "statusListIndex")

Link = dict[str, Any]


def document(origin: str, entry: Entry, lists: list[dict[str, str]]) -> dict[str, Any]:
    """`origin`: https://seal.example.org. `lists`: where this seal's bits stand, as its credential says it."""
    address = f"{origin}/s/{entry.code}"
    jwt = _to(f"{address}.jwt", media.VC_JWT)
    context: Link = {
        "anchor": address,
        "alternate": [
            _to(address, media.HTML) | {"hreflang": list(LANGUAGES)}, _to(f"{address}.json", media.JSON),
            jwt, _to(f"{address}.vc", media.VC), _to(f"{address}.txt", media.TEXT) | {"hreflang": list(LANGUAGES)},
        ],
        CREDENTIAL: [jwt],
        # Extension attributes are lists of strings (RFC 9264, 4.2.4.3).
        "status": [
            _to(one["statusListCredential"], media.VC_JWT) | {name: [one[name]] for name in BIT} for one in lists
        ],
        PROOF: [_to(f"{address}.tlog-proof", media.TEXT)],
        "describedby": [_to(f"{origin}/.well-known/did.json", "application/did+json")],
    }  # fmt: skip
    return {"linkset": [context]}


def header(origin: str, entry: Entry) -> str:
    """The `Link` by which the other forms lead here."""
    return f'<{origin}/s/{entry.code}.linkset>; rel="linkset"; type="{media.LINKSET}"'


def _to(href: str, kind: str) -> Link:
    return {"href": href, "type": kind}
