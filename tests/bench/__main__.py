"""`python -m tests.bench`: first figures for the budgets of the architecture, a line each, the goal beside it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from registry.bench import load
from tests.public_site.world import TAXI

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Run what applies and print it; exits 1 when a budget is missed."""
    missed = 0
    for name, measured, goal, kept in figures():
        missed += not kept
        print(f"{'  ' if kept else '! '}{name:<58} {measured:>14}   {goal}", flush=True)
    sys.exit(1 if missed else 0)


def figures() -> Iterator[tuple[str, str, str, bool]]:
    """Name, measured, goal, whether it is kept."""
    with tempfile.TemporaryDirectory(prefix="rb-") as name:
        yield from verdict(Path(name))
        yield from start(Path(name))
        yield from lists(Path(name))
        yield from story(Path(name))


def verdict(folder: Path) -> Iterator[tuple[str, str, str, bool]]:
    """What the page weighs; how fast it comes is `registry bench verdict`'s."""
    port = load.free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--log-level", "warning",
               "--host", "127.0.0.1", "--port", str(port), "tests.public_site.served:app"]  # fmt: skip
    settings = {"PYTHONPATH": str(ROOT), "REGISTRY_DATA": str(folder / "served"), "REGISTRY_ORIGIN": address}
    with load.running(command, f"{address}/S/{TAXI}", **settings):
        weight = load.page_of(address, f"/S/{TAXI}").weight
    yield "verdict page, gzip, with its style sheets", f"{weight / 1024:.1f} kB", "<= 14 kB", weight <= 14 * 1024


def start(folder: Path) -> Iterator[tuple[str, str, str, bool]]:
    """Cold start of the whole house on an existing data folder."""
    environment = {"REGISTRY_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    for first in (True, False):
        port = load.free_port()
        begun = time.monotonic()
        with load.running([sys.executable, "-m", "registry", "serve", "--port", str(port)],
                          f"http://127.0.0.1:{port}/readyz", **environment):  # fmt: skip
            seconds = time.monotonic() - begun
        if not first:
            yield "cold start of `registry serve` on an existing folder", f"{seconds:.1f} s", "<= 3 s", seconds <= 3


def lists(folder: Path) -> Iterator[tuple[str, str, str, bool]]:
    """A list of 20,000 members: how long until its preview, and until it is taken in."""
    path = folder / "members.csv"
    rows = (f"Hotel Prueba {n};3-101-{n:06d};San José;Escazú;{16 + n % 60};h{n}@prueba.example" for n in range(20_000))
    path.write_text("\n".join(("Nombre comercial;Cédula jurídica;Provincia;Cantón;Habitaciones;Correo", *rows)))
    command = [sys.executable, "-m", "registry", "import", "clients", str(path), "--new", "Prueba", "--kind", "hotels",
               "--country", "CR", "--yes", "--json"]  # fmt: skip
    environment = {**os.environ, "REGISTRY_DATA": str(folder / "lists"), "PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    told = json.loads(said)
    preview = told["preview_seconds"]
    commit = told["seconds"] - preview
    yield "preview of a list of 20,000 members", f"{preview:.1f} s", "<= 10 s", preview <= 10
    yield "taking it in", f"{commit:.1f} s", "<= 20 s", commit <= 20


def story(folder: Path) -> Iterator[tuple[str, str, str, bool]]:
    """The demo's own figures: the story, and from a decision to the page."""
    result = folder / "demo.json"
    port = str(load.free_port())
    environment = {**os.environ, "REGISTRY_DATA": str(folder / "demo"), "REGISTRY_PORT": port, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "registry", "demo", "--no-serve", "--json", str(result)]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    told = json.loads(result.read_text())
    seconds, latency = told["seconds"], told["suspension_to_page_seconds"]
    yield "the story of the demo", f"{seconds:.0f} s", "<= 60 s", seconds <= 60
    yield "from a suspension to its page", f"{latency:.2f} s", "<= 2 s", latency <= 2


if __name__ == "__main__":
    main()
