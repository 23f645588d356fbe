"""Three aics-witness programs on loopback: they cosign honest growth, and keep what we should not have sent them."""

import contextlib
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import msgspec

from registry.core.context import Context
from registry.core.crypto import verified
from registry.core.ports import free_port
from registry.seals import log, note, policy
from registry.seals.note import Checkpoint
from registry.seals.policy import Policy
from registry.witnesses import client, queries
from tests.interop.report import Line

QUORUM = 2


class Watchers(msgspec.Struct, frozen=True):
    """`policy` names them to the house and to whoever verifies."""

    python: Path
    folders: list[Path]
    policy: Path

    def read(self) -> Policy:
        return policy.read(self.policy.read_text())

    def spoken(self) -> dict[str, object]:
        """As aics-tlog wants its policy."""
        return {"quorum": QUORUM, "witnesses": [one.key.vkey() for one in self.read().witnesses]}

    def evidence(self) -> list[str]:
        """The requests the witnesses refused and kept, for the log's operator to explain."""
        kept: list[str] = []
        for folder in self.folders:
            said = _tell(self.python, folder, "evidence")
            kept += [row["request"] for row in json.loads(said)]
        return kept


@contextlib.contextmanager
def watching(python: Path, folder: Path, origin: str, vkey: str) -> Iterator[Watchers]:
    """Started for a log of this name and key; ended with the block."""
    with contextlib.ExitStack() as stack:
        folders, lines = [], []
        for number in range(3):
            here = folder / f"w{number}"
            here.mkdir()
            port = free_port("127.0.0.1")
            said = _tell(python, here, "init", "--name", f"w{number}.example/w", "--listen", f"127.0.0.1:{port}")
            own = next(word for word in said.split() if word.startswith(f"w{number}.example/w+"))
            _tell(python, here, "add-log", "--origin", origin, "--vkey", vkey)
            stack.enter_context(_serving(python, here))
            folders.append(here)
            lines.append(f"witness w{number} {own} http://127.0.0.1:{port}\n")
        path = folder / "policy"
        path.write_text("".join(lines) + f"group enough {QUORUM} w0 w1 w2\nquorum enough\n")
        yield Watchers(python, folders, path)


@contextlib.contextmanager
def _serving(python: Path, folder: Path) -> Iterator[None]:
    command = [str(python), "-m", "aics_witness", "serve", "--config", str(folder / "witness.json")]
    with (folder / "log").open("wb") as log_file:
        process = subprocess.Popen(command, stdout=log_file, stderr=log_file)
        try:
            yield
        finally:
            process.terminate()
            process.wait(10)


def _tell(python: Path, folder: Path, verb: str, *more: str) -> str:
    command = [str(python), "-m", "aics_witness", verb, "--config", str(folder / "witness.json"), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise RuntimeError(f"aics-witness {verb}: {done.stderr.strip()[-300:]}")
    return done.stdout


async def look(context: Context, watchers: Watchers, first: str) -> AsyncIterator[Line]:
    """After the log has grown from the checkpoint `first`. Our own client asks, their program answers."""
    name, number, ours = "aics-witness", _version(watchers.python), queries.ours(context)
    newest = (await context.published.get("checkpoint")).decode()
    own = note.read_checkpoint(newest, *ours, verified)
    witnesses = watchers.read().witnesses
    async with httpx.AsyncClient() as http:
        failures = []
        for one in witnesses:
            shown = note.read_checkpoint(await client.latest(http, one, own.origin), *ours, verified)
            if (shown.size, shown.root) != (own.size, own.root):
                failures.append(f"{one.name} saw {shown.size} of {own.size} entries")
            if note.cosigned_at(newest, one.key, verified) is None:
                failures.append(f"{one.name} did not cosign what is published")
        yield _line(name, number, f"growth to {own.size} entries cosigned, the lines published", 3, failures)

        failures = []
        for one in witnesses:
            answer = await client.ask(http, one, 0, first, ours, _none)
            if answer.ahead != own.size or answer.line:
                failures.append(f"{one.name}: {answer.trouble or 'cosigned'}")
        yield _line(name, number, "a database put back: it shows the larger tree, with our signature", 3, failures)

        forged, prove = await _rewritten(context, own)
        failures = []
        for one in witnesses:
            answer = await client.ask(http, one, own.size, forged, ours, prove)
            if answer.line or "another history" not in answer.trouble:
                failures.append(f"{one.name}: {answer.trouble or 'cosigned'}")
        yield _line(name, number, "a rewritten entry, logged anew: 422", 3, failures)
    kept = [request for request in watchers.evidence() if forged in request]
    yield _line(name, number, "evidence of it kept", 3, [] if len(kept) == 3 else [f"{len(kept)} of 3 kept it"])


async def _rewritten(context: Context, own: Checkpoint) -> tuple[str, client.Prove]:
    """One leaf changed, one added, and everything signed with the log's real key."""
    leaves = await log.read_leaves(context.published.get, own)
    leaves[len(leaves) // 2] = leaves[len(leaves) // 2].replace(b'"v":1', b'"v":2')
    hashes = [log.leaf_hash(leaf) for leaf in [*leaves, leaves[0]]]
    text = Checkpoint(own.origin, len(hashes), log.root(hashes)).text()
    signer = context.keys.log
    signed = note.sign_note(text, own.origin, signer.public_bytes(), signer.sign)

    async def prove(old: int) -> list[bytes]:
        return log.consistency(hashes, old)

    return signed, prove


async def _none(old: int) -> list[bytes]:
    return []


def _version(python: Path) -> str:
    ask = "from importlib.metadata import version; print(version('aics-witness'))"
    return subprocess.run([str(python), "-c", ask], capture_output=True, text=True).stdout.strip()


def _line(name: str, number: str, checked: str, count: int, failures: list[str]) -> Line:
    return Line(name, number, checked, count, failures, len(failures))
