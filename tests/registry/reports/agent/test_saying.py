"""What an officer says on the authority's own machine: signed there, sealed to the code, handed in at the desk."""

import json
import secrets
import subprocess
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from public_site.report_form.box import progress
from registry.access.actor import STRANGER
from registry.authorities.commands import authority
from registry.core import crypto
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.reports import answers, commands, envelope, handed, notary, service
from registry.reports.agent import alone, keys, saying
from registry.reports.agent.folder import Folder
from registry.reports.code import derive, new_code
from registry.reports.rules import Outcome, Progress
from registry.reports.schemas import Answer, Fetched, Progressed
from tests.registry.reports.looks import only
from tests.registry.reports.world import World, filing

assert commands.COMMANDS == []


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(authority, list(words))
    return done.exit_code, done.output


async def filed(world: World) -> str:
    code = new_code(secrets.randbelow)
    label = service.label(world.context)
    await service.file(STRANGER, world.now, world.context, filing(code, "Una niña en el muelle.", label=label))
    await world.agent().once()
    return code


async def look(world: World, code: str) -> service.Box:
    box = await service.look(
        STRANGER, world.now, world.context, derive(code, service.label(world.context)), world.now.date()
    )
    assert box is not None
    return box


def handed_in(world: World, *words: str) -> str:
    to = world.folder.parent / "answer.json"
    code, said = run(words[0], "--keys", str(world.folder), "--to", str(to), *words[1:])
    assert code == 0, said
    return to.read_text()


async def test_progress_an_outcome_and_a_reply_are_signed_here_and_read_by_the_reporter(world: World) -> None:
    code = await filed(world)
    which = str((await only(world))["id"])
    for said in Progress:
        await handed.take(world.officer, world.now, world.context, handed_in(world, "progress", which, str(said)))
        box = await look(world, code)
        assert box.progress == said and progress(box)
    pasted = handed_in(world, "reply", "--template", "need_place", "--counter", "1", which)
    assert "muelle" not in pasted and "more exactly" not in pasted
    for _ in range(2):
        await handed.take(world.officer, world.now, world.context, pasted)
    box = await look(world, code)
    (reply,) = box.replies
    identity = derive(code, service.label(world.context)).reply_identity
    text = envelope.open_reply(bytes.fromhex(reply.body), identity)
    assert "más" in text and text.endswith(envelope_standing())
    said_by = notary.statement(
        "reply", box.envelope, bytes.fromhex(box.sha256), counter=1,
        reply=crypto.sha256(bytes.fromhex(reply.body)).hex(),
    )  # fmt: skip
    notary.attested(crypto.b64url(keys.signer(world.folder).public_bytes()), reply.signature, said_by)
    await handed.take(world.officer, world.now, world.context, handed_in(world, "outcome", which, "inspection_done"))
    box = await look(world, code)
    assert box.outcome is Outcome.INSPECTION_DONE and not progress(box)
    with pytest.raises(Conflict, match="envelope-closed"):
        await handed.take(world.officer, world.now, world.context, handed_in(world, "progress", which, "accepted"))


def envelope_standing() -> str:
    from registry.core.i18n import _, speaking

    with speaking("es"):
        return _(saying.STANDING)


@pytest.mark.parametrize(
    "pasted",
    ["", "x", "{}", "[" * 5000, '{"what":"opened","envelope":"%s","data":{}}', '{"what":"progress","envelope":"%s",'
     '"data":{"progress":"accepted"}}', '{"what":"outcome","envelope":"%s","data":{"outcome":"false_report"}}',
     '{"what":"acknowledged","envelope":"%s","data":{"proof":"00000000000000000000000000"}}', "0" * 200_000],
)  # fmt: skip
async def test_what_is_not_a_signed_answer_changes_nothing(world: World, pasted: str) -> None:
    await filed(world)
    row = await only(world)
    with pytest.raises(Invalid, match="answer-not-readable"):
        await handed.take(world.officer, world.now, world.context, pasted.replace("%s", str(row["id"])))
    assert await only(world) == row


async def test_a_forged_or_moved_answer_is_refused(world: World) -> None:
    await filed(world)
    which = str((await only(world))["id"])
    answer = msgspec.json.decode(handed_in(world, "progress", which, "accepted"), type=Answer)
    forged = msgspec.structs.replace(answer, data=answer.data | {"progress": "duplicate"})
    with pytest.raises(Invalid, match="statement-not-signed"):
        await handed.take(world.officer, world.now, world.context, msgspec.json.encode(forged).decode())
    with pytest.raises(Invalid, match="statement-not-signed"):
        await answers.progress(
            world.officer, world.now, world.context, (await only(world))["id"], Progressed(Progress.ACCEPTED, "A" * 86)
        )


async def test_own_words_only_where_the_authority_switched_them_on(world: World) -> None:
    await filed(world)
    which = str((await only(world))["id"])
    common = ("reply", "--keys", str(world.folder), "--to", str(world.folder / "a"), "--counter", "1")
    code, _said = run(*common, "--text", "Hola", which)
    assert code == 1 and not (world.folder / "a").exists()
    (world.folder / "deliver.json").write_text('{"free_text": true}')
    code, said = run(*common, "--text", "Hola", which)
    assert code == 0, said
    assert run(*common, "--template", "call", which)[0] == 1
    assert run(*common, "--template", "call", "--number", "2555-0147", which)[0] == 0
    assert run("reply", "--keys", str(world.folder), which)[0] == 1
    with pytest.raises(NotFound, match="case-not-found"):
        Folder(world.folder / "cases").find("CASO-00000000")


async def downloaded(world: World) -> Path:
    """As the desk gives it."""
    row = await only(world)
    _, body = await answers.contents(world.officer, world.now, world.context, row["id"])
    await answers.fetched(world.officer, world.now, row["id"], Fetched(crypto.sha256(body).hex()))
    name = str(row["id"])[:8].upper()
    path = world.folder.parent / f"{name[:4]}-{name[4:]}.age"
    path.write_bytes(body)
    return path


async def test_an_envelope_is_opened_from_a_file_without_a_line(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing(narrative="Vi\x1b[31m esto."))
    path = await downloaded(world)
    code, said = run("open", "--keys", str(world.folder), str(path))
    assert code == 0 and "esto." in said and "\x1b" not in said
    out = world.folder.parent / "opened"
    code, said = run("open", "--keys", str(world.folder), "--out", str(out), str(path))
    assert code == 0, said
    reference, proof = said.split()
    case = json.loads((out / f"{reference}.json").read_text())
    assert case["proof"] == proof and (out / f"{reference}.pdf").exists()
    moved = path.with_name("00AA-00BB.age")
    moved.write_bytes(path.read_bytes())
    assert run("open", "--keys", str(world.folder), str(moved))[0] == 1
    with pytest.raises(Invalid, match="envelope-moved"):
        alone.opened(path.read_bytes(), keys.identities(world.folder), None, "00AA00BB")


async def test_an_officer_without_an_agent_acknowledges_with_the_proof_and_the_signature(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    path, cases = await downloaded(world), world.folder / "cases"
    code, said = run("open", "--keys", str(world.folder), "--out", str(cases), str(path))
    assert code == 0, said
    pasted = handed_in(world, "acknowledge", "--reference", "URP-1", said.split()[0])
    await handed.take(world.officer, world.now, world.context, pasted)
    row = await only(world)
    assert (row["state"], row["reference"]) == ("acknowledged", "URP-1")
    (event,) = await fetch(
        "SELECT statement, signature FROM reports.event WHERE envelope = $1 AND name = 'reports.acknowledged'",
        row["id"],
        engine=REPORTS_DB,
    )
    notary.attested(crypto.b64url(keys.signer(world.folder).public_bytes()), event["signature"], event["statement"])


async def test_the_stock_age_program_opens_it_as_the_desk_says(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    path = await downloaded(world)
    opened = subprocess.run(
        ["age", "-d", "-i", world.folder / keys.RECOVERY, path], capture_output=True, check=True, text=True
    )
    assert json.loads(opened.stdout)["report"]["narrative"] == "Una persona ofreció dinero."
