"""A witness that never ends: slowly, or with more than anybody could want to read."""

import asyncio

import httpx
import pytest

from registry.seals import note
from registry.seals.policy import Witness
from registry.witnesses import client

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("part", "pause"), [(b"x", 0.05), (b"x" * 65536, 0.0)])
async def test_an_endless_answer_ends(monkeypatch: pytest.MonkeyPatch, part: bytes, pause: float) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.3)

    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n")
            while not writer.is_closing():
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
        except ConnectionError:
            pass

    server = await asyncio.start_server(drips, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    slow = Witness("slow", note.Key("slow.example", note.COSIGNED, bytes(32)), f"http://127.0.0.1:{port}")
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(5):
        assert len(await client.latest(http, slow, "log.example")) <= client.LONGEST
    server.close()
