"""Earlier status lists through a change of keys: `?timestamp=` goes on saying what held."""

from datetime import datetime
from typing import Any

import pytest

from public_site.verification import status
from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.core.crypto import of_jwk
from registry.core.db import fetch
from registry.seals import credential, history, jose, rotation, service
from registry.seals.custody import ANNOUNCED_FOR, NEEDED_FOR
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
