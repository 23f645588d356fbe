"""The pages of an appeal as each of its readers opens them, and one appeal by forms from its lodging to its ruling."""

from datetime import datetime

from registry.appeals import queries
from registry.appeals.rules import State
from tests.conftest import Browser
from tests.registry.appeals import scene
from tests.registry.appeals.scene import GROUNDS, IMELDA, PAULA, PEDRO, PIA, REASONS
from tests.registry.certification.scene import DIEGO, OLGA, Scene, known


async def test_everybody_reads_the_same_clock_and_only_the_panel_the_votes(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    appeal = await scene.ruled(now, hotel)
    await known(hotel.ana, now)
    for reader in (hotel.ana, OLGA, DIEGO, PAULA, IMELDA):
        page = await (await sign_in(reader)).get(f"/desk/appeals/{appeal}", headers={"accept-language": "es"})
        assert page.status_code == 200, reader.name
        assert "19 de enero de 2027" in page.text or "20 nov 2026" in page.text
        assert ("de acuerdo" in page.text) is (reader in (PAULA, IMELDA)), reader.name


async def test_an_appeal_by_forms(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    await scene.pool(now)
    case, decision = await scene.suspended(now, hotel)
    ana, olga = await sign_in(await known(hotel.ana, now)), await sign_in(OLGA)
    assert str(decision) in (await ana.get("/desk/appeals")).text
    assert (await ana.get(f"/desk/appeals/new?certification={case}")).status_code == 200
    again = await ana.post("/desk/appeals", data={"decision": str(decision), "grounds": "no"})
    assert again.status_code == 422
    lodged = await ana.post("/desk/appeals", data={"decision": str(decision), "grounds": GROUNDS})
    at = lodged.headers["location"]
    assert (await olga.post(f"{at}/acknowledgement", data={})).status_code == 303
    assert (await olga.post(f"{at}/panel", data={"panel": str(PAULA.id), "chair": ""})).status_code == 422
    members = [str(one.id) for one in (PAULA, PEDRO, PIA)]
    assert (await olga.post(f"{at}/panel", data={"panel": members, "chair": members[0]})).status_code == 303
    for member in (PAULA, PEDRO, PIA):
        browser = await sign_in(member)
        assert (await browser.post(f"{at}/declaration", data={"declares": "yes"})).status_code == 303
    paula, pedro = await sign_in(PAULA), await sign_in(PEDRO)
    assert (await paula.post(f"{at}/stay", data={"reason": REASONS})).status_code == 303
    assert (await paula.post(f"{at}/stay/end", data={"reason": REASONS})).status_code == 303
    assert (await paula.post(f"{at}/ruling", data={"outcome": "x"})).status_code == 422
    ruling = {"outcome": "upheld", "reasons": REASONS, "asked": "Que se reinstale hoy."}
    assert (await paula.post(f"{at}/ruling", data=ruling)).status_code == 303
    assert (await pedro.post(f"{at}/votes", data={"agrees": "yes"})).status_code == 303
    diego = await sign_in(DIEGO)
    assert (await diego.post(f"{at}/carrying-out", data={"reason": REASONS})).status_code == 303
    (closed,) = await queries.cases(OLGA, {State.CLOSED})
    assert closed.number == "A-2026-0001"
