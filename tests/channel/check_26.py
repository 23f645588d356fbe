"""26. At every hop: access logs off, nothing on a disk, no swap and no core dump without a word, exact headers, and a
report origin that sets no cookie, asks no third party and answers nothing else."""

import ast
import io
import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
import msgspec

from public_site.report_form import checks
from registry.asgi import House
from registry.config import Config
from registry.core import machine
from registry.core.commands import leaking
from tests.channel.result import Result
from tests.registry.reports.world import World

ROOT = Path(__file__).parents[2]
FORM, MAIN = "https://report.test", "https://registry.test"
CANARY = "canario-26-añil"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; worker-src 'self'"
)
EXACT = {
    "content-security-policy": POLICY, "cache-control": "no-store", "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff", "x-robots-tag": "noindex", "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
}  # fmt: skip
ELSEWHERE = ("/", "/find", "/help", "/scan", "/s/7K3M9QXT2W4HVN40", "/api/v1/availability", "/complaint", "/desk",
             "/desk/sign-in", "/audit", "/authority-api/v1/envelopes", "/log/checkpoint",
             "/report/attachments")  # fmt: skip
LEAVE = "www.wikipedia.org"


async def run(world: World) -> Result:
    wrong = [*_servers(), *_machine(), *_dumped()]
    config = msgspec.structs.replace(world.context.config, origin=MAIN, report_origin=FORM)
    house = House(config, worker=False)
    pages = 0
    async with house.standing(msgspec.structs.replace(world.context, config=config)):
        with _watched() as (logs, spilt):
            async with _browser(house, FORM) as form, _browser(house, MAIN) as main:
                answers = await _pages(form)
                wrong += [f"{name}: {fault}" for name, answer in answers.items() for fault in _faults(answer)]
                pages = len(answers)
                wrong += await _borders(form, main)
                wrong += await _broken(form)
        if CANARY in logs.getvalue():
            wrong.append("a word of a report is in a log")
        if "unexpected" not in logs.getvalue():
            wrong.append("the failure is in no log at all")
        wrong += spilt
    return Result(
        not wrong,
        "; ".join(wrong)
        or f"{pages} pages of the form with exactly {len(EXACT)} headers, no cookie and no other host;"
        f" {len(ELSEWHERE)} other addresses are not there; 0 words in logs, 0 temporary files",
    )


@contextmanager
def _watched() -> Iterator[tuple[io.StringIO, list[str]]]:
    """Everything that is logged, and every temporary file that is made."""
    logs, spilt = io.StringIO(), list[str]()
    handler = logging.StreamHandler(logs)
    logging.getLogger().addHandler(handler)

    def noted(*_: object, **__: object) -> None:
        spilt.append("something was written to a temporary file")

    try:
        with patch.object(tempfile.SpooledTemporaryFile, "rollover", noted), patch("tempfile.TemporaryFile", noted):
            yield logs, spilt
    finally:
        logging.getLogger().removeHandler(handler)


def _browser(house: House, origin: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=house, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=origin, headers={"accept": "text/html", "cookie": "desk=x"})


async def _pages(form: httpx.AsyncClient) -> dict[str, httpx.Response]:
    """Every page of the form there is: asked, shown, refused, closed, too large, come back to."""
    shown = await form.get("/report?place=CR-G")
    token = (re.search(r'name="token" value="([^"]+)"', shown.text) or ["", ""])[1]
    sent = {"place": "CR-G", "token": token, "text": CANARY}
    return {
        "where": await form.get("/report"), "form": shown, "closed": await form.get("/report?place=CR-L"),
        "refused": await form.post("/report", data=sent | {"text": ""}),
        "long": await form.post("/report", data=sent | {"text": CANARY * 9000}),
        "too fresh": await form.post("/report", data=sent),
        "return": await form.get("/return"), "unknown": await form.post("/return", data={"code": "1" * 20}),
    }  # fmt: skip


def _faults(answer: httpx.Response) -> list[str]:
    found = [
        f"{name} is {answer.headers.get(name)!r}" for name, value in EXACT.items() if answer.headers.get(name) != value
    ]
    if "set-cookie" in answer.headers:
        found.append("a cookie")
    fetched = re.findall(r'(?:src|srcset|poster|data|action)="([^"]*)"|<link[^>]*href="([^"]*)"', answer.text)
    asked = {urlsplit(one or two).netloc for one, two in fetched} - {"", urlsplit(FORM).netloc}
    led = {urlsplit(link).netloc for link in re.findall(r'href="(https?:[^"]*)"', answer.text)}
    led -= {urlsplit(MAIN).netloc, LEAVE}
    return found + [f"asks {host}" for host in asked] + [f"leads to {host}" for host in led]


async def _borders(form: httpx.AsyncClient, main: httpx.AsyncClient) -> list[str]:
    wrong = []
    for path in ELSEWHERE:
        answer = await form.get(path)
        if answer.status_code != 404 or "set-cookie" in answer.headers:
            wrong.append(f"{path} answers {answer.status_code} at the form's host")
    led = await main.get("/report?place=CR-G&lang=en")
    if (led.status_code, led.headers.get("location")) != (303, f"{FORM}/report?place=CR-G&lang=en"):
        wrong.append(f"/report elsewhere answers {led.status_code}")
    for path in ("/report", "/return"):
        if (await main.post(path, data={"text": CANARY, "place": "CR-G"})).status_code != 404:
            wrong.append(f"POST {path} is taken at another host")
    home = await main.get("/")
    if home.status_code != 200 or 'href="/report' in home.text or f'href="{FORM}/report' not in home.text:
        wrong.append("a link to the form stays on the other host")
    card = await form.get("/embed/report?place=CR-G")
    if "frame-ancestors *" not in card.headers["content-security-policy"] or "<script" in card.text:
        wrong.append("the partners' card cannot be framed, or holds a script")
    style = re.search(r'href="(/static/[^"]+)"', card.text)
    if not style or (await form.get(style[1])).status_code != 200:
        wrong.append("the form has no style at its own host")
    return wrong


async def _broken(form: httpx.AsyncClient) -> list[str]:
    """A mistake of ours whose message repeats what was typed: neither the answer nor the log may."""

    def fails(*_: object) -> None:
        raise ValueError(f"cannot read {CANARY}") from KeyError(CANARY)

    with patch.object(checks, "form", fails):
        answer = await form.post("/report", data={"place": "CR-G", "text": CANARY})
    return [] if answer.status_code == 500 and CANARY not in answer.text else ["an error repeats what was typed"]


def _servers() -> list[str]:
    """Every server that code of ours starts keeps no access log."""
    wrong, seen = [], 0
    for path in (*ROOT.glob("registry/**/*.py"), *ROOT.glob("public_site/**/*.py"), *ROOT.glob("audit/**/*.py")):
        text = path.read_text()
        for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if name == "Granian":
                seen += 1
                given = {word.arg: getattr(word.value, "value", None) for word in call.keywords}
                if given.get("log_access") is not False:
                    wrong.append(f"{path.name} starts a server that may log")
        if "worker_processes" in text and "access_log off" not in text:
            wrong.append(f"{path.name} configures a proxy that logs")
        if re.search(r"\buvicorn\b|hypercorn|log_access\s*=\s*True|--access-log", text):
            wrong.append(f"{path.name} names a server of another kind")
    return wrong if seen else ["no server was found"]


def _machine() -> list[str]:
    """What `registry check config` says of a machine that keeps what passes through its memory, and of one that does
    not."""
    with tempfile.TemporaryDirectory() as folder:
        proc = Path(folder)
        for name, text in (("swaps", "Filename Type\n/dev/sda2 partition\n"), ("sys/kernel/core_pattern", "core\n"),
                           ("self/mounts", "/dev/sda1 / ext4 rw 0 0\ntmpfs /memory tmpfs rw 0 0\n")):  # fmt: skip
            (proc / name).parent.mkdir(parents=True, exist_ok=True)
            (proc / name).write_text(text)
        open_ = machine.swaps(proc), machine.dumps(proc, limit=-1), machine.on_disk(Path("/tmp"), proc)
        (proc / "swaps").write_text("Filename Type\n")
        shut = machine.swaps(proc), machine.dumps(proc, limit=0), machine.on_disk(Path("/memory/x"), proc)
        (proc / "sys/kernel/core_pattern").write_text("|/usr/lib/systemd/systemd-coredump\n")
        piped = machine.dumps(proc, limit=0)
    wrong = [] if open_ == (["/dev/sda2"], "core", "ext4") else [f"said of an open machine: {open_}"]
    wrong += [] if shut == ([], "", "") and piped.startswith("|") else [f"said of a shut machine: {shut}, {piped}"]
    with (
        patch.object(machine, "swaps", lambda: ["/dev/sda2"]), patch.object(machine, "dumps", lambda: "core"),
        patch.object(machine, "on_disk", lambda: "ext4"),
    ):  # fmt: skip
        warned = leaking(Config(data=Path("/srv/data")))
    return wrong + ([] if len(warned) == 5 else [f"check config gives {len(warned)} of 5 warnings"])


def _dumped() -> list[str]:
    """A process of ours, asked of the kernel itself."""
    said = subprocess.run(
        [sys.executable, "-c", "import ctypes, resource; from registry.core.machine import undumped; undumped();"
         "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    build = (ROOT / "registry/asgi.py").read_text().split("def build()")[1].split("\ndef ")[0]
    wrong = [] if said == "0 (0, 0)" else [f"a core dump is possible: {said}"]
    return wrong if "machine.undumped()" in build else [*wrong, "the serving process does not ask for it"]
