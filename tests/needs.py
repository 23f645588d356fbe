"""What tests need from the machine besides Python: Debian's chromium, age and poppler-utils.

Installed when we are root, named when we are not."""

import os
import shutil
import subprocess
import sys
from ctypes.util import find_library

PACKAGES = {
    "chromium": "chromium", "age": "age", "pdftotext": "poppler-utils", "wrk": "wrk", "nginx": "nginx-light",
    "zbar": "libzbar0",
}  # fmt: skip
FOR_TESTS = ("chromium", "age", "pdftotext")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
LIBRARIES = {"zbar"}
"""Needed as a library; the others as programs."""


def main() -> None:
    """Install what is missing, or say the one line to type."""
    if line := install(*sys.argv[1:] or FOR_TESTS):
        sys.exit(f"This needs more of Debian. Type: sudo sh -c '{line}'")


def install(*wanted: str) -> str:
    """Install what is missing; where that is not ours to do, the line to type."""
    missing = [PACKAGES[name] for name in wanted if not there(name)]
    if not missing:
        return ""
    line = f"apt-get update && apt-get install -y {' '.join(missing)}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the tests: {', '.join(missing)}", flush=True)
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        subprocess.run(["sh", "-c", line], check=True, env=quiet, stdout=subprocess.DEVNULL)
        return ""
    return line


def there(name: str) -> bool:
    return bool(find_library(name) if name in LIBRARIES else shutil.which(name, path=PATH))


if __name__ == "__main__":
    main()
