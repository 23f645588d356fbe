"""`node --test` from pytest: a room's client modules are tested by the files beside its other tests, in client/."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
NODE = Path(sys.executable).parent / "node"


def run(folder: Path) -> None:
    """All `*.test.js` of a folder; what failed is said in node's own words."""
    files = sorted(str(path) for path in folder.glob("*.test.js"))
    assert files, f"no *.test.js in {folder}"
    assert (ROOT / "node_modules").is_dir(), "the client code's packages are missing: make node_modules/.ready-test"
    told = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", *files], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]
