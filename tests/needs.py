"""What tests need from the machine besides Python: Debian's chromium, age and poppler-utils.

Installed when we are root, named when we are not."""

import os
import shutil
import subprocess
import sys

PACKAGES = {"chromium": "chromium", "age": "age", "pdftotext": "poppler-utils", "wrk": "wrk", "nginx": "nginx-light"}
FOR_TESTS = ("chromium", "age", "pdftotext")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


def main() -> None:
    """Install what is missing, or say the one line to type."""
    wanted = sys.argv[1:] or FOR_TESTS
    missing = [PACKAGES[program] for program in wanted if not shutil.which(program, path=PATH)]
    if not missing:
        return
    line = f"apt-get update && apt-get install -y {' '.join(missing)}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the tests: {', '.join(missing)}", flush=True)
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        subprocess.run(["sh", "-c", line], check=True, env=quiet, stdout=subprocess.DEVNULL)
    else:
        sys.exit(f"The tests need {' and '.join(missing)}. Type: sudo sh -c '{line}'")


if __name__ == "__main__":
    main()
