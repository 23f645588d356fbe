"""Loopback and nothing else: a namespace in which the kernel counts whatever wants out (seals.md 7, check 10)."""

import contextlib
import fcntl
import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path

from tests.interop.report import Line, NotRun, Told


def apart() -> list[str]:
    """What to put before a command so that it runs with loopback alone; nothing where that is not allowed."""
    flags = ["--net"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--net"]
    if shutil.which("unshare") and subprocess.run(["unshare", *flags, "true"], capture_output=True).returncode == 0:
        return ["unshare", *flags]
    return []


def raise_loopback() -> bool:
    """Brings loopback up in a namespace of our own; False when we stand in the machine's own network."""
    if any(name != "lo" for _, name in socket.if_nameindex()):
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = 0x1 | 0x40  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", up) + b"\0" * 14)  # SIOCSIFFLAGS
    return True


def wanted_out() -> int:
    """How often something in this namespace looked for a way out and found none: IPv4, IPv6, and a question to a
    resolver that would have been on loopback (systemd-resolved answers at 127.0.0.53)."""
    rows = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()]
    known = {names[0] + name: int(value) for names, values in zip(rows[::2], rows[1::2], strict=True)
             for name, value in zip(names[1:], values[1:], strict=True)}  # fmt: skip
    six = Path("/proc/net/snmp6")
    known |= {name: int(value) for name, value in map(str.split, six.read_text().splitlines())} if six.exists() else {}
    return known["Ip:OutNoRoutes"] + known.get("Ip6OutNoRoutes", 0) + known["Udp:NoPorts"]


def knocks() -> int:
    """Want out on purpose, in each of these ways; how many of them the kernel counted."""
    doors = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"), (socket.AF_INET, "127.0.0.53"))
    heard = 0
    for family, address in doors:
        before = wanted_out()
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as one:
            one.connect((address, 53))
            one.send(b"is anybody there?")
        heard += wanted_out() > before
    return heard


def quiet(before: int, alone: bool) -> Told:
    checked = "packets for anywhere but loopback, from the demo to the last check"
    if not alone:
        return NotRun("the kernel", "", checked, "network namespaces are not allowed here")
    left = wanted_out() - before
    failures = [f"{left} packets"] if left else []
    if knocks() < 2:  # IPv6 may be switched off
        failures.append("packets sent on purpose were not counted: this says nothing")
    return Line("the kernel", os.uname().release, checked, 1, failures, len(failures))
