"""Typing a code: to the seal's own page, or back with what was typed and what to mend."""

import json
from datetime import date

import httpx
import pytest

from public_site.app import Door
from public_site.scanner import shell
from registry.core.assets import assets
from tests.public_site.world import TAXI, World, hotlines

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("typed", [TAXI, TAXI.lower(), f"http://localhost:8000/S/{TAXI}", f" {TAXI[:4]} {TAXI[4:]} "])
async def test_a_code_leads_to_its_page(visitor: httpx.AsyncClient, typed: str) -> None:
    answer = await visitor.post("/scan", data={"code": typed})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/s/{TAXI}"


@pytest.mark.parametrize("typed", ["7K3M-9QXT-2W4H-VN8X", "hola", "<b>", "x" * 150])
async def test_what_is_no_code_comes_back_to_be_mended(visitor: httpx.AsyncClient, typed: str) -> None:
    answer = await visitor.post("/scan", data={"code": typed})
    assert answer.status_code == 422
    assert typed.replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert 'id="code-error"' in answer.text
    assert "<b>" not in answer.text.split('name="code"')[1].split(">")[0]


async def test_an_empty_box_asks_for_a_code(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.post("/scan", data={"code": " "})).status_code == 422
    assert (await visitor.post("/scan")).status_code == 422


async def test_the_language_chosen_goes_along(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/scan?lang=pt", data={"code": TAXI})
    assert answer.headers["location"] == f"/s/{TAXI}?lang=pt"


async def test_a_form_from_another_site_is_not_taken(visitor: httpx.AsyncClient) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        assert (await visitor.post("/scan", data={"code": TAXI}, headers=headers)).status_code == 403
    assert (
        await visitor.post("/scan", data={"code": TAXI}, headers={"origin": "http://localhost:8000"})
    ).status_code == 303


@pytest.mark.parametrize("path", ["/scan", "/scan/"])
async def test_only_here_may_a_page_use_the_camera(visitor: httpx.AsyncClient, path: str) -> None:
    page = await visitor.get(path)
    assert page.status_code == 200
    assert page.headers["permissions-policy"].startswith("camera=(self),")
    assert (await visitor.get("/find")).headers["permissions-policy"].startswith("camera=(),")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy and "script-src 'self'" in policy
    assert "style=" not in page.text and "<script>" not in page.text
    mended = await visitor.post("/scan", data={"code": "hola"})
    assert mended.headers["permissions-policy"].startswith("camera=(self),")


async def test_before_a_tap_only_a_small_script_is_loaded(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/scan")).text
    scripts = [asset for asset in assets().values() if f'src="{asset.url}"' in page and asset.name.endswith(".js")]
    assert [script.name for script in scripts] == ["build/scan.js"], "make public_site/static/build/.built"
    assert len(scripts[0].packed or b"") < 3000
    sheets = sum(len(asset.packed or asset.body) for asset in assets().values() if f'href="{asset.url}"' in page)
    first = await weight(visitor, "/scan") + sheets + len(scripts[0].packed or b"")
    assert first <= 14_000
    camera, copy = (len(assets()[f"build/{name}.js"].packed or b"") for name in ("camera", "trip"))
    assert first + camera <= 30_000, "after the tap on the camera"
    assert first + camera + copy + await weight(visitor, "/scan/trip") <= 42_000


async def weight(visitor: httpx.AsyncClient, path: str) -> int:
    """As it travels."""
    async with visitor.stream("GET", path) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in answer.headers["vary"]
        sent = b"".join([part async for part in answer.aiter_raw()])
        assert int(answer.headers["content-length"]) == len(sent)
        return len(sent)


async def test_what_somebody_typed_is_never_packed_together_with_anything(visitor: httpx.AsyncClient) -> None:
    assert "content-encoding" not in (await visitor.post("/scan", data={"code": "hola"})).headers
    plain = await visitor.get("/scan", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers


async def test_the_worker_holds_this_page_in_every_language_and_says_when_it_changed(
    visitor: httpx.AsyncClient, world: World, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await visitor.get("/scan/worker.js")
    assert first.headers["cache-control"] == "no-cache"
    assert "service-worker-allowed" not in first.headers, "its scope is /scan/ and no more"
    shell = json.loads(first.text.removeprefix("self.SHELL=").split(";\n", 1)[0])
    assert list(shell["pages"]) == ["es", "en", "pt", "fr"]
    for url in [*shell["pages"].values(), *shell["files"]]:
        assert (await visitor.get(url)).status_code == 200, url
    assert (await visitor.get("/scan/worker.js?lang=fr", headers={"accept-language": "en"})).text == first.text
    old = hotlines(date(2024, 1, 1))
    monkeypatch.setattr("tests.public_site.world.hotlines", lambda: old)
    await world.publish()
    assert await door.following.step(), door.following.trouble
    assert (await visitor.get("/scan/worker.js")).text != first.text


async def test_a_phone_may_put_the_page_on_its_home_screen(visitor: httpx.AsyncClient) -> None:
    manifest = (await visitor.get("/scan/app.webmanifest?lang=pt")).json()
    assert manifest["scope"] == manifest["start_url"] == "/scan/"
    assert manifest["lang"] == "pt"
    assert (await visitor.get(manifest["icons"][0]["src"])).status_code == 200


async def test_without_the_gathered_scripts_the_page_is_the_form_it_always_is(
    visitor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "bundle", lambda name: "")
    page = await visitor.get("/scan")
    assert page.status_code == 200
    assert "<script" not in page.text and 'name="code"' in page.text
    assert (await visitor.get("/scan/worker.js")).status_code == 404
