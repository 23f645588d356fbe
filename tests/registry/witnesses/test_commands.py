"""`registry witness …`: the policy others may begin with."""

from pathlib import Path

import msgspec
from click.testing import CliRunner

from registry.config import Config
from registry.house import context_of
from registry.seals import policy
from registry.witnesses import queries
from registry.witnesses.commands import _row, _summary, _told, witness
from registry.witnesses.rules import Known, Standing
from tests.registry.seals.test_policy import SIX


def test_the_policy_of_the_house_names_its_log_and_its_witnesses(config: Config, tmp_path: Path) -> None:
    path = tmp_path / "witnesses"
    path.write_text(f"{SIX}group enough 2 X0 X1 X2\nquorum enough\n")
    named = msgspec.structs.replace(config, witnesses=path)
    printed = CliRunner().invoke(witness, ["policy"], obj=named)
    assert printed.exit_code == 0
    read = policy.read(printed.output)
    assert read.knows(*queries.ours(context_of(config))) and len(read.witnesses) == 6 and read.met({"X0", "X2"})


def test_what_a_witness_last_said_is_one_line() -> None:
    assert "uio" in _row("uio", Known(trouble="ConnectError"), "UTC")
    assert len({_summary(2, True, False), _summary(2, True, True), _summary(1, False, True)}) == 3


def test_a_house_that_asks_no_witness_is_told_so_and_not_that_enough_or_too_few_cosigned() -> None:
    nobody = Standing(6, 0, None, True, False)
    [said] = _told(nobody, [], "UTC")
    assert "REGISTRY_WITNESSES" in said
    assert len(_told(nobody, [("uio", Known())], "UTC")) == 2 and said not in _told(None, [("uio", Known())], "UTC")
