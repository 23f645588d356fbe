"""How often, and how much at once: kindly, by group of routes, in the memory of this process.

GCRA (the leaky bucket as a clock, ITU-T I.371): one number per address and group. The address is never kept: the key is
its HMAC under a key that dies with the process. Nothing typed is lost: a form that came too soon is given back.
"""

import secrets
import time
from collections.abc import Callable
from ipaddress import ip_address

import msgspec

from registry.core import problems
from registry.core.crypto import hmac_sha256
from registry.core.errors import Busy, TooLarge
from registry.core.shield import SAFE, App, Receive, Scope, Send, header


class Group(msgspec.Struct, frozen=True):
    """`burst` at once, then one every `every` seconds."""

    name: str
    prefixes: tuple[str, ...]
    burst: int
    every: float
    writes_only: bool = True


DESK_GROUPS = (
    # A whole office may sit behind one address, so these are for machines that guess, not for people who mistype;
    # the wait per account is accounts.rules.wait_after.
    Group("enter", ("/desk/sign-in", "/desk/invitation"), burst=30, every=2.0),
    Group("write", ("/desk", "/audit"), burst=120, every=0.25),
    Group("read", ("/desk", "/audit"), burst=600, every=0.05, writes_only=False),
)
_MANY = 50_000
LARGEST_FORM = 1_000_000
"""Bytes of a form without files. Files have their own limit, at their route."""
LONGEST_LISTENED = 1_000_000_000


class Gate:
    """The limiter itself, apart from HTTP."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._key = clock, secrets.token_bytes(32)
        self._due: dict[bytes, float] = {}

    def wait(self, group: Group, address: str) -> float:
        """Seconds to wait, or 0 and the request is counted."""
        now, key = self._clock(), hmac_sha256(self._key, f"{group.name} {_network(address)}".encode())[:16]
        due = max(self._due.get(key, now), now)
        early = due - now - group.every * (group.burst - 1)
        if early > 1e-9:
            return early
        if len(self._due) >= _MANY:
            self._due = {kept: at for kept, at in self._due.items() if at > now}
            if len(self._due) >= _MANY:  # more addresses than we remember: forget the ones nearest to done
                self._due = dict(sorted(self._due.items(), key=lambda item: item[1])[_MANY // 2 :])
        self._due[key] = due + group.every
        return 0.0


def _network(address: str) -> str:
    """One household: an IPv4 address, or the /64 an IPv6 address is in."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip) if ip.version == 4 else str(int(ip) >> 64)


def address_of(scope: Scope, proxies: frozenset[str]) -> str:
    """Who is calling: the socket's address, or what our own proxies say, the last one they did not write themselves."""
    peer = (scope.get("client") or ("", 0))[0]
    if peer not in proxies:
        return str(peer)
    for hop in reversed([part.strip() for part in header(scope, b"x-forwarded-for").split(",")]):
        if hop and hop not in proxies:
            return hop
    return str(peer)


class Limits:
    """The limiter as an ASGI layer, and a patient ear: whoever sends too much is listened to before being told so,
    because a browser shows no answer that comes while it is still sending."""

    def __init__(
        self, app: App, groups: tuple[Group, ...] = DESK_GROUPS, proxies: frozenset[str] = frozenset(),
        gate: Gate | None = None,
    ) -> None:  # fmt: skip
        self._app, self._groups, self._proxies, self._gate = app, groups, proxies, gate or Gate()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        group = next((g for g in self._groups if _covers(g, scope)), None)
        seconds = self._gate.wait(group, address_of(scope, self._proxies)) if group else 0.0
        if seconds:
            if scope["method"] not in SAFE and is_plain_form(scope):
                scope[problems.TYPED] = await whole_body(receive, LARGEST_FORM)
            refusal = Busy("too-many-requests", retry_after=int(seconds) + 1)
            await problems.send_told(problems.told(scope, refusal), scope, send)
            return
        await self._patiently(scope, receive, send)

    async def _patiently(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = scope["method"] not in SAFE

        async def listened() -> object:
            nonlocal more
            message = await receive()
            more = message["type"] == "http.request" and message.get("more_body", False)
            return message

        async def told(message: object) -> None:
            if isinstance(message, dict) and message["type"] == "http.response.start" and message["status"] == 413:
                heard = 0
                while more and heard < LONGEST_LISTENED:
                    part = await listened()
                    heard += len(part.get("body", b"")) if isinstance(part, dict) else 0
            await send(message)

        await self._app(scope, listened, told)


def _covers(group: Group, scope: Scope) -> bool:
    if group.writes_only and scope["method"] in SAFE:
        return False
    path = scope["path"]
    return any(path == prefix or path.startswith(prefix + "/") for prefix in group.prefixes)


def is_plain_form(scope: Scope) -> bool:
    return header(scope, b"content-type").partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"


async def whole_body(receive: Receive, most: int) -> bytes:
    """The body. Raises TooLarge when it is longer than this."""
    parts, length = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > most:
            raise TooLarge("body-too-large")
        if not message.get("more_body", False):
            break
    return b"".join(parts)
