"""A status list as it was: "was it valid during my stay?", answered by the very list that was signed then."""

import re
from datetime import datetime, timedelta

from registry.core.errors import Invalid, NotFound
from registry.core.storage import Storage
from registry.seals import history
from registry.seals.status_list import TTL

LIST = re.compile(r"status/(revocation|suspension)/([1-9][0-9]{0,6})")
NEWEST = f"public, max-age={int(TTL.total_seconds())}, must-revalidate"
"""As long as the list's own ttl allows."""
SETTLED = "public, max-age=86400"
"""An instant that is over: no list will be signed for it any more."""
SLACK = timedelta(seconds=5)
"""By how much another's clock may be ahead of ours."""


async def as_of(published: Storage, key: str, timestamp: str, now: datetime) -> tuple[str, str]:
    """The file that held at `timestamp`, and how long an answer may be kept. Raises Invalid for what is no instant or
    has not come yet, NotFound for a time before the first list."""
    named = LIST.fullmatch(key)
    moment = history.asked(timestamp)
    if named is None or moment is None:
        raise Invalid("status-time-unreadable")
    if moment > now + SLACK:
        raise Invalid("status-time-ahead")
    found = await history.find(published.get, named[1], int(named[2]), int(moment.timestamp()))
    if found is None:
        raise NotFound("status-list-not-yet")
    return found, SETTLED if moment < now - TTL else NEWEST
