"""Wrong input at a command ends with a sentence and a status, never with a trace."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTHING = "postgresql://nobody:wrong@127.0.0.1:1/nothing"


@pytest.mark.parametrize(
    "command",
    ["monitor --from {tmp} --state /proc/x", "mirror --from {tmp} --to /proc/x", "serve --port 99999",
     "seal verify 7K3M9QXT2W4HVN40 --from {tmp} --policy {binary}", "log verify --from ftp://x", "key list",
     "witness status"],
)  # fmt: skip
def test_nonsense_is_answered_with_a_sentence(command: str, tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(bytes(range(256)))
    asked = command.format(tmp=tmp_path, binary=binary).split()
    env = os.environ | {"REGISTRY_DATA": str(tmp_path / "data"), "LANG": "es_CR.UTF-8", "DATABASE_URL": NOTHING}
    told = subprocess.run(
        [sys.executable, "-m", "registry", *asked], env=env, capture_output=True, text=True, timeout=120
    )
    assert told.returncode in (1, 2), told
    assert "Traceback" not in told.stderr and told.stderr.strip()
