"""domain.md 8, check 7: suspended at 10:00:00, and at 10:01 whoever asks, wherever, in whatever form, is told so.

The whole product in one process; only the browser is missing (test_decision.py has it, and the two seconds).
"""

import re
from datetime import datetime, timedelta

import httpx
import pytest

from registry.access.actor import SYSTEM
from registry.asgi import House
from registry.certification import service as certification
from registry.core.context import Context
from registry.core.crypto import verified
from registry.core.db import fetch
from registry.outbox import service as outbox
from registry.seals import credential, did, service
from registry.seals.publication import Press
from tests.conftest import Browser
from tests.registry.appeals.scene import IMELDA, pool
from tests.registry.certification import scene
from tests.registry.certification.scene import DORA, known

pytestmark = pytest.mark.anyio
REASON = "Una razón que solamente su titular puede leer: la visita del martes."
MINUTE = timedelta(minutes=1)


async def everywhere(client: httpx.AsyncClient, code: str) -> dict[str, str]:
    """What each public form says the seal's state is, in one word."""
    page = await client.get(f"/s/{code}")
    text = (await client.get(f"/s/{code}", headers={"accept": "text/plain"})).text
    live = (await client.get(f"/s/{code}.json")).json()
    found = (await client.get("/api/v1/search", params={"q": "Río Manso"})).json()["seals"]
    listed = (await client.get("/data/seals.json")).json()["seals"]
    row = (await client.get("/find", params={"q": "Río Manso"})).text.partition(f"/s/{code}")[2][:900]
    badge = (await client.get(f"/badge/{code}.svg")).text
    said = {
        "page": re.findall(r'class="verdict (\w+)"', page.text)[0],
        "json": live["state"],
        "api": (await client.get(f"/api/v1/seals/{code}")).json()["state"],
        "search": found[0]["state"],
        "open data": next(one["state"] for one in listed if one.get("code") == code),
    }
    for name, words in (("text", text), ("list", row), ("badge", badge)):
        both = ("Vigente" in words, "Suspendid" in words)
        said[name] = {(True, False): "valid", (False, True): "suspended"}.get(both, f"{both}: {words[:300]}")
    for answer in (page, await client.get(f"/badge/{code}.svg")):
        kept = [int(seconds) for seconds in re.findall(r"max-?age=(\d+)", answer.headers["cache-control"])]
        assert max(kept) <= 60, "nobody's cache may keep it longer than a minute"
    assert REASON[:20] not in page.text + text + row + badge + str(live) + str(listed) + str(found)
    return said


async def bit(context: Context, index: int) -> bool:
    keys = did.keys(Press.of(context).document()).verifier("issuer", verified)
    jws = (await context.published.get("status/suspension/1")).decode()
    return index in credential.verified_list(jws, keys, "suspension")


async def test_a_suspension_shows_everywhere_within_a_minute_and_its_reason_nowhere(
    house: House, context: Context, now: datetime, client: httpx.AsyncClient, sign_in: Browser
) -> None:
    yesterday, ten = now - timedelta(days=1), now - MINUTE
    here = await scene.hotel(yesterday, await scene.opened(yesterday))
    await pool(yesterday)
    ana, irene = await known(here.ana, yesterday), await known(here.irene, yesterday)
    case = await scene.granted(yesterday, here)
    await outbox.drain(context, yesterday)
    await service.publish(SYSTEM, ten - MINUTE, context)
    assert await house.strangers.following.step()
    [seal] = await fetch("SELECT id, code, status_index FROM seal")
    code, paper = seal["code"], f"/desk/seals/{seal['id']}/sheet.pdf"
    client.headers["accept-language"] = "es"
    assert set((await everywhere(client, code)).values()) == {"valid"}
    before = await client.get(f"/s/{code}")
    holder, chamber = await sign_in(ana), await sign_in(irene)
    assert (await holder.get(paper)).status_code == 200 and not await bit(context, seal["status_index"])
    assert "Río Manso" in (await chamber.get("/desk/members", params={"standing": "valid"})).text
    letters = set((context.config.data / "mail").glob("*.eml"))

    await certification.suspend(DORA, ten, case, REASON)  # 10:00:00; the house's clock says 10:01
    await outbox.drain(context, ten)
    assert await house.strangers.following.step()
    assert set((await everywhere(client, code)).values()) == {"suspended"}
    kept = await client.get(f"/s/{code}", headers={"if-none-match": before.headers["etag"]})
    assert kept.status_code == 200 and "Suspendido" in kept.text, "a page kept from before is not confirmed"
    assert await bit(context, seal["status_index"])
    refused = await holder.get(paper)
    assert refused.status_code == 409 and not refused.content.startswith(b"%PDF"), "no sticker that is not true"
    assert "Río Manso" not in (await chamber.get("/desk/members", params={"standing": "valid"})).text
    assert "Río Manso" in (await chamber.get("/desk/members", params={"standing": "suspended"})).text

    new = [path.read_text() for path in set((context.config.data / "mail").glob("*.eml")) - letters]
    told = {text.partition("To: ")[2].partition("\n")[0].strip(): text for text in new}
    to_holder, to_committee = (
        next(text for to, text in told.items() if f"{who.id.int}@example.org" in to) for who in (ana, IMELDA)
    )
    assert "martes" in to_holder and "martes" not in to_committee
