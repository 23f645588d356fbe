"""The staff's card: a signed link that brings the form with the place, the kind of premises and the role filled in.

It names an establishment or a vehicle, never a person: who used it cannot be told from another who has the same card.
It opens nothing and counts nothing. It is signed so that nobody can print cards that send what a hotel's people tell
to another place. Pure, but for the key.
"""

import msgspec

from registry.core import crypto
from registry.core.context import Context
from registry.core.errors import Invalid

_MAC = 16


class Card(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`role` is a reporter_role of the form: staff or driver."""

    place: str
    premises: str
    role: str
    spot: str = ""
    plate: str = ""


def key(context: Context) -> bytes:
    return context.keys.derived("report card")


def write(secret: bytes, card: Card) -> str:
    """The card as it stands in its link."""
    body = msgspec.json.encode(card)
    return crypto.b64url(crypto.hmac_sha256(secret, body)[:_MAC] + body)


def read(secret: bytes, text: str) -> Card:
    """Invalid `card-not-ours` when a single sign of it was changed."""
    try:
        raw = crypto.unb64url(text[:2000])
    except ValueError:
        raise Invalid("card-not-ours") from None
    mac, body = raw[:_MAC], raw[_MAC:]
    if not crypto.same(crypto.hmac_sha256(secret, body)[:_MAC], mac):
        raise Invalid("card-not-ours")
    return msgspec.json.decode(body, type=Card)
