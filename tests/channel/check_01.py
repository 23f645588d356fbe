"""Check 1: reports with canaries by the browser, by the form without script (both with files that hold them too) and
by a hotline's operator, answered, and looked up again; and the mistakes around them (half a body, half a file, a body
of junk, a closed place, words in an address, a table that breaks under the hand). Afterwards none of the words, nor
any code, address or user agent, is anywhere: not in a dump, the database's files, its write-ahead log, storage, the
logs of any process, letters and what was said to the SMTP server, nor in the folders that all programs share. A word
that we planted in each of these places is found there.

Memory, where it can be read: what a browser sealed, its code and the office's answer are in no process of ours. Typed
words pass through the server's memory, as the page says; the database's has none of them. Nothing of any is swapped.
"""

import asyncio
import contextlib
import email
import json
import secrets
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
from playwright.async_api import Page, async_playwright

from tests.channel import filing, pictures, search
from tests.channel.check_09 import hidden
from tests.channel.post import Post
from tests.channel.result import Result
from tests.channel.search import Places
from tests.journeys.test_channel import answer
from tests.journeys.test_stranger import ARGUMENTS, CHROMIUM
from tests.registry.reports.living import House, code_in, living
from tests.registry.reports.world import World

PHONE, DESK, TYPED, TOLD = "127.71.3.9", "127.72.4.8", "127.73.5.7", "203.0.113.177"


class Reporter(msgspec.Struct):
    """One path: the words of a report, and who sends it."""

    path: str
    mark: str
    name: str
    code: str = ""

    @property
    def text(self) -> str:
        return f"Vi algo en el muelle: {self.mark}-texto."

    @property
    def spot(self) -> str:
        return f"{self.mark}-lugar"

    @property
    def files(self) -> list[bytes]:
        """A document that passes as it is, and a picture with words behind its end."""
        return attached(f"{self.mark}-archivo")

    @property
    def agent(self) -> str:
        return f"Navegador-{self.name}/1.0"

    def words(self) -> dict[str, str]:
        """What must be nowhere, by a name that may be shown."""
        assert len(self.code) == 20, f"{self.path}: no code"
        groups = " ".join(self.code[i : i + 4] for i in range(0, 20, 4))
        return {f"{self.path}: words": self.mark, f"{self.path}: code": self.code, f"{self.path}: groups": groups}


def attached(word: str) -> list[bytes]:
    return [pictures.pdf(word), pictures.jpeg() + word.encode()]


async def run(world: World) -> Result:
    faults: list[str] = []
    since = time.time() - 1
    with Post() as post, tempfile.TemporaryDirectory(prefix="phone-") as phone:
        planted = f"plantado-{secrets.token_hex(8)}"
        settings = {"REGISTRY_SMTP_URL": post.url, "REGISTRY_PROXIES": f"{PHONE},{DESK},{TYPED}", "PLANTED": planted}
        with living(files=True, **settings) as house:
            reporters = [Reporter(path, f"canario{secrets.token_hex(6)}", secrets.token_hex(6))
                         for path in ("browser", "form", "operator")]  # fmt: skip
            back = f"respuesta{secrets.token_hex(6)}"
            await by_browser(house, reporters[0], phone)
            await by_form(house, reporters[1])
            await by_operator(house, reporters[2])
            taken = await read_by_the_office(house, reporters, back)
            faults += [f"the office has {taken} of 3"] * (taken != 3)
            documents = [path.read_bytes() for path in (house.folder / "cases").glob("CASO-*.file-1.pdf")]
            if sorted(documents) != sorted(one.files[0] for one in reporters[:2]):
                faults.append(f"the office has {len(documents)} documents")
            mistakes = await gone_wrong(house)
            places = Places(house, post, since, [house.folder, Path(phone)])
            await until_told(post, house)
            file = await search.plant(places, planted)
            try:
                words = {name: word for one in reporters for name, word in one.words().items()}
                words |= {f"user agent, {one.path}": one.agent for one in reporters}
                words |= {f"address {n}": where for n, where in enumerate((PHONE, DESK, TYPED, TOLD))}
                words |= {"the answer": back, "a mistake's words": mistakes}
                looked = await asyncio.to_thread(search.found, places(), words | {"planted": planted})
            finally:
                file.unlink()
            ids, told = await envelopes(house), len(rings(house))
            private = {name: word for name, word in words.items() if "address" not in name and "agent" not in name}
            faults += letters_say_nothing(post, ids) + rings_say_nothing(house, ids)
            remembered, kept = await in_memory(house, private, planted)
            faults += remembered
    for place, there in looked.items():
        faults += [f"{place} cannot be searched"] * ("planted" not in there)
        faults += [f"{place} holds {name}" for name in sorted(there - {"planted"})]
    figure = (
        f"3 paths, 4 files and 11 mistakes: {len(words)} words in up to 14 coats 0 times in {len(looked)} places"
        f" ({', '.join(looked)}), each of which gave up what was planted there; {len(post.letters) - 1} letters and"
        f" {told} texts and calls, no id;"
        f" {kept}"
    )
    return Result(not faults, "; ".join([figure, *faults[:6]]))


@contextlib.asynccontextmanager
async def line(house: House, address: str, heard: bytearray | None = None) -> AsyncIterator[int]:
    """A port whose callers reach the house from `address`; what they say is also written to `heard`."""

    async def pour(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: bytearray | None = None
    ) -> None:  # fmt: skip
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if heard is not None:
                    heard += data
                writer.write(data)
                await writer.drain()
            writer.close()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = await asyncio.open_connection("127.0.0.1", house.port, local_addr=(address, 0))
        await asyncio.gather(pour(reader, inner[1], heard), pour(inner[0], writer))

    server = await asyncio.start_server(met, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def by_browser(house: House, one: Reporter, phone: str) -> None:
    """A phone of 360 px, with an address and a name of its own: sealed there."""
    async with line(house, PHONE) as port, async_playwright() as started:
        mapped = f"--host-resolver-rules=MAP localhost:{house.port} 127.0.0.1:{port}"
        browser = await started.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, mapped],
                                                env={"TMPDIR": phone, "HOME": phone})  # fmt: skip
        context = await browser.new_context(
            locale="es-CR", viewport={"width": 360, "height": 800}, user_agent=one.agent,
            extra_http_headers={"x-forwarded-for": TOLD},
        )  # fmt: skip
        page = await context.new_page()
        await page.goto(f"{house.origin}/report?place={filing.PLACE}")
        await page.locator("#text").fill(one.text)
        await page.locator("#spot").fill(one.spot)
        chosen: Any = [{"name": f"{one.mark}.pdf", "mimeType": "application/pdf", "buffer": data} for data in one.files]
        await page.locator("#files").set_input_files(chosen)
        await page.wait_for_timeout(2100)  # a form that is sent faster was not written by a person
        await page.locator("#send").click()
        one.code = await shown(page)
        await browser.close()


async def shown(page: Page) -> str:
    await page.locator(".ref span").first.wait_for(timeout=60_000)
    return "".join(await page.locator(".ref span").all_inner_texts())


def stranger(one: Reporter, address: str, **more: Any) -> httpx.AsyncClient:
    return filing.from_address(address, headers={"user-agent": one.agent, "x-forwarded-for": TOLD}, **more)


async def by_form(house: House, one: Reporter) -> None:
    """Without script: typed, sealed by the server; then looked up again with the code."""
    async with stranger(one, TYPED) as http:
        form = await filing.opened(http, house.origin)
        await asyncio.sleep(2.1)
        sent = filing.by_form(form, one.text, one.spot, one.files, "now")
        said = await filing.post(http, house.origin, sent)
        one.code = code_in(said.text)
        seen = await http.post(f"{house.origin}/return?lang=en", data={"code": one.code})
        assert seen.status_code == 200, seen.text[:2000]


async def by_operator(house: House, one: Reporter) -> None:
    """Somebody calls a hotline."""
    seat = json.loads((await asyncio.to_thread(house.run, "tests.registry.reports.seat")).stdout)
    address = f"{house.origin}/desk/caller"
    async with stranger(one, DESK, cookies={seat["cookie"]: seat["token"]}) as http:
        http.headers.update({"x-form-token": seat["form"], "accept": "text/html"})
        page = await http.post(address, data={"act": "place", "place": filing.PLACE})
        told = {"act": "send", "place": filing.PLACE, "text": one.text, "spot": one.spot}
        said = await http.post(address, data=told | {"ticket": hidden(page.text, "ticket")})
        one.code = code_in(said.text)


async def read_by_the_office(house: House, reporters: list[Reporter], back: str) -> int:
    """Its agent opens them; its people read every word and write back to the one that came by the form."""
    await asyncio.to_thread(house.agent)
    cases = [path.read_text() for path in (house.folder / "cases").glob("CASO-*.json")]
    answer(house, back)
    async with filing.from_address(TYPED) as http:
        for one in reporters[1:]:
            await http.post(f"{house.origin}/return?lang=en", data={"code": one.code})
    return sum(any(one.text in case and one.spot in case for case in cases) for one in reporters)


async def gone_wrong(house: House) -> str:
    """The same words where something fails; returns the word."""
    word = f"canario{secrets.token_hex(6)}"
    async with filing.from_address(TYPED) as http:
        form = await filing.opened(http, house.origin)
        known = await filing.directory(http, house.origin)
        address = f"{house.origin}/report"
        await asyncio.sleep(2.1)
        said = [
            await http.post(address, content=f'{{"text": "{word}", ', headers=filing.TYPE),
            await http.post(address, data={"token": form.token, "place": "CR-L", "text": word}),
            await http.post(address, files={"file": (f"{word}.jpg", word.encode() * 50_000)}),
            await http.get(address, params={"text": word, "place": word}),
        ]
        wrong, files = pictures.wrong()["a GIF"] + word.encode() * 50_000, attached(word)
        closed = filing.by_form(form, word, attached=files)
        elsewhere = msgspec.structs.replace(closed, body=closed.body.replace(b"CR-G", b"CR-L"))
        said += [
            await filing.post(http, house.origin, filing.by_form(form, word, attached=[wrong])),
            await filing.post(http, house.origin, elsewhere),
        ]
        whole = filing.by_form(form, word, attached=[b"%PDF-1.4" + word.encode() * 150_000])
        with socket.create_connection(("127.0.0.1", house.port)) as half:
            head = f"POST /report/attachments HTTP/1.1\r\nhost: localhost:{house.port}\r\n"
            head += f"content-length: {len(whole.body)}\r\ncontent-type: {whole.headers['content-type']}\r\n\r\n"
            half.sendall(head.encode() + whole.body[: len(whole.body) // 2])
        with socket.create_connection(("127.0.0.1", house.port)) as half:
            head = f"POST /report HTTP/1.1\r\nhost: localhost:{house.port}\r\ncontent-length: 9999\r\n"
            half.sendall(f"{head}content-type: application/x-www-form-urlencoded\r\n\r\ntext={word}".encode())
        connection = await asyncpg.connect(house.database)
        try:
            await connection.execute("ALTER TABLE reports.envelope RENAME TO hidden_envelope")
            said += [await filing.post(http, house.origin, filing.by_form(form, word))]
            said += [await filing.post(http, house.origin, filing.by_script(form, known, word))]
            said += [await filing.post(http, house.origin, filing.by_form(form, word, attached=files))]
            said += [await filing.post(http, house.origin, filing.by_script(form, known, word, attached=files))]
        finally:
            await connection.execute("ALTER TABLE reports.hidden_envelope RENAME TO envelope")
            await connection.close()
    assert not [one for one in said if one.status_code == 200 and code_in(one.text)], "a mistake was taken"
    return word


async def until_told(post: Post, house: House) -> None:
    """Both contacts of the office have their letter, and its duty number was rung: one of the reports is urgent."""
    async with asyncio.timeout(30):
        while len(post.letters) < 2 or not rings(house):
            await asyncio.sleep(0.1)


async def envelopes(house: House) -> list[str]:
    connection = await asyncpg.connect(house.database)
    try:
        rows = await connection.fetch("SELECT id FROM reports.envelope")
        return [form for row in rows for form in (str(row["id"]), row["id"].hex, str(row["id"])[:8])]
    finally:
        await connection.close()


def letters_say_nothing(post: Post, ids: list[str]) -> list[str]:
    """No id, no link with one, and every letter the same but for its own number and date."""
    notices = [letter for letter in post.letters if b"planted" not in letter.data and b"plantado" not in letter.data]
    texts = {(m["subject"], str(m.get_payload())) for m in (email.message_from_bytes(one.data) for one in notices)}
    every = b"".join(one.data for one in notices).decode()
    return ["letters differ"] * (len(texts) != 1) + ["a letter holds an id"] * any(id in every for id in ids)


def rings(house: House) -> list[str]:
    """What telephones were told."""
    return [path.read_text() for path in (house.data / "telephone").glob("*.json")]


def rings_say_nothing(house: House, ids: list[str]) -> list[str]:
    """No id, and always the same words."""
    said, every = {json.loads(one)["text"] for one in rings(house)}, "".join(rings(house))
    return ["rings differ"] * (len(said) != 1) + ["a ring holds an id"] * any(id in every for id in ids)


async def in_memory(house: House, private: dict[str, str], planted: str) -> tuple[list[str], str]:
    """What is in the memory of the server and of the database now; and what to say of it."""
    connection = await asyncpg.connect(house.database, server_settings={"application_name": planted})
    try:
        pids = search.processes(house)
        places = search.memory(pids)
        looked = await asyncio.to_thread(search.found, places, private | {"planted": planted}, search.plain)
    except PermissionError:
        return [], "memory: not ours to read here"
    finally:
        await connection.close()
    server, database = (looked.get(f"memory of the {who}", set()) for who in ("server", "database"))
    faults = [f"memory of the {who} cannot be searched" for who, there in (("server", server), ("database", database))
              if "planted" not in there]  # fmt: skip
    faults += [f"memory of the server holds {name}" for name in server if name.startswith("browser")]
    faults += [f"memory of the database holds {name}" for name in database - {"planted"}]
    kilobytes = search.swapped(pids)
    faults += [f"{kilobytes} kB of them are swapped"] * bool(kilobytes)
    typed = len(server - {"planted"})
    return faults, f"memory: nothing of what the browser sealed, {typed} of the typed words in the server's, 0 swapped"
