"""The first person of a house comes in by a command on its own machine."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT

from registry.core.context import Context
from registry.core.db import fetch


async def invited(database: str, context: Context, *asked: str) -> tuple[int, str]:
    env = os.environ | {"DATABASE_URL": database, "REGISTRY_DATA": str(context.config.data), "REGISTRY_LANGUAGE": "en"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "registry", "account", "administrator", *asked, env=env, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_the_first_administrator_gets_a_letter_and_the_same_link_on_the_screen(
    committed: str, context: Context
) -> None:
    ended, said = await invited(committed, context, "ana@example.org", "--name", "Ana Mora")
    link = re.search(r"http://\S+/desk/invitation/\S+", said)
    assert ended == 0 and link, said
    (letter,) = (context.config.data / "mail").glob("invitation-*.eml")
    assert link[0] in letter.read_text().replace("=\n", "") and "ana@example.org" in letter.read_text()
    (row,) = await fetch("SELECT email, role, organisation FROM invitation")
    assert (row["email"], row["role"], row["organisation"]) == ("ana@example.org", "administrator", None)
    (entry,) = await fetch("SELECT event FROM trail_entry WHERE event = 'accounts.invited'")
    assert entry


async def test_asked_twice_and_asked_wrongly_it_says_why(committed: str, context: Context) -> None:
    await invited(committed, context, "ana@example.org", "--name", "Ana Mora")
    for asked in (
        ("ana@example.org", "--name", "Ana Mora"),
        ("ana", "--name", "Ana"),
        ("b@example.org", "--name", " "),
    ):
        ended, said = await invited(committed, context, *asked)
        assert ended == 1 and len(said.split()) > 5 and "problem:" not in said and "Traceback" not in said, said
