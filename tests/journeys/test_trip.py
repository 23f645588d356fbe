"""A copy saved for a trip, in a real browser: what it answers without a network and at which age, what is refused,
and what is left of it afterwards (seals.md 3.3; 7, checks 14 and 15)."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from registry.config import read
from registry.house import context_of
from registry.seals import jose, snapshot
from registry.seals.snapshot import Manifest
from tests.journeys.test_scan import LOOKS, assert_open, visit
from tests.journeys.test_stranger import browser, pytestmark  # noqa: F401  fixture, mark
from tests.public_site.served import serving
from tests.public_site.world import BOAT, ENDED, EXPIRED, FUTURE, HOTEL, REPLACED, TAXI, UNKNOWN, WITHDRAWN, World

SEALS = {"taxi": TAXI, "hotel": HOTEL, "boat": BOAT, "withdrawn": WITHDRAWN, "expired": EXPIRED, "replaced": REPLACED,
         "ended": ENDED, "future": FUTURE}  # fmt: skip
MANIFEST = "**/log/snapshot/manifest"


class House:
    """The door being visited, and the registry behind it."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.address = settings["REGISTRY_ORIGIN"]
        self.context = context_of(read(settings))
        self.world = World(self.context.published, self.context.keys.snapshot, self.context.config.did)

    def manifest(self) -> str:
        return httpx.get(f"{self.address}/log/snapshot/manifest").text

    def said(self, jws: str, **changed: Any) -> str:
        """The same manifest with something else in it, signed rightly."""
        manifest = msgspec.json.decode(jose.body(jws), type=Manifest)
        return snapshot.sign_manifest(msgspec.structs.replace(manifest, **changed), self.world.signer, self.world.did)

    def publish(self) -> str:
        """Anew, under a higher number."""
        seq = msgspec.json.decode(jose.body(self.manifest()), type=Manifest).seq + 1
        with ThreadPoolExecutor(1) as aside:  # the browser's own loop runs in this thread
            aside.submit(asyncio.run, self.world.publish(at=datetime.now(UTC), seq=seq)).result()
        return self.manifest()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with serving(tmp_path_factory.mktemp("trip")) as settings:
        yield House(settings)


def save(page: Any, *only: str) -> None:
    page.get_by_role("button", name="Ver qué se puede guardar").click()
    boxes = page.locator("#regions input")
    boxes.first.wait_for()
    for box in boxes.all():
        box.set_checked(not only or box.get_attribute("value") in only)
    page.get_by_role("button", name="Guardar la copia").click()


def saved(page: Any, *only: str) -> Any:
    save(page, *only)
    page.get_by_text("Guardada. Puede probarla").wait_for()
    return page


def ask(page: Any, code: str) -> str:
    """Type a code and read the head of the answer."""
    page.evaluate("() => document.getElementById('verdict').replaceChildren()")
    page.get_by_label("Código del sello").fill(code)
    page.get_by_role("button", name="Comprobar").click()
    page.locator("#verdict h1").wait_for()
    return str(page.locator("#verdict h1").inner_text())


def words(page: Any, within: str) -> dict[str, str]:
    """What a page says of a seal, wherever it stands."""
    found = {}
    for name, place in {
        "state": ".verdict h1", "sentence": ".verdict strong", "see": ".see", "facts": ".see + p",
        "means": "[aria-labelledby=means]", "checked": "[aria-labelledby=checked]",
    }.items():  # fmt: skip
        part = page.locator(f"{within} {place}").first
        found[name] = " ".join(part.inner_text().split()) if part.count() else ""
    return found


@pytest.fixture
def traveller(browser: Any, house: House) -> Any:  # noqa: F811
    """Somebody who saved the whole register and then left the network."""
    page = saved(visit(browser, house.address))
    page.context.set_offline(True)
    page.reload()
    page.get_by_text("Hay una copia en este teléfono").wait_for()
    return page


def test_the_copy_says_what_the_seals_own_page_says(browser: Any, house: House, traveller: Any) -> None:  # noqa: F811
    online = browser.new_page(locale="es-CR")
    for name, code in SEALS.items():
        online.goto(f"{house.address}/s/{code}")
        ask(traveller, code)
        carried = words(traveller, "#verdict")
        assert carried == words(online, "main"), name
        moment = traveller.locator("#verdict .verdict").inner_text()
        assert "Según la copia en su teléfono" in moment and "(hora de Costa Rica)" in moment
    assert ask(traveller, UNKNOWN) == "No conocemos este código"
    assert "No estaba en el registro el" in traveller.locator("#verdict").inner_text()
    assert traveller.locator(".emergency a").first.get_attribute("href") == "tel:911"
    assert traveller.get_by_role("link", name="2555-0147").first.get_attribute("href") == "tel:+50625550147"
    assert traveller.troubles == []


AGES: list[tuple[float, dict[str, tuple[str, str]]]] = [
    (25, {"taxi": ("amber", "Estaba vigente; confírmelo"), "hotel": ("valid", "Vigente"),
          "boat": ("suspended", "Suspendido"), "unknown": ("unknown", "Ahora no podemos confirmarlo")}),
    (73, {"taxi": ("amber", "Estaba vigente; confírmelo"), "hotel": ("amber", "Estaba vigente; confírmelo")}),
    (8 * 24, {"taxi": ("unknown", "Ahora no podemos confirmarlo"), "hotel": ("unknown", "Ahora no podemos confirmarlo"),
              "boat": ("suspended", "Suspendido"), "withdrawn": ("withdrawn", "Retirado")}),
    (-26, {"taxi": ("valid", "Vigente")}),
]  # fmt: skip


def test_as_the_copy_grows_old_it_says_less_and_never_green(traveller: Any) -> None:
    for hours, expected in AGES:
        traveller.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=hours))
        for name, (look, heading) in expected.items():
            assert ask(traveller, {**SEALS, "unknown": UNKNOWN}[name]) == heading, (hours, name)
            assert look in traveller.locator("#verdict .verdict").get_attribute("class").split(), (hours, name)
            behind = traveller.get_by_text("El reloj de este teléfono está mal").count()
            assert behind == (hours < 0)
    assert traveller.locator("[data-say=aged]").is_visible() is False


def test_it_answers_in_every_language_without_a_network(traveller: Any, house: House) -> None:
    for language, word in {"en": "Valid", "pt": "Válido", "fr": "Valide"}.items():
        traveller.goto(f"{house.address}/scan/?lang={language}")
        traveller.locator("[data-part=held]").wait_for()
        traveller.locator("#code").fill(TAXI)
        traveller.locator("#typed button").click()
        assert traveller.locator("#verdict h1").inner_text() == word
        assert "TSJ" in traveller.locator("#verdict .plate").inner_text()


REFUSALS = {
    "a changed bit": "Una parte de la copia fue alterada",
    "swapped shards": "está en el lugar de otra",
    "a lower number": "una copia más vieja que la que usted ya tenía",
    "run out": "ya venció",
    "another key": "no está firmada con la llave del registro",
    "no network": "No se pudo llegar al registro",
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_what_does_not_prove_itself_is_refused_in_its_own_words(browser: Any, house: House, fault: str) -> None:  # noqa: F811
    before = house.manifest()
    page = visit(browser, house.address)
    if fault == "a lower number":
        house.publish()
        saved(page)
    table = json.loads(httpx.get(f"{house.address}/log/snapshot/{json.loads(jose.body(before))['root']}").content)
    one, two = (ref["sha256"] for ref in table["shards"][:2])
    served = {name: httpx.get(f"{house.address}/log/snapshot/{name}").content for name in (one, two)}
    faults = {
        "a changed bit": (f"**/log/snapshot/{one}", served[one].replace(b"2026", b"2027", 1)),
        "swapped shards": (f"**/log/snapshot/{one}", served[two]),
        "a lower number": (MANIFEST, before.encode()),
        "run out": (MANIFEST, house.said(before, iat=1, exp=2).encode()),
        "another key": (MANIFEST, (before[:-8] + "AAAAAAAA").encode()),
    }
    if fault == "no network":
        page.route("**/log/**", lambda route: route.abort())
    else:
        place, body = faults[fault]
        page.route(place, lambda route: route.fulfill(body=body))
    if fault == "a lower number":
        page.get_by_role("button", name="Actualizar").click()
    elif fault in ("a changed bit", "swapped shards"):
        save(page)
    else:
        page.get_by_role("button", name="Ver qué se puede guardar").click()
    page.locator("#trip-told").get_by_text(REFUSALS[fault]).wait_for()
    assert page.locator("#trip-told .error:visible").count() == 1
    kept = page.locator("[data-part=held]").is_visible()
    assert kept == (fault == "a lower number"), "what there was stays, and nothing else is taken"


def test_a_full_phone_says_so_and_keeps_nothing_half(browser: Any, house: House) -> None:  # noqa: F811
    full = "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError') }"
    page = visit(browser, house.address, full)
    save(page)
    page.get_by_text("No hay suficiente espacio en este teléfono").wait_for()
    assert not page.locator("[data-part=held]").is_visible()


def test_pages_that_find_no_room_say_that_the_phone_is_full(browser: Any, house: House) -> None:  # noqa: F811
    page = visit(browser, house.address, "StorageManager.prototype.estimate = async () => ({})")  # as some browsers do
    devtools = page.context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": house.address, "quotaSize": 1})
    save(page)
    page.get_by_text("No hay suficiente espacio en este teléfono").wait_for()
    assert not page.locator("[data-part=held]").is_visible()
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": house.address})
    page.get_by_role("button", name="Guardar la copia").click()
    page.get_by_text("Guardada. Puede probarla").wait_for()


def test_a_browser_that_asks_whether_to_keep_it_for_good_holds_up_nothing(browser: Any, house: House) -> None:  # noqa: F811
    asks = "StorageManager.prototype.persist = () => new Promise(() => {})"  # as Firefox does, until somebody answers
    saved(visit(browser, house.address, asks))


def test_a_download_that_breaks_off_keeps_what_there_was_and_can_be_done_again(browser: Any, house: House) -> None:  # noqa: F811
    page = visit(browser, house.address)
    table = json.loads(
        httpx.get(f"{house.address}/log/snapshot/{json.loads(jose.body(house.manifest()))['root']}").content
    )
    last = f"**/log/snapshot/{table['shards'][-1]['sha256']}"
    page.route(last, lambda route: route.abort())
    save(page)
    page.get_by_text("No se pudo llegar al registro").wait_for()
    assert not page.locator("[data-part=held]").is_visible()
    page.reload()
    assert page.get_by_role("button", name="Ver qué se puede guardar").is_visible(), "nothing half was kept"
    page.unroute(last)
    saved(page)
    page.context.set_offline(True)
    assert ask(page, TAXI) == "Vigente"


def test_two_tabs_have_one_copy_and_the_newer_stays(browser: Any, house: House) -> None:  # noqa: F811
    first = visit(browser, house.address)
    first.get_by_role("button", name="Ver qué se puede guardar").click()
    first.locator("#regions input").first.wait_for()
    house.publish()
    second = first.context.new_page()
    second.goto(f"{house.address}/scan")
    saved(second)
    newest = """() => new Promise((ok) => { const base = indexedDB.open('resguardo-trip'); base.onsuccess = () => {
        const found = base.result.transaction('copy').objectStore('copy').get('copy');
        found.onsuccess = () => { base.result.close(); ok(found.result.seq) } } })"""
    seq = second.evaluate(newest)
    first.get_by_role("button", name="Guardar la copia").click()
    first.get_by_text("Guardada. Puede probarla").wait_for()
    assert first.evaluate(newest) == seq, "an older offer does not take the newer copy's place"
    house.publish()
    second.get_by_role("button", name="Actualizar").click()
    second.get_by_text("Guardada. Puede probarla").wait_for()
    first.context.set_offline(True)
    assert ask(first, TAXI) == "Vigente"
    assert first.locator("#trip-told .error:visible").count() == 0, "the first tab answers from what the second saved"
    second.get_by_role("button", name="Borrar la copia").click()
    second.get_by_text("No queda nada de la copia").wait_for()
    first.get_by_label("Código del sello").fill(HOTEL)
    with first.expect_event("requestfailed", lambda asked: asked.url == f"{house.address}/s/{HOTEL}"):
        first.get_by_role("button", name="Comprobar").click(no_wait_after=True)


def test_some_places_only_and_what_is_elsewhere_is_not_denied(browser: Any, house: House) -> None:  # noqa: F811
    page = saved(visit(browser, house.address), "CR-G")
    assert page.locator("[data-hole=where]").inner_text() == "Guanacaste"
    page.context.set_offline(True)
    page.reload()
    assert ask(page, HOTEL) == "Vigente"
    assert ask(page, TAXI) == "Ahora no podemos confirmarlo"
    assert "no está entre los lugares que usted guardó" in page.locator("#verdict").inner_text()


def test_online_the_registers_own_page_answers_unless_it_is_older_than_the_copy(browser: Any, house: House) -> None:  # noqa: F811
    page = saved(visit(browser, house.address))
    older = json.dumps({"state": "valid", "copy": {"seq": 1}})
    page.route("**/s/*.json", lambda route: route.fulfill(body=older, content_type="application/json"))
    assert ask(page, TAXI) == "Vigente"
    assert "una respuesta más vieja que su copia" in page.locator("#verdict").inner_text()
    page.unroute("**/s/*.json")
    page.get_by_role("button", name="Comprobar").click()
    page.wait_for_url(f"{house.address}/s/{TAXI}")


def test_a_new_version_of_the_page_keeps_the_copy_and_deleting_leaves_nothing(browser: Any, house: House) -> None:  # noqa: F811
    page = saved(visit(browser, house.address))
    caches = "async () => (await caches.keys()).length"
    other = page.context.new_page()
    other.goto(f"{house.address}/find")
    worker = httpx.get(f"{house.address}/scan/worker.js").text
    version = json.loads(worker.removeprefix("self.SHELL=").split(";\n", 1)[0])["version"]
    page.context.route("**/scan/worker.js", lambda route: route.fulfill(
        body=worker.replace(version, "0123456789abcdef"), content_type="text/javascript"))  # fmt: skip
    page.evaluate("async () => { const r = await navigator.serviceWorker.getRegistration('/scan/');"
                  " await r.update(); await new Promise((ok) => { const w = r.installing ?? r.waiting ?? r.active;"
                  " const look = () => ['installed', 'activated'].includes(w.state) ? ok() : 0;"
                  " w.addEventListener('statechange', look); look() }) }")  # fmt: skip
    page.close()
    page = other.context.new_page()
    page.goto(f"{house.address}/scan/")
    page.get_by_text("Hay una copia en este teléfono").wait_for()
    page.get_by_role("button", name="Borrar la copia").click()
    page.get_by_text("No queda nada de la copia en este teléfono").wait_for()
    left = page.evaluate("async () => [(await indexedDB.databases()).length, (await caches.keys()).length,"
                         " (await navigator.serviceWorker.getRegistrations()).length]")  # fmt: skip
    assert left == [0, 0, 0]
    assert other.evaluate(caches) == 0 and page.context.cookies() == []


@pytest.mark.parametrize("look", LOOKS)
def test_a_carried_verdict_is_open_to_everybody(browser: Any, house: House, look: str) -> None:  # noqa: F811
    page = visit(browser, house.address, bypass_csp=True, **LOOKS[look])
    page.get_by_role("button", name="Ver qué se puede guardar").click()
    page.locator("#regions input").first.wait_for()
    assert_open(page)
    page.get_by_role("button", name="Guardar la copia").click()
    page.get_by_text("Guardada. Puede probarla").wait_for()
    page.context.set_offline(True)
    ask(page, BOAT if look == "dark" else TAXI)
    assert_open(page)
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=80))
    ask(page, HOTEL)
    assert_open(page)
