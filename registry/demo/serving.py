"""The server of the demo: a process of its own, as strangers and browsers meet it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator

import httpx

from registry.config import Config
from registry.core.errors import Conflict

STARTS_WITHIN = 30.0


@contextlib.asynccontextmanager
async def serving(config: Config) -> AsyncIterator[httpx.AsyncClient]:
    """Run `registry serve` over the same data folder; yields a client of its public address."""
    # What the server says goes into the data folder, where the last step looks for words of the report.
    with (config.data / "server.log").open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "registry", "serve", "--host", config.host, "--port", str(config.port),
            "--while-stdin-open", env=environment(config), start_new_session=True, stdin=asyncio.subprocess.PIPE,
            stdout=said, stderr=said,
        )  # fmt: skip
    address = f"http://{config.host}:{config.port}"
    try:
        async with httpx.AsyncClient(base_url=address, timeout=30, follow_redirects=False) as client:
            await _until_ready(process, client)
            yield client
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), 30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def environment(config: Config) -> dict[str, str]:
    """The settings of the demo's house, for a process of its own."""
    settings = {"REGISTRY_DATA": str(config.data), "REGISTRY_ORIGIN": config.origin, "REGISTRY_DEMO": "1",
                "REGISTRY_HOST": config.host, "REGISTRY_PORT": str(config.port),
                "REGISTRY_TELEPHONE": config.telephone}  # fmt: skip
    return {**os.environ, **settings}


async def _until_ready(process: asyncio.subprocess.Process, client: httpx.AsyncClient) -> None:
    end = asyncio.get_running_loop().time() + STARTS_WITHIN
    while asyncio.get_running_loop().time() < end and process.returncode is None:
        with contextlib.suppress(httpx.TransportError):
            if (await client.get("/readyz")).status_code == 200:
                return
        await asyncio.sleep(0.05)
    raise Conflict("server-did-not-start", port=str(client.base_url.port))
