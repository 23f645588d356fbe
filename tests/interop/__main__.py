"""`python -m tests.interop`: sets itself up, plays a fresh demo, and lets other people's programs look at it.

Two parts. With a network: npm's packages, a later Python, zbar's library. Then, without one: the demo and everything
that looks at it run in a network namespace whose only interface is loopback, so that a request for a context, a schema
or a key that is not ours cannot succeed, and the kernel counts each attempt (seals.md 7, check 10).
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import msgspec

from registry.access.actor import Actor
from registry.accounts import queries as accounts
from registry.certification import service as certification
from registry.certification import suspension
from registry.certification.guards import Cause
from registry.certification.rules import Act
from registry.certification.schemas import Propose
from registry.core.clock import utc_now
from registry.core.context import Context
from registry.core.crypto import verified
from registry.core.db import fetch
from registry.demo import cast
from registry.demo.serving import serving
from registry.house import context_of, opened
from registry.printing import prints
from registry.seals import note
from registry.seals import queries as seals
from registry.seals.jose import Untrusted
from registry.witnesses import queries as witnesses
from tests import needs
from tests.interop import cameras, house, later, node, silence, watchers
from tests.interop.house import House
from tests.interop.report import Line, NotRun, Told, shown, summary
from tests.interop.watchers import Watchers

PATIENCE = 180.0
STICKERS = 10
LATER = (("vc-jwt-decoder", "did:web over HTTPS"), ("aics-tlog", "tiles and proofs"), ("aics-witness", "witnessing"))


def main() -> None:
    """Both parts; exits 0 only when nothing that ran failed."""
    if "--inside" in sys.argv:
        sys.exit(asyncio.run(inside(sys.argv[sys.argv.index("--inside") + 1])))
    if line := needs.install("zbar"):
        print(f"zbar's library is not here; it comes with: {line}")
    with contextlib.suppress(node.Absent):
        node.packages()
    try:
        python = str(later.python())
    except later.Absent as reason:
        python = f"not run: {reason}"
    command = [*silence.apart(), sys.executable, "-m", "tests.interop", "--inside", python]
    sys.exit(subprocess.run(command).returncode)


async def inside(python: str) -> int:
    """Everything after the set-up. `python`: the later one, or why there is none."""
    alone = silence.raise_loopback()
    before = silence.wanted_out()
    told: list[Told] = []
    with tempfile.TemporaryDirectory(prefix="ri-") as name:
        try:
            async for one in checks(house.found(Path(name)), python):
                print(shown(one), flush=True)
                told.append(one)
        except Exception:
            print(traceback.format_exc())
            told.append(Line("tests.interop", "", "went to its end", 1, [], 1))
    for one in (vectors(), silence.quiet(before, alone)):
        print(shown(one))
        told.append(one)
    text, status = summary(told)
    print(text)
    return status


async def checks(here: House, python: str) -> AsyncIterator[Told]:
    """Line by line, as they come."""
    print("The demo is played (about a minute)", flush=True)
    house.play(here)
    reason = python.removeprefix("not run: ") if python.startswith("not run: ") else ""
    with contextlib.ExitStack() as stack:
        stack.enter_context(house.behind_tls(here))
        three = None
        if not reason:
            three = stack.enter_context(watchers.watching(Path(python), here.folder, *log_of(here)))
            os.environ["REGISTRY_WITNESSES"] = str(three.policy)
            here = msgspec.structs.replace(here, config=msgspec.structs.replace(here.config, witnesses=three.policy))
        async with opened(here.config) as context, serving(here.config) as client:
            codes = here.codes()
            asked = {"source": here.origin, "codes": codes, "lists": here.lists(), "schemas": node.schemas()}
            if three:
                first = await cosigned(context, three)
            states = await bits(client, codes)
            for script in ("jose", "schemas", "lists"):
                for one in await by_node(here, script, **asked, states=states):
                    yield one
            async for one in turned(here, context, client, asked):
                yield one
            for one in cameras.look(await stickers(context, codes)):
                yield one
            if three:
                await cosigned(context, three)
                proof = {"proof": "/s/CODE.tlog-proof", "policy": three.spoken()}
                for script in ("resolve", "tiles"):
                    for one in await by_later(here, python, script, **asked, **proof):
                        yield one
                async for line in watchers.look(context, three, first):
                    yield line
            else:
                for name, checked in LATER:
                    yield NotRun(name, "", checked, f"needs Python 3.12 or later: {reason}")


def log_of(here: House) -> tuple[str, str]:
    """The log's name and verifier key, which a witness is told once."""
    [log] = witnesses.for_verifiers(context_of(here.config)).logs
    return log.key.name, log.key.vkey()


async def by_node(here: House, script: str, **asked: object) -> list[Told]:
    try:
        node.packages()
        return await asyncio.to_thread(node.run, script, here.trust, **asked)
    except node.Absent as reason:
        return [NotRun(f"npm: {script}", "", "", str(reason))]


async def by_later(here: House, python: str, script: str, **asked: object) -> list[Told]:
    return await asyncio.to_thread(later.run, Path(python), script, here.trust, **asked)


async def bits(client: httpx.AsyncClient, codes: list[str]) -> dict[str, dict[str, bool]]:
    """What each seal's own answer says that its bits must be."""
    said: dict[str, dict[str, bool]] = {}
    for code in codes:
        facts = (await client.get(f"/s/{code}.json")).json()
        gone = facts["state"] == "withdrawn" or facts["reason"] in ("replaced", "ended")
        said[code] = {"suspension": facts["state"] == "suspended", "revocation": gone}
    return said


async def turned(
    here: House, context: Context, client: httpx.AsyncClient, asked: dict[str, object]
) -> AsyncIterator[Told]:
    """Suspended, reinstated, withdrawn by the decider today: the bit goes up, down, and up for good."""
    [row] = await fetch(
        "SELECT s.code, s.certification FROM seal s JOIN certification c ON c.id = s.certification"
        " WHERE s.state = 'valid' AND s.valid_until > now() AND c.client IS NOT NULL ORDER BY s.code LIMIT 1"
    )
    case, code = row["certification"], row["code"]
    before = utc_now() - timedelta(seconds=2)  # lists are dated to the second
    instants = [{"at": before.isoformat(), "bits": {"suspension": False, "revocation": False}}]
    for verb, state, expected in (
        (suspended, "suspended", {"suspension": True, "revocation": False}),
        (reinstated, "valid", {"suspension": False, "revocation": False}),
        (withdrawn, "withdrawn", {"suspension": False, "revocation": True}),
    ):
        await verb(case)
        await says(client, code, state)
        instants.append({"at": utc_now().isoformat(), "bits": expected})
        await asyncio.sleep(1)  # what comes in the same second would be dated before this instant
        about = f"once {verb.__name__}: {', '.join(f'{purpose} {bit:d}' for purpose, bit in expected.items())}"
        more = asked | {"codes": [code], "states": {code: expected}, "about": about}
        for one in await by_node(here, "lists", **more):
            if one.checked == about or isinstance(one, NotRun):
                yield one
    for one in await by_node(here, "stays", **asked, code=code, instants=instants):
        yield one


REASON = "Comprobación de interoperabilidad."


async def suspended(case: UUID) -> None:
    await certification.suspend(await played_by("dora"), utc_now(), case, REASON)


async def reinstated(case: UUID) -> None:
    """An auditor of the case saw that the cause is gone; then the decider may end the suspension."""
    [row] = await fetch("SELECT person FROM assignment WHERE certification = $1 AND ended_at IS NULL AND lead", case)
    await suspension.verify_cause(await accounts.actor_of(row["person"]), utc_now(), case, REASON)
    await certification.reinstate(await played_by("dora"), utc_now(), case, REASON)


async def withdrawn(case: UUID) -> None:
    """Proposed by one person and decided by another."""
    advice = Propose(act=Act.WITHDRAW, cause=Cause.OTHER, reason=REASON)
    await suspension.propose(await played_by("olga"), utc_now(), case, advice)
    await certification.withdraw(await played_by("dora"), utc_now(), case, REASON)


async def played_by(key: str) -> Actor:
    """One of the demo's people."""
    account = await accounts.account_by_email(next(person.email for person in cast.STAFF if person.key == key))
    assert account is not None
    return await accounts.actor_of(account)


async def says(client: httpx.AsyncClient, code: str, state: str) -> None:
    """Until the public answer is in a state."""
    async with asyncio.timeout(PATIENCE):
        while (await client.get(f"/s/{code}.json")).json()["state"] != state:
            await asyncio.sleep(0.1)


async def cosigned(context: Context, three: Watchers) -> str:
    """The published checkpoint, once every witness has put its line under the newest tree."""
    async with asyncio.timeout(PATIENCE):
        while True:
            standing = await witnesses.standing(context, utc_now())
            newest = await witnesses.published(context)
            every = standing and newest and standing.cosigners == len(three.folders)
            if every and standing.size == newest.checkpoint.size:
                return newest.signed
            await asyncio.sleep(0.2)


async def stickers(context: Context, codes: list[str]) -> list[cameras.Sticker]:
    """What is printed for some of the seals: hotels and taxis."""
    some = codes[:: max(1, len(codes) // STICKERS)][:STICKERS]
    units = [row["unit"] for row in await fetch("SELECT unit FROM seal WHERE code = ANY($1)", some)]
    views = await seals.of_units(units, utc_now())
    return [await prints.sticker(context.config, view) for view in views.values()]


def vectors() -> Told:
    """The one thing the other way round: our reader of signed notes over C2SP's own examples."""
    name, checked = "C2SP signed-note", "published vectors, read by us; with one byte of the text changed: refused"
    path = node.SHARED / "vectors" / "signed_note_tlog_vectors.json"
    if not path.exists():
        return NotRun(name, "", checked, "../shared/data is not here")
    failures, count = [], 0
    for vector in json.loads(path.read_text())["signed_note"]:
        signer, public = note.parse_vkey(vector["vkey"])
        for signed, holds in ((vector["note"], vector["valid"]), ("X" + vector["note"][1:], False)):
            count += 1
            try:
                note.open_note(signed, signer, public, verified)
            except Untrusted:
                if holds:
                    failures.append(f"{signer}: refused")
            else:
                if not holds:
                    failures.append(f"{signer}: taken")
    return Line(name, "v1", checked, count, failures, len(failures))


if __name__ == "__main__":
    main()
