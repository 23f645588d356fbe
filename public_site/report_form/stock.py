"""Codes made ahead, so that the slow derivation (0.12 s on purpose) is over when somebody presses the button.

A reserve of unused codes waits in memory and is refilled by two threads; when it is empty the caller
waits for a thread. Whoever's network sent many lately waits behind everybody else's.
Looking up a code has a thread of its own with a short queue: however many ask, they cannot starve those who file.
"""

import asyncio
import secrets
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from registry.core.errors import Busy
from registry.reports.code import Derived, derive, new_code

LOOKS_AT_ONCE = 20


class Stock:
    """Ready codes of one instance. A code that is taken is forgotten here."""

    def __init__(self, label: str, size: int = 24) -> None:
        self._label, self._size = label, size
        self._ready: deque[tuple[str, Derived]] = deque()
        self._making = ThreadPoolExecutor(2, "codes")
        self._looking = ThreadPoolExecutor(1, "looks")
        self._coming = self._waiting = 0
        self._made: deque[asyncio.Future[tuple[str, Derived]]] = deque()
        self._last: deque[asyncio.Future[tuple[str, Derived]]] = deque()

    def prepare(self) -> None:
        """Begin to fill the reserve; called when somebody opens the form."""
        while len(self._ready) + self._coming < self._size + len(self._made) + len(self._last):
            self._coming += 1
            asyncio.get_running_loop().run_in_executor(self._making, self._new).add_done_callback(self._arrived)

    async def take(self, *, late: bool = False) -> tuple[str, Derived]:
        """A fresh code and what is derived from it. `late`: behind all who are not."""
        if self._ready and not (late and len(self._ready) <= self._size // 2):
            taken = self._ready.popleft()
            self.prepare()
            return taken
        asked: asyncio.Future[tuple[str, Derived]] = asyncio.get_running_loop().create_future()
        (self._last if late else self._made).append(asked)
        self.prepare()
        return await asked

    def give_back(self, code: str, derived: Derived) -> None:
        """One that was taken and is nobody's after all: nothing was kept under it, and nobody saw it."""
        self._arrived_with((code, derived))

    async def look(self, code: str) -> Derived:
        """Derive a code that somebody typed; Busy when too many are waiting."""
        if self._waiting >= LOOKS_AT_ONCE:
            raise Busy("return-busy", retry_after=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._looking, derive, code, self._label)
        finally:
            self._waiting -= 1

    def _new(self) -> tuple[str, Derived]:
        code = new_code(secrets.randbelow)
        return code, derive(code, self._label)

    def _arrived(self, done: "asyncio.Future[tuple[str, Derived]]") -> None:
        self._coming -= 1
        if done.cancelled() or done.exception():
            return
        self._arrived_with(done.result())

    def _arrived_with(self, made: tuple[str, Derived]) -> None:
        for waiting in (self._made, self._last if len(self._ready) >= self._size // 2 else ()):
            while waiting:
                asked = waiting.popleft()
                if not asked.done():
                    asked.set_result(made)
                    return
        self._ready.append(made)
