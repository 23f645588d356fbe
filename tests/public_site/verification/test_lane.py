"""The lane: fast and slow agree byte for byte, headers are right, nothing stale is ever given."""

import gzip
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from public_site.app import Door
from public_site.verification import lane, rules
from public_site.verification.press import drawn
from registry.core import i18n
from registry.core.i18n import LANGUAGES
from registry.seals.snapshot import State
from tests.public_site.conftest import Hands
from tests.public_site.world import (
    BOAT,
    BY_STATE,
    ENDED,
    EXPIRED,
    FUTURE,
    HOTEL,
    NOW,
    REPLACED,
    TAXI,
    UNKNOWN,
    WITHDRAWN,
    World,
    credential,
    entries,
    entry,
)

pytestmark = pytest.mark.anyio
ALL = [TAXI, HOTEL, BOAT, WITHDRAWN, EXPIRED, REPLACED, ENDED, FUTURE, UNKNOWN, "7K3M-9QXT-2W4H-VN8C"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ALL)
async def test_the_fast_page_is_the_slow_page(visitor: httpx.AsyncClient, door: Door, code: str, language: str) -> None:
    fast = await visitor.get(f"/s/{code}", headers={"accept-language": language, "accept-encoding": "identity"})
    packed = await visitor.get(f"/s/{code}", headers={"accept-language": language, "accept-encoding": "gzip"})
    with i18n.speaking(language):
        _, seal, verdict = door.answers.look(code, NOW)
        slow = drawn(door.answers.face(code, seal, verdict, NOW))
    assert fast.text == packed.text == slow
    assert packed.headers["content-encoding"] == "gzip"
    assert fast.headers["content-language"] == language
    assert f'<html lang="{language}"' in slow
    assert "\ue000" not in slow


async def test_the_packed_bytes_are_one_gzip_member_with_a_right_checksum(
    door: Door, visitor: httpx.AsyncClient
) -> None:
    async with visitor.stream("GET", f"/s/{TAXI}", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert gzip.decompress(raw).startswith(b"<!doctype html>")
    assert len(raw) == int(answer.headers["content-length"])


@pytest.mark.parametrize(
    "spelled", [TAXI, TAXI.lower(), f"{TAXI[:4]}-{TAXI[4:8]}-{TAXI[8:12]}-{TAXI[12:]}", TAXI + "/"]
)
@pytest.mark.parametrize("prefix", ["/S/", "/s/"])
async def test_every_spelling_of_a_code_is_the_same_seal(visitor: httpx.AsyncClient, prefix: str, spelled: str) -> None:
    answer = await visitor.get(prefix + spelled)
    assert answer.status_code == 200
    assert "TSJ\N{NO-BREAK SPACE}4417" in answer.text


@pytest.mark.parametrize(("state", "code"), BY_STATE.items())
async def test_six_states_as_data(visitor: httpx.AsyncClient, state: str, code: str) -> None:
    for address, accept in (
        (f"/s/{code}", "application/json"),
        (f"/s/{code}.json", "*/*"),
        (f"/api/v1/seals/{code}", "*/*"),
    ):
        answer = await visitor.get(address, headers={"accept": accept})
        assert answer.json()["state"] == state
        assert answer.status_code == (404 if state == "unknown" else 200)
        assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_mistyped_code_is_400_and_given_back(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/s/7K3M-9QXT-2W4H-VN8X")
    assert answer.status_code == 400
    assert 'value="7K3M-9QXT-2W4H-VN8X"' in answer.text
    assert (await visitor.get("/s/7K3M-9QXT-2W4H-VN8X.json")).json()["state"] == "mistyped"


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", '"onfocus="x', "%00", "…" * 300, "%F0%9F%92%A5"])
async def test_hostile_codes_come_back_harmless(visitor: httpx.AsyncClient, typed: str) -> None:
    answer = await visitor.get(f"/s/{typed}")
    assert answer.status_code in (400, 404)
    assert "<script>alert" not in answer.text
    assert '"onfocus' not in answer.text


async def test_a_credential_is_handed_out_in_both_forms(visitor: httpx.AsyncClient) -> None:
    plain = await visitor.get(f"/s/{HOTEL}", headers={"accept": "application/vc+jwt"})
    assert plain.content == credential(HOTEL) == (await visitor.get(f"/S/{HOTEL}.jwt")).content
    assert plain.headers["content-type"] == "application/vc+jwt"
    wrapped = (await visitor.get(f"/s/{HOTEL}", headers={"accept": "application/vc"})).json()
    assert wrapped["id"] == "data:application/vc+jwt," + credential(HOTEL).decode()
    assert wrapped["type"] == "EnvelopedVerifiableCredential"


async def test_a_credential_that_is_not_the_copys_own_is_not_handed_out(
    visitor: httpx.AsyncClient, world: World
) -> None:
    await world.store.put(f"credentials/{HOTEL}.jwt", b"another")
    answer = await visitor.get(f"/s/{HOTEL}.jwt")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_headers_keep_the_page_to_itself_and_out_of_stale_caches(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(f"/s/{HOTEL}")
    assert "set-cookie" not in answer.headers
    assert answer.headers["vary"] == "accept, accept-encoding, accept-language"
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=1, must-revalidate"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_head_and_etag(visitor: httpx.AsyncClient) -> None:
    first = await visitor.get(f"/s/{HOTEL}")
    head = await visitor.head(f"/s/{HOTEL}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == first.headers["content-length"]
    again = await visitor.get(f"/s/{HOTEL}", headers={"if-none-match": f'"x", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = await visitor.get(f"/s/{HOTEL}", headers={"if-none-match": first.headers["etag"], "accept-language": "fr"})
    assert other.status_code == 200


async def test_a_suspension_shows_at_the_next_look(visitor: httpx.AsyncClient, door: Door, world: World) -> None:
    assert "Vigente" in (await visitor.get(f"/s/{HOTEL}")).text
    changed = [seal if seal.code != HOTEL else entry(HOTEL, State.SUSPENDED, since=NOW) for seal in entries()]
    await world.publish(changed)
    await door.following.step()
    page = (await visitor.get(f"/s/{HOTEL}")).text
    assert "Suspendido" in page
    assert "Vigente" not in page


async def test_a_seal_turns_at_its_last_second_without_any_new_publication(
    visitor: httpx.AsyncClient, door: Door, world: World, clock: Hands
) -> None:
    await world.publish([entry(HOTEL, valid_until=NOW + timedelta(seconds=2))])
    await door.following.step()
    assert "Vigente" in (await visitor.get(f"/s/{HOTEL}")).text
    clock.at += timedelta(seconds=2)
    assert "Vigente" in (await visitor.get(f"/s/{HOTEL}")).text
    clock.at += timedelta(microseconds=1)
    assert "Vencido" in (await visitor.get(f"/s/{HOTEL}")).text


@pytest.mark.parametrize("minutes", [2, 60, 24 * 60 + 2, 9 * 24 * 60])
async def test_a_stale_copy_is_never_green(visitor: httpx.AsyncClient, door: Door, clock: Hands, minutes: int) -> None:
    assert 'class="verdict valid"' in (await visitor.get(f"/s/{TAXI}")).text
    clock.at += timedelta(minutes=minutes)  # and nobody looked at the store since
    page = await visitor.get(f"/s/{TAXI}")
    assert page.status_code == 503
    assert page.headers["cache-control"] == "no-store"
    assert 'class="verdict unknown"' in page.text
    assert "Ahora no podemos confirmarlo" in page.text
    assert (await visitor.get(f"/s/{TAXI}.json")).json()["state"] == "cannot_confirm"
    assert (await visitor.get(f"/s/{BOAT}")).status_code == 200, "what is bad news stays told"
    assert (await visitor.get(f"/s/{UNKNOWN}")).status_code == 503
    old = timedelta(minutes=minutes) > rules.DOOR[rules.Kind.VEHICLE].amber
    assert ("TSJ" in page.text) is not old


async def test_the_time_told_is_that_of_the_confirmation_and_moves_with_it(
    visitor: httpx.AsyncClient, door: Door, clock: Hands
) -> None:
    first = await visitor.get(f"/s/{HOTEL}")
    assert "a las 14:02" in first.text
    clock.at += timedelta(seconds=40)
    await door.following.step()
    same = await visitor.get(f"/s/{HOTEL}")
    assert (same.text, same.headers["etag"]) == (first.text, first.headers["etag"])
    clock.at += timedelta(seconds=20)
    await door.following.step()
    later = await visitor.get(f"/s/{HOTEL}")
    assert "a las 14:03" in later.text
    assert later.headers["etag"] != first.headers["etag"]


async def test_yesterdays_confirmation_does_not_say_today(visitor: httpx.AsyncClient, clock: Hands) -> None:
    clock.at += timedelta(hours=20)
    page = (await visitor.get(f"/s/{BOAT}")).text
    assert "Verificado en el registro el " in page
    assert "hoy" not in page


async def test_the_language_chosen_is_kept_in_every_link(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get(f"/s/{HOTEL}?lang=fr")).text
    assert '<html lang="fr"' in page
    assert 'href="/help?lang=fr' in page
    assert 'action="/notice?lang=fr"' in page
    plain = (await visitor.get(f"/s/{HOTEL}", headers={"accept-language": "fr"})).text
    assert 'action="/notice"' in plain


async def test_a_page_is_small_and_asks_for_little(visitor: httpx.AsyncClient) -> None:
    """14 kB with its style sheets, three requests, no script, nothing from elsewhere."""
    import re

    for address in ["/", f"/s/{TAXI}", f"/s/{HOTEL}", f"/s/{UNKNOWN}", "/find", "/about"]:  # /scan: scanner/test_routes
        page = await visitor.get(address, headers={"accept-encoding": "gzip"})
        asked = re.findall(r'<(?:link|img|script)[^>]+(?:href|src)="([^"]+)"', page.text)
        assert "<script" not in page.text
        assert all(url.startswith("/static/") for url in asked), asked
        assert len(asked) + 1 <= 4, "three requests and the icon"
        sizes = [len(gzip.compress(page.content))]
        for url in asked:
            got = await visitor.get(url)
            assert got.status_code == 200, url
            sizes.append(len(gzip.compress(got.content)))
        assert sum(sizes) <= 14_000, (address, sizes)


async def test_a_clock_put_back_makes_no_ended_seal_valid_again(
    visitor: httpx.AsyncClient, door: Door, world: World, clock: Hands
) -> None:
    await world.publish([entry(HOTEL, valid_until=NOW - timedelta(hours=1)), entry(TAXI)], at=NOW)
    clock.at = NOW - timedelta(days=2)
    await door.following.step()
    assert "Vencido" in (await visitor.get(f"/s/{HOTEL}")).text
    assert "Vigente" not in (await visitor.get(f"/s/{TAXI}")).text, "what a wrong clock confirms counts as old"
    assert "Vigente" not in (await visitor.get("/find?q=Laguna")).text.partition("<main")[2].partition("<ul")[2]


async def test_what_is_prepared_is_bounded_by_what_is_asked_with_too(visitor: httpx.AsyncClient, door: Door) -> None:
    for number in range(3):
        await visitor.get(f"/s/{TAXI}", headers={"accept-language": f"es, x-{number:030000}"})
    assert door._size > 3 * 30_000


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_minute_later_the_page_is_filled_anew_and_not_looked_up_anew(
    visitor: httpx.AsyncClient, door: Door, world: World, clock: Hands, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"accept-language": language, "accept-encoding": "gzip"}
    before = {code: await visitor.get(f"/s/{code}", headers=headers) for code in (TAXI, HOTEL, BOAT, EXPIRED)}
    clock.at += timedelta(seconds=61)
    await door.following.step()
    looked: list[str] = []
    honest = door.answers.look

    def noting(typed: str, now: datetime) -> Any:
        looked.append(typed)
        return honest(typed, now)

    monkeypatch.setattr(door.answers, "look", noting)
    for code, was in before.items():
        now = await visitor.get(f"/s/{code}", headers=headers)
        with i18n.speaking(language):
            _, seal, verdict = honest(code, clock.at)
            assert now.text == drawn(door.answers.face(code, seal, verdict, clock.at))
        assert now.text != was.text and now.headers["etag"] != was.headers["etag"]
    assert looked == []


async def test_a_page_that_says_more_than_another_minute_is_made_anew(
    visitor: httpx.AsyncClient, door: Door, clock: Hands
) -> None:
    await visitor.get(f"/s/{TAXI}")
    clock.at += timedelta(days=1)  # nobody confirmed the copy meanwhile
    grey = await visitor.get(f"/s/{TAXI}")
    assert 'class="verdict valid"' not in grey.text


async def test_what_is_asked_for_again_stays_when_room_is_made(
    visitor: httpx.AsyncClient, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "KEPT_BYTES", 80_000)
    made: list[str] = []
    honest = door.answers.of

    def noting(asked: Any) -> Any:
        made.append(asked.typed)
        return honest(asked)

    monkeypatch.setattr(door.answers, "of", noting)
    for n in range(20):
        await visitor.get(f"/s/{TAXI}")
        await visitor.get(f"/s/{HOTEL}?{n}")
    assert made.count(TAXI) == 1 and made.count(HOTEL) == 20
    assert len(door._kept) + len(door._before) < 12
