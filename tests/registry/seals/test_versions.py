"""Earlier status lists through a change of keys: `?timestamp=` goes on saying what held."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from public_site.verification import status
from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.core.crypto import of_jwk
from registry.core.db import fetch
from registry.core.storage import FolderStorage
from registry.seals import credential, history, jose, rotation, service
from registry.seals.custody import ANNOUNCED_FOR, NEEDED_FOR
from registry.seals.watch.mirror import mirror
from registry.seals.watch.source import Source
from tests.registry.seals.test_rotation import DAY, by, document, publish
from tests.registry.seals.test_service import group

pytestmark = pytest.mark.anyio


async def test_earlier_lists_hold_under_keys_that_retired_and_are_signed_again_when_one_was_compromised(
    db: None, context: Context, now: datetime
) -> None:
    here, case = await group(context, now, 2)
    await publish(context, now)
    suspended, lifted = now + DAY, now + 2 * DAY
    await service.suspend(SYSTEM, suspended, case, here.units[:1])
    await publish(context, suspended)
    await service.reinstate(SYSTEM, lifted, case, here.units[:1])
    await publish(context, lifted)
    [row] = await fetch("SELECT status_index FROM seal WHERE unit = $1", here.units[0])
    stays = {now: set(), suspended: {row["status_index"]}, lifted: set()}

    async def then(moment: datetime) -> tuple[str, Any]:
        """The kid, and the bits under the keys that did.json names, in whatever relation."""
        asked = await status.as_of(context.published, "status/suspension/1", moment.isoformat(), moment)
        signed = (await context.published.get(asked[0])).decode()
        methods = {one["id"]: of_jwk(one["publicKeyJwk"]) for one in (await document(context))["verificationMethod"]}
        return jose.header(signed).kid, credential.verified_list(signed, by(methods), "suspension")

    first = context.keys.issuer.kid
    second = await rotation.announce(SYSTEM, lifted, context, "issuer")
    await rotation.activate(SYSTEM, lifted + ANNOUNCED_FOR, context, second)
    await rotation.retire(SYSTEM, lifted + ANNOUNCED_FOR + NEEDED_FOR, context, first)
    await publish(context, lifted + ANNOUNCED_FOR + NEEDED_FOR)
    for moment, was in stays.items():
        kid, said = await then(moment)
        assert kid.endswith(first) and said == was

    where = [history.key("suspension", 1, int(moment.timestamp())) for moment in (suspended, lifted)]
    await context.published.put(where[0], await context.published.get(where[1]))  # as whoever stole the key would write
    assert (await then(suspended))[1] == set()
    found_out = lifted + ANNOUNCED_FOR + NEEDED_FOR + DAY
    await rotation.compromised(SYSTEM, found_out, context, first, found_out - DAY)  # long retired
    await publish(context, found_out)
    for moment, was in stays.items():
        kid, said = await then(moment)
        assert kid.endswith(context.keys.issuer.kid) and said == was


async def test_a_mirror_fetches_again_what_a_dropped_key_signed(
    db: None, context: Context, now: datetime, tmp_path: Path
) -> None:
    here, case = await group(context, now, 2)
    await publish(context, now)
    await service.suspend(SYSTEM, now + DAY, case, here.units[:1])
    await publish(context, now + DAY)
    copy, stolen = FolderStorage(tmp_path / "copy"), context.keys.issuer.kid
    source = Source(context.published.get)
    await mirror(source, copy)

    async def signers() -> list[str]:
        keys = [key async for key in copy.list("status/at/")]
        return [jose.header((await copy.get(key)).decode()).kid.partition("#")[2] for key in keys]

    assert set(await signers()) == {stolen}
    found_out = now + 2 * DAY
    old = {key: await context.published.get(key) async for key in context.published.list("status/at/")}
    await rotation.compromised(SYSTEM, found_out, context, stolen, found_out - DAY)
    await publish(context, found_out)
    anew = {key: await context.published.get(key) for key in old}
    lost, late = sorted(old)[:2]
    await context.published.delete(lost)
    await context.published.put(late, old[late])  # as if the house had not come to it yet
    assert (await mirror(source, copy)).lists >= len(old) - 2
    assert (await signers()).count(stolen) == 1 and await copy.stat(lost) is None
    await context.published.put(late, anew[late])
    await mirror(source, copy)
    assert set(await signers()) == {context.keys.issuer.kid}
    assert (await mirror(source, copy)).lists == 0
