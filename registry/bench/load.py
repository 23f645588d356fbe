"""Load from another process: wrk on core 0, the server under test on core 1."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SECONDS = 4
CONNECTIONS = 32


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pinned(command: list[str], core: int) -> list[str]:
    """The command on one core, where the machine has two."""
    many = (os.cpu_count() or 1) > 1 and shutil.which("taskset")
    return ["taskset", "-c", str(core), *command] if many else command


@contextlib.contextmanager
def running(command: list[str], url: str, **environment: str) -> Iterator[None]:
    """A server that answers at `url`, ended with its whole group."""
    process = subprocess.Popen(pinned(command, 1), env={**os.environ, **environment}, start_new_session=True,
                               stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        wait_for(url, process)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> float:
    """Seconds until the address answers 2xx or 4xx."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return time.monotonic() - start
        except urllib.error.HTTPError:
            return time.monotonic() - start
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(url)


PACKAGES = {"wrk": "wrk", "nginx": "nginx-light"}


def tools(*names: str) -> None:
    """Raise LookupError, saying the line to type, where a tool is not there."""
    if missing := [name for name in names if program(name) is None]:
        packages = " ".join(PACKAGES[name] for name in missing)
        raise LookupError(f"{' and '.join(missing)} not found: these figures need sudo apt-get install -y {packages}")


def program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(f"/usr/sbin/{name}")


def script(path: Path, addresses: list[str], *, at_random: bool) -> Path:
    """A script for wrk that asks for these addresses, drawn at random or one after the other."""
    path.with_suffix(".txt").write_text("\n".join(addresses))
    step = "math.random(#asked)" if at_random else "turn"
    path.write_text(
        "asked = {}\nturn = 0\nfunction init(args)\n"
        f"  for line in io.lines('{path.with_suffix('.txt')}') do\n"
        "    asked[#asked + 1] = wrk.format('GET', line)\n  end\nend\n"
        f"function request()\n  turn = turn % #asked + 1\n  return asked[{step}]\nend\n"
    )
    return path


def wait_until(url: str, status: int, seconds: float = 120) -> None:
    """Until the address answers so."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
            if answer.status == status:
                return
        time.sleep(0.05)
    raise TimeoutError(url)


def etag(address: str, path: str) -> str:
    with urllib.request.urlopen(f"{address}{path}", timeout=10) as answer:
        return str(answer.headers["etag"])


def resident_mb(port: int) -> float:
    """Resident memory of the largest process that was started for this port, in MB; 0 where /proc does not say."""
    found = [0.0]
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            if f"REGISTRY_ORIGIN=http://127.0.0.1:{port}" in (folder / "environ").read_text().split("\0"):
                found += [int(line.split()[1]) / 1024 for line in (folder / "status").read_text().splitlines()
                          if line.startswith("VmRSS:")]  # fmt: skip
    return max(found)


def rate(
    url: str, *, seconds: int = SECONDS, best_of: int = 2, headers: tuple[str, ...] = (), script: Path | None = None,
    warm: bool = True,
) -> float:  # fmt: skip
    """Requests a second, the best of some runs after a warm-up; every answer must be 2xx or 3xx."""
    tools("wrk")
    best = 0.0
    for run, length in enumerate((1 if warm else 0, *(seconds,) * best_of)):
        if not length:
            continue
        arguments = [str(program("wrk")), "-t1", f"-c{CONNECTIONS}", f"-d{length}s",
                     *(f"-H{header}" for header in headers), *(["-s", str(script)] if script else []), url]  # fmt: skip
        said = subprocess.run(pinned(arguments, 0), capture_output=True, text=True, check=True).stdout
        if "Non-2xx or 3xx" in said:
            raise RuntimeError(f"{url} answered with errors: {said}")
        found = re.search(r"Requests/sec:\s+([\d.]+)", said)
        assert found, said
        if run:
            best = max(best, float(found[1]))
    return best


HELLO = """
BODY = b"x" * {size}
HEADERS = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"{size}")]
async def app(scope, receive, send):
    await send({{"type": "http.response.start", "status": 200, "headers": HEADERS}})
    await send({{"type": "http.response.body", "body": BODY}})
"""


@contextlib.contextmanager
def bare(folder: Path, size: int) -> Iterator[str]:
    """A bare ASGI hello of so many bytes on the same server as ours; yields its address."""
    (folder / "hello.py").write_text(HELLO.format(size=size))
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--log-level", "warning",
               "--host", "127.0.0.1", "--port", str(port), "--working-dir", str(folder), "hello:app"]  # fmt: skip
    with running(command, f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}/"


NGINX = """
{user}worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 1000000; default_type text/html;
  {extra}
}}
"""
STATIC = "server {{ listen 127.0.0.1:{port}; root {folder}/www; }}"


@contextlib.contextmanager
def nginx(folder: Path, extra: str, port: int) -> Iterator[None]:
    """nginx with one worker and our own configuration."""
    tools("nginx")
    (folder / "nginx.conf").write_text(
        NGINX.format(folder=folder, extra=extra, user="user root; " if os.geteuid() == 0 else "")
    )
    with running([str(program("nginx")), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")],
                 f"http://127.0.0.1:{port}/"):  # fmt: skip
        yield


@contextlib.contextmanager
def nginx_static(folder: Path, body: bytes) -> Iterator[str]:
    """nginx serving the same bytes from disk; yields the address."""
    (folder / "www").mkdir(exist_ok=True)
    (folder / "www" / "seal").write_bytes(body)
    port = free_port()
    with nginx(folder, STATIC.format(port=port, folder=folder), port):
        yield f"http://127.0.0.1:{port}/seal"


class Page(NamedTuple):
    """One page as a browser meets it. `weight`: bytes on the wire, gzip, with what it needs to look right."""

    path: str
    body: bytes
    weight: int


def page_of(address: str, path: str) -> Page:
    """Fetch a page and its style sheets as a browser does."""
    plain = urllib.request.urlopen(f"{address}{path}", timeout=10).read()
    needed = [path, *re.findall(r'<link rel="stylesheet" href="([^"]+)"', plain.decode())]
    weight = 0
    for one in needed:
        asked = urllib.request.Request(f"{address}{one}", headers={"accept-encoding": "gzip"})
        weight += len(urllib.request.urlopen(asked, timeout=10).read())
    return Page(path, plain, weight)
