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

Link = dict[str, Any]


def document(origin: str, entry: Entry, lists: list[str]) -> dict[str, Any]:
    """`origin`: https://seal.example.org. `lists`: addresses of the status lists that hold this seal's bits."""
    address = f"{origin}/s/{entry.code}"
    jwt = _to(f"{address}.jwt", media.VC_JWT)
    context: Link = {
        "anchor": address,
        "alternate": [
            _to(address, media.HTML) | {"hreflang": list(LANGUAGES)}, _to(f"{address}.json", media.JSON),
            jwt, _to(f"{address}.vc", media.VC), _to(f"{address}.txt", media.TEXT) | {"hreflang": list(LANGUAGES)},
        ],
        CREDENTIAL: [jwt],
        "status": [_to(one, media.VC_JWT) for one in lists],
        PROOF: [_to(f"{address}.tlog-proof", media.TEXT)],
        "describedby": [_to(f"{origin}/.well-known/did.json", "application/did+json")],
    }  # fmt: skip
    return {"linkset": [context]}


def header(origin: str, entry: Entry) -> str:
    """The `Link` by which the other forms lead here."""
    return f'<{origin}/s/{entry.code}.linkset>; rel="linkset"; type="{media.LINKSET}"'


def _to(href: str, kind: str) -> Link:
    return {"href": href, "type": kind}
