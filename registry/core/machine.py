"""What the machine itself could keep of what passes through memory: swap, core dumps, a temporary folder on a disk.

A report without a script is in our memory for some milliseconds. Our own processes take care that the kernel writes no
dump of them; the rest is the operator's, and `registry check config` says what is open.
"""

import contextlib
import ctypes
import resource
import tempfile
from pathlib import Path

PR_SET_DUMPABLE = 4


def undumped() -> None:
    """From now on the kernel writes no core dump of this process, not even into a pipe, and lets no other process of
    the same user read its memory. Linux; elsewhere only the limit is set."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def swaps(proc: Path = Path("/proc")) -> list[str]:
    """Devices and files that memory may be written to."""
    lines = _read(proc / "swaps").splitlines()[1:]
    return [line.split()[0] for line in lines if line.strip()]


def dumps(proc: Path = Path("/proc"), limit: int | None = None) -> str:
    """Where the kernel would put a core dump of an ordinary process; empty when it makes none."""
    pattern = _read(proc / "sys/kernel/core_pattern").strip()
    soft = resource.getrlimit(resource.RLIMIT_CORE)[0] if limit is None else limit
    return pattern if pattern.startswith("|") or soft != 0 else ""


def on_disk(folder: Path | None = None, proc: Path = Path("/proc")) -> str:
    """The kind of file system of the temporary folder, unless it is memory; empty when it is, or cannot be told."""
    path = (folder or Path(tempfile.gettempdir())).resolve()
    found, kind = "", ""
    for line in _read(proc / "self/mounts").splitlines():
        _, where, what, *_ = [*line.split(), "", "", ""]
        inside = where == "/" or str(path) == where or str(path).startswith(where + "/")
        if inside and len(where) >= len(found):
            found, kind = where, what
    return "" if kind in {"", "tmpfs", "ramfs"} else kind


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
