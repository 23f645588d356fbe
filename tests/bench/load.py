"""Load from another process: wrk on core 0, the server under test on core 1."""

import contextlib
import os
import re
import shutil
import signal
import socket
import statistics
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


def rate(url: str, *headers: str, seconds: int = SECONDS, best_of: int = 2) -> float:
    """Requests a second, the best of some runs after a warm-up; every answer must be 2xx or 3xx."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("these figures need wrk: sudo apt-get install -y wrk")
    best = 0.0
    for run, length in enumerate((1, *(seconds,) * best_of)):
        arguments = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{length}s", *(f"-H{header}" for header in headers), url]
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
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        raise RuntimeError("these figures need nginx: sudo apt-get install -y nginx-light")
    (folder / "nginx.conf").write_text(
        NGINX.format(folder=folder, extra=extra, user="user root; " if os.geteuid() == 0 else "")
    )
    with running([program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")],
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


def interleaved(*urls: str, rounds: int = 5) -> list[float]:
    """Median requests a second of each address, taken in turns so that a machine that changes speed changes all."""
    runs: list[list[float]] = [[] for _ in urls]
    for _ in range(rounds):
        for number, url in enumerate(urls):
            runs[number].append(rate(url, seconds=2, best_of=1))
    return [statistics.median(run) for run in runs]
