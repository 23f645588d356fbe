"""A web server that means harm: real sockets, one behaviour for each path that is asked for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
PART = b"x" * 65_536


def head(status: str = "200 OK", *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "connection: close", "", ""]).encode()


def body(data: bytes, *lines: str) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK", f"content-length: {len(data)}", *lines) + data)

    return answer


def redirect(to: str) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head("302 Found", f"location: {to}", "content-length: 0"))

    return answer


async def endless(writer: asyncio.StreamWriter) -> None:
    """As much as anybody takes, as fast as they take it."""
    writer.write(head())
    while True:
        writer.write(PART)
        await writer.drain()


async def drips(writer: asyncio.StreamWriter) -> None:
    """A letter at a time: each step is quick, the whole never ends."""
    writer.write(head())
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silent(writer: asyncio.StreamWriter) -> None:
    """Takes the question and says nothing."""
    await asyncio.sleep(30)


class Server:
    def __init__(self, address: str, asked: list[str]) -> None:
        self.address, self.asked = address, asked


@contextlib.asynccontextmanager
async def serving(answers: Callable[[str], Answer | None]) -> AsyncIterator[Server]:
    """`answers` by path; None is 404."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
            asked.append(path)
            answer = answers(path)
            if answer is None:
                writer.write(head("404 Not Found", "content-length: 0"))
            else:
                await answer(writer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Server(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked)
    finally:
        server.close()
