"""What an office wrote to a reporter, read without a script: opened with the code, held against the office's key."""

from uuid import UUID

import asyncpg
import msgspec
import pytest

from registry.authorities import directory as directories
from registry.core import crypto
from registry.reports.agent import keys, saying
from registry.reports.agent.folder import read
from tests.public_site.report_form.test_routes import CANARY, Visit, code_in, send, visit  # noqa: F401  fixture
from tests.registry.reports.world import pinned


@pytest.mark.parametrize(
    ("language", "signed"),
    [
        ("en", "signature checked by our server"),
        ("es", "firma comprobada por nuestro servidor"),
        ("pt", "assinatura conferida pelo nosso servidor"),
        ("fr", "signature vérifiée par notre serveur"),
    ],
)
async def test_without_script_a_reply_is_read_with_the_code_and_says_who_checked_its_signature(
    visit: Visit,  # noqa: F811
    language: str,
    signed: str,
) -> None:
    code, _ = await answered(visit, "Llame al 2555-0111.")
    seen = await visit.http.post(f"/return?lang={language}", data={"code": code})
    assert seen.status_code == 200 and "Llame al 2555-0111." in seen.text and signed in seen.text
    assert CANARY not in seen.text and code not in seen.text


@pytest.mark.parametrize("spoilt", ["signature = repeat('A', 86)", "body = 'x'::bytea", "counter = 2"])
async def test_without_script_a_reply_that_was_tampered_with_is_told_as_such(
    committed: str,
    visit: Visit,  # noqa: F811
    spoilt: str,
) -> None:
    code, which = await answered(visit, "Llame al 2555-0111.")
    owner = await asyncpg.connect(committed)
    await owner.execute(f"UPDATE reports.reply SET {spoilt} WHERE envelope = $1", which)
    await owner.close()
    seen = await visit.http.post("/return", data={"code": code})
    assert seen.status_code == 200 and "do not trust this" in seen.text and "Llame" not in seen.text


NO_MORE = "UPDATE reports.reply SET sent_on = sent_on + 1"


@pytest.mark.parametrize(("previous", "spoilt", "held"), [("", "", True), ("", NO_MORE, False), ("ab" * 32, "", False)])
async def test_what_an_office_signed_before_its_key_was_changed_still_holds_and_nothing_that_came_after(
    committed: str,
    visit: Visit,  # noqa: F811
    previous: str,
    spoilt: str,
    held: bool,
) -> None:
    code, _ = await answered(visit, "Llame al 2555-0111.")
    published, root = visit.world.context.published, pinned(visit.world.root)
    first = directories.signed_by(await published.get("authorities/directory.json"), root)
    signing = crypto.b64url(crypto.FileSigner.make(visit.world.folder / "next.pem").public_bytes())
    records = tuple(msgspec.structs.replace(one, signing=signing) for one in first.records)
    second = msgspec.structs.replace(
        first, version=2, previous=previous or directories.digest(first), records=records, issued_at=visit.clock.now
    )
    await published.put("authorities/directory.json", directories.sign(second, visit.world.root))
    if spoilt:
        owner = await asyncpg.connect(committed)
        await owner.execute(spoilt)
        await owner.close()
    seen = (await visit.http.post("/return", data={"code": code})).text
    assert ("with the key that this office had then" in seen and "Llame" in seen) is held
    assert ("do not trust this" in seen and "Llame" not in seen) is not held


async def answered(visit: Visit, text: str) -> tuple[str, UUID]:  # noqa: F811
    """A report that was filed without a script and that its office answered: its code and its envelope."""
    code = code_in((await send(visit)).text)
    visit.world.context = msgspec.structs.replace(visit.world.context, clock=visit.clock)
    worker = visit.world.agent(visit.clock.now)
    await worker.once()
    (path,) = (visit.world.folder / "cases").glob("CASO-*.json")
    case = read(path)
    said = saying.reply(case, keys.signer(visit.world.folder), text, 1)
    await worker._register.tell(case.envelope, said.what, said.data)
    return code, case.envelope
