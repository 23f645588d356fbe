"""vc-jwt-decoder resolves our did:web over HTTPS and verifies each seal with what it finds (seals.md 7, check 8).

Run by the later Python (later.py) as a file of its own: it knows nothing of ours. JSON in, JSON lines out.
"""

import asyncio
import base64
import json
import subprocess
import sys
import urllib.request
from importlib.metadata import version

from vc_jwt_decoder import decoder, verification

asked = json.load(sys.stdin)


def fetch(path: str) -> str:
    with urllib.request.urlopen(asked["source"] + path) as answer:
        return answer.read().decode()


def flipped(token: str) -> str:
    head, body, mark = token.split(".")
    raw = bytearray(base64.urlsafe_b64decode(mark + "=="))
    raw[7] ^= 1
    return f"{head}.{body}.{base64.urlsafe_b64encode(bytes(raw)).decode().rstrip('=')}"


def line(checked: str, count: int, failures: list[str]) -> None:
    said = {"name": "vc-jwt-decoder", "version": version("vc-jwt-decoder"), "checked": checked, "count": count}
    print(json.dumps(said | {"failures": failures[:20], "failed": len(failures)}), flush=True)


async def main() -> None:
    failures, tokens = [], {}
    for code in asked["codes"]:
        token = tokens[code] = fetch(f"/s/{code}.jwt")
        said = await verification.verify_signature(token)
        _, header, payload = decoder.decode_token(token)
        right = said.verified is True and not said.warning
        right = right and header["typ"] == "vc+jwt" and header["kid"].startswith("did:web:localhost%3A")
        right = right and "vc" not in payload and payload["iss"] == payload["issuer"]["id"]
        if not right:
            failures.append(f"{code}: {said.verified} {said.warning or ''} {said.steps[-2:]}")
    line("did:web over HTTPS, and each seal's signature", len(tokens), failures)

    failures = []
    for code, token in list(tokens.items())[:50]:
        if (await verification.verify_signature(flipped(token))).verified is not False:
            failures.append(f"{code}: a flipped signature was not refused")
    line("signatures with one byte flipped: refused", min(50, len(tokens)), failures)

    code, token = next(iter(tokens.items()))
    run = "from vc_jwt_decoder.main import run; run()"
    command = [sys.executable, "-c", run, "--json"]
    printed = subprocess.run(command, input=token, capture_output=True, text=True)
    line("its command line prints verified: true", 1, [] if '"verified": true' in printed.stdout else [printed.stderr])


asyncio.run(main())
