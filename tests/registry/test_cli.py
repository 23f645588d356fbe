"""The command line in the operator's language, whatever the shell speaks."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.cli import main


def told(tmp_path: Path, *asked: str, **env: str) -> str:
    given = {"REGISTRY_DATA": str(tmp_path / "data"), "LANG": "C.UTF-8", "REGISTRY_LANGUAGE": "", **env}
    return " ".join(CliRunner(env=given).invoke(main, list(asked)).output.split())


@pytest.mark.parametrize(
    "asked,words",
    [
        (("seal", "verify", "--wrong"), "No existe la opción '--wrong'."),
        (("mirror",), "Falta la opción '--to'."),
        (("nothing",), "No existe la orden 'nothing'."),
        (("seal", "verify"), "Indique un código, o --jwt con --proof."),
        (("seal", "--help"), "Órdenes"),
    ],
)
def test_a_wrong_command_is_answered_in_the_operators_language(
    tmp_path: Path, asked: tuple[str, ...], words: str
) -> None:
    assert words in told(tmp_path, *asked)
    assert words not in told(tmp_path, *asked, LANG="en_GB.UTF-8")
    assert words in told(tmp_path, *asked, LANG="en_GB.UTF-8", REGISTRY_LANGUAGE="es")


def test_a_seal_that_cannot_be_proven_is_told_of_in_one_language(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    told_ = told(tmp_path, "seal", "verify", "7K3M9QXT2W4HVN40", "--from", str(tmp_path / "empty"))
    assert "did.json" in told_ and "is not there" not in told_
    followed = told(tmp_path, "monitor", "--from", str(tmp_path / "empty"), "--state", str(tmp_path / "state"))
    assert "falta el archivo did.json" in followed
