"""A Python of 3.12 or later beside ours, holding the verifiers that need one: aics-tlog, aics-witness, vc-jwt-decoder.

    from tests.interop import later

    python = later.python()     # made at the first call, in about ten seconds; raises Absent with the reason
    subprocess.run([python, "-m", "aics_witness", "serve", "--config", …])

It sees the same files and the same network as we do, also where it had to be taken from Debian's next release: that one
runs by its own loader and libraries, not in a chroot. `python -m tests.interop.later` makes it and says where it is.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.interop.report import Told, read

HERE = Path(__file__).parent
LOCK = HERE / "later.lock"
LEAST = (3, 12)
SUITE = "trixie"
"""The first Debian whose python3 is new enough."""


class Absent(Exception):
    """No such Python can be had here; the message is the reason, for whoever reads the report."""


def python() -> Path:
    """The program to run, with everything of later.lock installed."""
    folder = place()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)  # several test runs may want it at once
        if not (folder / "ready").exists():
            _make(folder)
            (folder / "ready").touch()
    return program(folder)


def run(program: Path, script: str, environment: dict[str, str], **asked: object) -> list[Told]:
    """The lines of one of our checks, run by it as a file of its own: JSON in, JSON lines out."""
    said = subprocess.run(
        [str(program), str(HERE / f"{script}.py")], input=json.dumps(asked), capture_output=True, text=True,
        timeout=900, env={**os.environ, **environment},
    )  # fmt: skip
    return read(script, said)


def place() -> Path:
    """Beside our own packages, one folder for each state of the lock file."""
    beside = Path(sys.prefix) if sys.prefix != sys.base_prefix else HERE.parents[1] / ".venv"
    return beside / f"later-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:8]}"


def program(folder: Path) -> Path:
    return folder / "bin" / "python"


def _make(folder: Path) -> None:
    tried = []
    for way in (_here, _by_debian, _by_uv):
        try:
            way(folder)
        except (Absent, OSError, subprocess.SubprocessError) as error:
            tried.append(str(error) if isinstance(error, Absent) else f"{way.__name__[1:]}: {_last_words(error)}")
        else:
            return
    raise Absent("; ".join(tried))


def _last_words(error: BaseException) -> str:
    said = getattr(error, "stderr", None) or str(error)
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return text.strip().rsplit("\n", 1)[-1][:200]


def _here(folder: Path) -> None:
    """A Python that is on the machine already."""
    for candidate in candidates():
        if _suits([candidate]):
            _virtual(folder, candidate)
            return
    raise Absent("no Python 3.12 or later on this machine")


def candidates() -> Iterator[str]:
    """Ours, those on the path, and those that pyenv keeps off it."""
    yield getattr(sys, "_base_executable", sys.executable)
    names = [f"python3.{minor}" for minor in range(20, LEAST[1] - 1, -1)]
    yield from filter(None, map(shutil.which, names))
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for name in names:
        yield from map(str, sorted(kept.glob(f"{name.removeprefix('python')}.*/bin/python")))


def _suits(command: list[str]) -> bool:
    """New enough, and able to make an environment (Debian packs venv apart)."""
    test = f"import sys, venv, ensurepip, sqlite3, ssl; sys.exit(sys.version_info < {LEAST})"
    try:
        return subprocess.run([*command, "-c", test], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _virtual(folder: Path, base: str) -> None:
    _run([base, "-m", "venv", "--clear", str(folder / "venv")])
    _install([str(folder / "venv" / "bin" / "python"), "-m", "pip"])
    (folder / "bin").mkdir(exist_ok=True)
    _script(program(folder), f'exec "{folder}/venv/bin/python" "$@"')


def _by_debian(folder: Path) -> None:
    """Debian's next release, unpacked into a folder; as root, on Debian, in about forty seconds and 270 MB."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Absent("not root on Debian, so none can be taken from its next release")
    if not shutil.which("debootstrap", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        _run(["sh", "-c", "apt-get update && apt-get install -y debootstrap"], env=quiet)
    root = folder / "debian"
    shutil.rmtree(root, ignore_errors=True)
    _run(["debootstrap", "--variant=minbase", "--include=python3-venv", SUITE, str(root), *_mirror()])
    [loader] = root.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*")
    [pip] = root.glob("usr/share/python-wheels/pip-*.whl")
    site = folder / "site"
    (folder / "bin").mkdir(exist_ok=True)
    _script(
        program(folder),
        f'PYTHONHOME="{root}/usr" PYTHONPATH="{site}${{PYTHONPATH:+:$PYTHONPATH}}" exec "{loader}"'
        f' --library-path "{loader.parent}" --argv0 "$0" "{root}/usr/bin/python3" "$@"',
    )
    if not _suits([str(program(folder))]):
        raise Absent(f"the python3 of Debian's {SUITE} does not run here")
    shutil.rmtree(site, ignore_errors=True)
    _install([str(program(folder)), f"{pip}/pip"], "--target", str(site), "--root-user-action", "ignore")


def _mirror() -> list[str]:
    """Where this machine takes Debian's packages from; debootstrap knows one itself when apt does not say."""
    targets = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian", "Created-By: Packages"]
    said = subprocess.run(targets, capture_output=True, text=True).stdout.split()
    return said[:1]


def _by_uv(folder: Path) -> None:
    """What uv can fetch, where somebody has uv."""
    if not (uv := shutil.which("uv")):
        raise Absent("no uv that could fetch one")
    _run([uv, "python", "install", "--quiet", f"{LEAST[0]}.{LEAST[1]}"])
    _virtual(folder, _run([uv, "python", "find", f"{LEAST[0]}.{LEAST[1]}"]).stdout.decode().strip())


def _install(pip: list[str], *options: str) -> None:
    quiet = ["-q", "--disable-pip-version-check", "--require-hashes", *options]
    _run([*pip, "install", *quiet, "-r", str(LOCK)])


def _script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def _run(command: list[str], **more: object) -> subprocess.CompletedProcess[bytes]:
    run: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run
    return run(command, check=True, capture_output=True, timeout=900, **more)


if __name__ == "__main__":
    print(python())
