"""A status list as it was at an instant: before and after a suspension, and what is asked in vain."""

from datetime import datetime, timedelta

import httpx
import pytest

from public_site.app import Door
from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.core.crypto import verified
from registry.seals import credential, did, service, status_list
from registry.seals.publication import Press
from tests.registry.seals.test_service import group

pytestmark = pytest.mark.anyio
LIST = "/log/status/suspension/1"


def rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_the_list_before_and_after_a_suspension_differ_and_are_both_signed(
    db: None, house: Context, door: Door
) -> None:
    context, now = house, house.clock()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://localhost:8000")
    start = now - timedelta(hours=3)
    here, case = await group(context, start, 2)
    await service.suspend(SYSTEM, start + timedelta(hours=1), case, [here.units[0]])
    await service.publish(SYSTEM, start + timedelta(hours=1), context)
    await service.reinstate(SYSTEM, start + timedelta(hours=2), case, [here.units[0]])
    await service.publish(SYSTEM, start + timedelta(hours=2), context)
    keys = did.keys(Press.of(context).document()).verifier("issuer", verified)
    held = []
    for minutes in (30, 90, 150):
        answer = await client.get(LIST, params={"timestamp": rfc3339(start + timedelta(minutes=minutes))})
        assert answer.status_code == 200 and answer.headers["content-type"] == "application/vc+jwt"
        assert answer.headers["cache-control"] == "public, max-age=86400"
        held.append(len(credential.verified_list(answer.text, keys, "suspension")))
        final = await client.get(answer.headers["content-location"])
        assert final.text == answer.text and "immutable" in final.headers["cache-control"]
    assert held == [0, 1, 0]
    newest = await client.get(LIST)
    assert newest.headers["cache-control"] == f"public, max-age={status_list.TTL.seconds}, must-revalidate"
    again = await client.get(LIST, headers={"if-none-match": newest.headers["etag"]})
    assert again.status_code == 304
    versions = await client.get("/log/status/versions/suspension/1")
    assert versions.headers["content-type"] == "application/json" and len(versions.json()["times"]) == 3

    for asked, status, code in (
        (rfc3339(start - timedelta(days=1)), 404, "status-list-not-yet"),
        (rfc3339(now + timedelta(minutes=1)), 422, "status-time-ahead"),
        ("yesterday", 422, "status-time-unreadable"),
        ("", 422, "status-time-unreadable"),
    ):
        refused = await client.get(LIST, params={"timestamp": asked}, headers={"accept": "application/json"})
        assert (refused.status_code, code in refused.text) == (status, True), refused.text
    elsewhere = {"timestamp": rfc3339(now)}
    assert (await client.get("/log/status/suspension/2", params=elsewhere)).status_code == 404
    assert (await client.get("/log/status/refresh/1", params=elsewhere)).status_code == 404
