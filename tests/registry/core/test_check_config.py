"""`registry check config`: settings as a person writes them."""

import msgspec
from click.testing import CliRunner

from registry.config import Config
from registry.core.commands import check, lacking, said


def test_no_setting_is_printed_as_a_program_would(config: Config) -> None:
    given = msgspec.structs.replace(
        config, proxies=frozenset({"10.0.0.2", "10.0.0.1"}), smtp_url="smtp://u:secret@host"
    )
    printed = CliRunner().invoke(check, ["config"], obj=given)
    for odd in ("None", "frozenset", "True", "False", "secret", "Traceback"):
        assert odd not in printed.output
    assert "10.0.0.1, 10.0.0.2" in printed.output
    assert said(None) == said("") == said(frozenset()) and said(True) != said(False)


def test_a_house_without_a_telephone_is_told_so(config: Config) -> None:
    for number, missing in (("", True), ("+50625550147", False)):
        told = lacking(msgspec.structs.replace(config, telephone=number, demo=False))
        assert any("REGISTRY_TELEPHONE" in sentence for sentence in told) == missing
