"""/scan in a real browser: the camera and its refusals, a photo, what a square of somebody else's says.

The camera is a file of our own frames, written anew before each tap (clients.md 5, checks 13 and 17).
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import qrcode
from PIL import Image

from tests.journeys.looks import looked_at
from tests.journeys.test_stranger import ARGUMENTS, CHROMIUM, playwright, pytestmark  # noqa: F401
from tests.public_site.served import serving
from tests.public_site.world import HOTEL, TAXI

PHONE = {"width": 360, "height": 800}
FAKE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
STUBBED = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '%s'))"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("scan")) as settings:
        yield settings["REGISTRY_ORIGIN"]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("film") / "camera.mjpeg"


@pytest.fixture(scope="module")
def browser(film: Path) -> Iterator[Any]:
    show(film, "nothing yet")
    with playwright.sync_playwright() as started:
        arguments = [*ARGUMENTS, *FAKE, f"--use-file-for-fake-video-capture={film}"]
        opened = started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


def picture(text: str) -> Image.Image:
    """A seal held before a camera: a square in the middle of a grey wall."""
    frame = Image.new("RGB", (640, 480), "#8a8f94")
    if text != "nothing yet":
        symbol = qrcode.make(text, border=4).convert("RGB").resize((260, 260), Image.Resampling.NEAREST)
        frame.paste(symbol.rotate(4, fillcolor="white"), (190, 110))
    return frame


def show(film: Path, text: str) -> None:
    """Frames one after the other, each a whole JPEG: what Chromium reads as a camera."""
    data = io.BytesIO()
    picture(text).save(data, "JPEG", quality=90)
    film.write_bytes(data.getvalue() * 15)


def visit(browser: Any, address: str, script: str = "", **options: Any) -> Any:
    context = browser.new_context(**{"locale": "es-CR", "viewport": PHONE} | options)
    page = context.new_page()
    page.set_default_timeout(8000)
    page.loaded = []
    page.on("request", lambda request: page.loaded.append(request.url))
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda line: page.troubles.append(line.text) if "Content Security Policy" in line.text else None)
    if script:
        page.add_init_script(script)
    page.goto(f"{address}/scan")
    return page


def use_camera(page: Any) -> None:
    page.get_by_role("button", name="Usar la cámara").click()


def test_the_camera_reads_one_of_our_seals_and_opens_it(browser: Any, address: str, film: Path) -> None:
    show(film, f"{address.upper()}/S/{TAXI}")
    page = visit(browser, address)
    before = [url for url in page.loaded if url.endswith(".js")]
    assert [url.rsplit("/", 1)[1] for url in before] == ["scan.js"], "no reader before the tap"
    use_camera(page)
    page.wait_for_url(f"{address}/s/{TAXI}")
    assert page.get_by_role("heading", level=1).inner_text() == "Vigente"
    assert page.context.cookies() == [] and page.troubles == []
    assert all(url.startswith(address) for url in page.loaded)


@pytest.mark.parametrize(
    "text",
    ["https://sello.example.com/s/{code}", "WIFI:S:Hotel;T:WPA;P:secreto;;", "tel:+50625550147"],
    ids=["another domain", "a network", "a telephone"],
)
def test_what_is_not_ours_is_shown_and_not_acted_on(browser: Any, address: str, film: Path, text: str) -> None:
    text = text.replace("{code}", TAXI)
    show(film, text)
    page = visit(browser, address)
    use_camera(page)
    page.get_by_role("heading", name="Este no es uno de nuestros sellos").wait_for()
    assert page.locator("#said").inner_text() == text
    assert page.url == f"{address}/scan/"
    assert page.get_by_role("link", name=text).count() == 0
    assert page.get_by_role("button", name="Avisar al registro de un sello falso").is_visible()
    told = page.locator("#seen").input_value()
    assert "secreto" not in told
    assert all(url.startswith(address) for url in page.loaded) and page.troubles == []
    assert page.evaluate("() => document.getElementById('video').srcObject") is None, "the camera is off"


TROUBLES: list[tuple[str, str]] = [
    ("NotAllowedError", "no tiene permiso"),
    ("NotFoundError", "Aquí no hay cámara"),
    ("NotReadableError", "otra aplicación"),
]


@pytest.mark.parametrize(("name", "words"), TROUBLES, ids=[name for name, _ in TROUBLES])
def test_without_a_camera_there_is_another_way(browser: Any, address: str, name: str, words: str) -> None:
    page = visit(browser, address, STUBBED % name)
    use_camera(page)
    page.locator("#told").get_by_text(words).wait_for()
    page.locator("#told").get_by_role("link", name="Escriba el código").click()
    page.get_by_label("Código del sello").fill(TAXI)
    page.get_by_role("button", name="Comprobar").click()
    page.wait_for_url(f"{address}/s/{TAXI}")


def test_a_photo_is_read_by_the_same_reader(browser: Any, address: str, tmp_path: Path) -> None:
    page = visit(browser, address)
    (tmp_path / "no.png").write_bytes(b"no picture")
    page.locator("#photo").set_input_files(tmp_path / "no.png")
    page.get_by_text("no puede abrir este archivo").wait_for()
    picture("nothing yet").save(tmp_path / "wall.png")
    page.locator("#photo").set_input_files(tmp_path / "wall.png")
    page.get_by_text("No encontramos un código en esta foto").wait_for()
    picture(f"{address}/s/{HOTEL}").resize((2400, 1800)).save(tmp_path / "seal.jpg")
    page.locator("#photo").set_input_files(tmp_path / "seal.jpg")
    page.wait_for_url(f"{address}/s/{HOTEL}")


def test_the_browsers_own_reader_is_used_where_it_reads_such_squares(browser: Any, address: str) -> None:
    native = f"""globalThis.BarcodeDetector = class {{
      static getSupportedFormats() {{ return Promise.resolve(["qr_code"]) }}
      detect() {{ return Promise.resolve([{{ rawValue: "{address}/S/{TAXI}" }}]) }}
    }}"""
    page = visit(browser, address, native)
    use_camera(page)
    page.wait_for_url(f"{address}/s/{TAXI}")


def test_it_offers_typing_when_it_takes_long_and_lets_the_camera_go_when_the_page_is_left(
    browser: Any, address: str, film: Path
) -> None:
    show(film, "nothing yet")
    page = visit(
        browser, address, "const real = performance.now.bind(performance); performance.now = () => real() * 40"
    )
    use_camera(page)
    page.get_by_text("Está tardando").wait_for()
    assert page.locator("#video").is_visible()
    page.evaluate("() => Object.defineProperty(document, 'hidden', {value: true})")
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text("La cámara se cerró").wait_for()
    assert page.evaluate("() => document.getElementById('video').srcObject") is None


def test_a_typing_mistake_is_caught_without_asking_anybody(browser: Any, address: str) -> None:
    page = visit(browser, address)
    box = page.get_by_label("Código del sello")
    box.fill("7K3M-9QXT-2W4H-VNBC")
    before = len(page.loaded)
    page.get_by_role("button", name="Comprobar").click()
    assert page.locator("#code-mistyped").is_visible() and box.get_attribute("aria-invalid") == "true"
    assert len(page.loaded) == before
    box.fill(f" {TAXI[:8].lower().replace('0', 'o')} {TAXI[8:]} ")
    page.get_by_role("button", name="Comprobar").click()
    page.wait_for_url(f"{address}/s/{TAXI}")


LOOKS: dict[str, dict[str, Any]] = {
    "narrow": {"viewport": {"width": 320, "height": 568}},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_the_camera_page_is_open_to_everybody(browser: Any, address: str, film: Path, look: str) -> None:
    show(film, "https://another.example/")
    page = visit(browser, address, bypass_csp=True, **LOOKS[look])
    use_camera(page)
    page.get_by_role("heading", name="Este no es uno de nuestros sellos").wait_for()
    assert_open(page)
    if look != "narrow":
        return
    show(film, "nothing yet")
    use_camera(page)
    page.get_by_role("button", name="Cerrar la cámara").wait_for()
    assert_open(page)


def assert_open(page: Any) -> None:
    looked_at(page, page.url)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
