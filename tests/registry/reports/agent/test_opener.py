"""The page that opens envelopes without a line, in a real browser and from a file."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from registry.core.i18n import LANGUAGES, speaking
from registry.reports import envelope, files, opener
from registry.reports.agent import keys
from registry.reports.envelope import Context, Inner, Place, Report, Sign, fingerprint
from tests import node
from tests.channel import pictures
from tests.journeys.test_stranger import ARGUMENTS, CHROMIUM, playwright, pytestmark  # noqa: F401

CLIENT = Path(__file__).parent / "client"
OFFICE = UUID("0a0b0c0d-0000-4000-8000-00000000000a")
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> https://evil.example"


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser.new_page(viewport={"width": 360, "height": 800})
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("unit") / "keys"
    keys.make(made, ("a", "b", "c", "d"))
    with speaking("es"):
        (made / "resguardo.html").write_text(opener.page(OFFICE))
    return made


def sealed(
    folder: Path, *, chain: tuple[UUID, ...] = (OFFICE,), drill: bool = False, name: str = "",
    beside: tuple[files.Ready, ...] = (),
) -> Path:  # fmt: skip
    which = uuid4()
    recipients = tuple(envelope.recipient_of(i) for i in keys.identities(folder))
    inside = Context(which, chain, tuple(map(fingerprint, recipients)), 1)
    report = Report(Place("CR-G", "Muelle"), HOSTILE, what=(Sign.PAID,))
    inner = Inner("sectt-report/1", "A" * 26, inside, report, recipients[0], drill=drill,
                  attachments=tuple(one.manifest for one in beside))  # fmt: skip
    path = folder / (name or f"{str(which)[:4].upper()}-{str(which)[4:8].upper()}.age")
    path.write_bytes(envelope.seal(inner, recipients).body)
    for turn, one in enumerate(beside, 1):
        path.with_name(f"{path.stem}.file-{turn}.age").write_bytes(files.seal(one, recipients))
    return path


def try_open(page: Any, folder: Path, file: Path, key: str, *beside: Path) -> None:
    page.goto(f"file://{folder / 'resguardo.html'}")
    page.get_by_label("El sobre").set_input_files([file, *beside])
    page.get_by_label("llave").set_input_files(folder / key)
    page.get_by_role("button", name="Abrir el sobre").click()
    page.wait_for_function(
        "!document.querySelector('#report').hidden"
        " || [...document.querySelectorAll('#told .error')].some((line) => !line.hidden)"
    )


def test_the_client_modules_keep_what_they_promise() -> None:
    node.run(CLIENT)


@pytest.mark.parametrize("key", [*keys.WORKING, keys.RECOVERY])
def test_each_key_opens_it_and_a_strangers_text_stays_text(page: Any, folder: Path, key: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try_open(page, folder, sealed(folder), key)
    assert page.locator("#narrative").text_content() == HOSTILE and page.locator("#report img").count() == 0
    assert page.locator("#proof").text_content() == "A" * 26 and "owned" not in page.title()
    assert page.get_by_text("Muelle").is_visible() and page.locator("#report a").count() == 0
    assert {url.partition(":")[0] for url in asked} == {"file"}
    page.get_by_role("button", name="Copiar").click()
    page.locator("#copied").wait_for(state="visible")


def test_what_is_for_another_office_or_of_another_number_is_not_shown(page: Any, folder: Path) -> None:
    for file in (sealed(folder, chain=(uuid4(),)), sealed(folder, name="0000-0000.age")):
        try_open(page, folder, file, keys.WORKING[0])
        assert page.locator("[data-say=moved]").is_visible() and not page.locator("#report").is_visible()


def test_a_wrong_key_no_key_and_one_changed_byte_are_said_in_words(page: Any, folder: Path, tmp_path: Path) -> None:
    keys.make(tmp_path / "other", ("a", "b", "c", "d"))
    (folder / "other.key").write_text((tmp_path / "other" / keys.WORKING[0]).read_text())
    file = sealed(folder)
    try_open(page, folder, file, "other.key")
    assert page.locator("[data-say=age]").is_visible()
    try_open(page, folder, file, "public.json")
    assert page.locator("[data-say=key]").is_visible()
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    try_open(page, folder, file, keys.WORKING[0])
    assert page.locator("[data-say=age]").is_visible()


def test_a_drill_says_so(page: Any, folder: Path) -> None:
    try_open(page, folder, sealed(folder, drill=True), keys.WORKING[0])
    assert page.locator("[data-part=drill]").is_visible()


def test_files_that_came_with_it_can_be_saved_and_what_is_not_there_is_told(page: Any, folder: Path) -> None:
    made = files.ready([pictures.jpeg(), pictures.pdf(), pictures.m4a()], keep_taken=True)
    file = sealed(folder, beside=made)
    one, two, three = (file.with_name(f"{file.stem}.file-{turn}.age") for turn in (1, 2, 3))
    two.write_bytes(three.read_bytes())
    try_open(page, folder, file, keys.WORKING[0], one, two)
    lines = page.locator("#files p")
    lines.nth(2).wait_for()  # files are opened after the report is shown
    assert lines.count() == 3 and page.locator("#report img").count() == 0, "nothing is shown"
    with page.expect_download() as saved:
        lines.nth(0).locator("a").click()
    assert saved.value.suggested_filename == "file-1.jpg"
    assert Path(saved.value.path()).read_bytes() == made[0].data
    assert pictures.PLACE in lines.nth(0).inner_text() and "dibujada de nuevo" in lines.nth(0).inner_text()
    for at, name in ((1, "file-2.pdf"), (2, "file-3.m4a")):
        assert lines.nth(at).locator("[data-file=missing]").is_visible() and name in lines.nth(at).inner_text()
        assert lines.nth(at).locator("a").get_attribute("href") is None
        assert lines.nth(at).locator("[data-file=unsafe]").is_visible()


def test_both_files_can_be_dropped(page: Any, folder: Path) -> None:
    page.goto(f"file://{folder / 'resguardo.html'}")
    file, key = sealed(folder), (folder / keys.WORKING[0]).read_text()
    page.evaluate(
        """([name, bytes, key]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name));
          data.items.add(new File([key], "working-1.key"));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        [file.name, list(file.read_bytes()), key],
    )
    page.locator("#report").wait_for(state="visible")


def test_the_page_can_reach_nothing_even_if_it_wanted(page: Any, folder: Path) -> None:
    page.goto(f"file://{folder / 'resguardo.html'}")
    for attempt in ("fetch('https://example.org/')", "import('data:text/javascript,1')"):
        failed = page.evaluate(f"async () => {{ try {{ await {attempt}; return false }} catch {{ return true }} }}")
        assert failed, attempt
    ran = page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " document.body.append(s); return window.ran ?? 0 }"
    )
    assert ran == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_one_file_in_each_language_that_names_no_address(language: str) -> None:
    with speaking(language):
        text = opener.page()
    assert f'<html lang="{language}">' in text and "default-src &#39;none&#39;" in text
    head = text.partition('<script type="module">')[0]
    assert not re.search(r"https?:|src=|href=|url\(", head)
    assert not re.search(r"<script[^>]+src|<link|<iframe|<img", text.partition("<main>")[2].partition("<script")[0])
