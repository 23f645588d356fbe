"""The client modules of /scan, tested by node with the vectors the registry is tested with."""

from pathlib import Path

from tests import node


def test_the_client_modules_do_what_the_registry_does() -> None:
    node.run(Path(__file__).parent / "client")
