"""The client modules of /scan, tested by node with the vectors the registry is tested with."""

from pathlib import Path

import pytest

from tests import node
from tests.public_site.scanner import vectors


def test_the_client_modules_do_what_the_registry_does() -> None:
    node.run(Path(__file__).parent / "client")


@pytest.mark.parametrize("name", vectors.WRITTEN)
def test_the_vectors_are_what_the_registry_writes(name: str) -> None:
    assert (vectors.FOLDER / name).read_text() == vectors.text(name), "python -m tests.public_site.scanner.vectors"
