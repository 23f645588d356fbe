"""Records of before: with which key an office signed until when.

What an office said stays said after it changed its keys. Every version of the directory stays published, signed by the
custodians, and names the one before it by its hash, so the way back from the version in force can be gone by anybody:
the twin in a browser is public_site/report_form/client/directory.js.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from registry.authorities.directory import Directory, Record, digest, signed_by
from registry.authorities.root import Root
from registry.core.errors import Refusal
from registry.core.storage import Storage

FURTHEST = 40
"""Versions gone back at most. A box lives a year, and the directory is signed anew some times a year."""


class Former(msgspec.Struct, frozen=True):
    """An office as it stood until a version was issued in which it has another signing key, or none any more."""

    record: Record
    until: datetime


async def formerly(published: Storage, root: Root, now: Directory, authority: UUID) -> AsyncIterator[Former]:
    """Its records with other signing keys, the newest first. Ends where a version is missing or does not hold."""
    after = now
    for version in range(now.version - 1, max(0, now.version - 1 - FURTHEST), -1):
        try:
            before = signed_by(await published.get(f"authorities/directory/{version}.json"), root)
        except (KeyError, Refusal):
            return
        if (before.version, digest(before)) != (version, after.previous):
            return
        record, then = before.record(authority), after.record(authority)
        if record is not None and (then is None or then.signing != record.signing):
            yield Former(record, after.issued_at)
        after = before
