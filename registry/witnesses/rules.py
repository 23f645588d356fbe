"""Whom to ask now, and what an answer changes. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import msgspec

from registry.core.calendar import add_months
from registry.seals.policy import Policy

REFRESH = timedelta(minutes=10)
"""A cosignature is a statement about a time: a witness is asked again though the log did not grow."""
BACK_OFF, LONGEST = timedelta(seconds=5), timedelta(minutes=10)
"""How long one that did not answer is left alone: doubled each time, up to LONGEST."""
STALE = timedelta(hours=1)
"""A quorum older than this is said to be old, by us before others say it."""


EVIDENCE_MONTHS = 60
"""How long what a witness refused is kept: longer than any seal logged under it is valid and its file is kept (two
cycles of 24 months), with a year for whoever disputes one. It names keys, sizes and hashes, and no person."""
EVIDENCE = "evidence/witnesses/"
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})-[0-9a-f]{64}\.txt$")


def evidence_key(of: str, on: date, sha256: str) -> str:
    """Where what a witness refused is kept; its name says since when."""
    return f"{EVIDENCE}{of}/{on}-{sha256}.txt"


def evidence_since(key: str) -> date | None:
    """The day in the name of a piece of evidence; None for names of before they had one."""
    found = _DATED.search(key)
    return date.fromisoformat(found[1]) if found else None


def evidence_outlived(since: date, today: date) -> bool:
    return add_months(since, EVIDENCE_MONTHS) <= today


class Known(msgspec.Struct, frozen=True):
    """What is remembered of a witness."""

    size: int = 0  # of the last tree it cosigned
    cosigned_at: datetime | None = None
    tried_at: datetime | None = None
    failures: int = 0
    trouble: str = ""


class Standing(msgspec.Struct, frozen=True):
    """What the witnesses together say of our log."""

    size: int  # of the largest tree that enough of them cosigned
    cosigners: int
    as_of: datetime | None
    met: bool  # whether the policy's quorum holds for the newest checkpoint
    stale: bool


def due(known: Known, size: int, now: datetime) -> bool:
    """Whether to ask a witness about a checkpoint of this size."""
    if known.tried_at is None:
        return True
    if known.failures:
        return now - known.tried_at >= pause(known.failures)
    return known.size < size or now - known.tried_at >= REFRESH


def pause(failures: int) -> timedelta:
    return min(BACK_OFF * (1 << min(failures - 1, 10)), LONGEST)


def standing(policy: Policy, cosigned: Mapping[str, int], size: int, known: Iterable[Known], now: datetime) -> Standing:
    """`cosigned`: the policy's witnesses under the newest checkpoint, which has this size; `known`: all of them."""
    times = [datetime.fromtimestamp(seconds, now.tzinfo) for seconds in cosigned.values()]
    met = policy.met(cosigned)
    as_of = min(times) if met and times else max((one.cosigned_at for one in known if one.cosigned_at), default=None)
    return Standing(size, len(cosigned), as_of, met, as_of is None or now - as_of >= STALE)
