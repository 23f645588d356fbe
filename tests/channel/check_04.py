"""Check 4: sealed in JavaScript, opened by pyrage and stock age; sealed in Python and by stock age, opened in
JavaScript; the fixed vectors code -> look-up -> recipient equal in both."""

import asyncio
import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.core import crypto
from registry.reports import envelope
from registry.reports.code import derive
from tests import node
from tests.channel.result import Result
from tests.public_site.report_form import vectors
from tests.public_site.report_form.test_client import (
    test_what_a_browser_seals_opens_at_each_office_with_pyrage_and_with_age,
)
from tests.registry.reports.world import World

CODES = Path(vectors.FILE).with_name("report_codes.json")
OPENS = Path(__file__).with_name("opens_04.js")
TEXT = "¿A qué hora fue? 🌊"


async def run(world: World) -> Result:
    return await asyncio.to_thread(tried)


def tried() -> Result:
    with TemporaryDirectory() as name:
        folder = Path(name)
        test_what_a_browser_seals_opens_at_each_office_with_pyrage_and_with_age(folder)
        identity = vectors.identity(60)
        recipient = envelope.recipient_of(identity)
        stock = subprocess.run(["age", "-r", recipient], input=TEXT.encode(), capture_output=True, check=True).stdout
        files = [crypto.b64url(envelope.seal_reply(TEXT, recipient)), crypto.b64url(stock)]
        codes = json.loads(CODES.read_text())["codes"]
        asked = {"identity": identity, "files": files, "codes": [[one["code"], one["label"]] for one in codes]}
        said = json.loads(
            subprocess.run([node.NODE, OPENS], input=json.dumps(asked).encode(), capture_output=True, check=True).stdout
        )
    equal = 0
    for one, found in zip(codes, said["codes"], strict=True):
        ours = derive(one["code"], one["label"])
        known = [one["lookup"], one["reply_identity"], one["reply_recipient"]]
        equal += found == known == [ours.lookup.hex(), ours.reply_identity, envelope.recipient_of(ours.reply_identity)]
    opened = said["opened"].count(TEXT)
    return Result(
        opened == 2 and equal == len(codes) > 0,
        f"one sealed in JavaScript: 6 keys open it by pyrage, and stock age; {opened} of 2 sealed by pyrage and by age"
        f" open in JavaScript; {equal} of {len(codes)} vectors equal in both",
    )
