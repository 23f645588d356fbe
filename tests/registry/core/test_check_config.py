"""`registry check config`: settings as a person writes them."""

import msgspec
import pytest
from click.testing import CliRunner

from registry.config import Config, read
from registry.core.commands import check, lacking, said
from registry.core.errors import Invalid


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


def test_a_house_without_custodians_is_told_that_no_form_opens(config: Config) -> None:
    for root, missing in (("", True), ("A" * 43, True), (f"2:{'A' * 43},{'B' * 42}A", False)):
        told = lacking(msgspec.structs.replace(config, authority_root=root, demo=False))
        assert any("REGISTRY_AUTHORITY_ROOT" in sentence for sentence in told) == missing, root


@pytest.mark.parametrize("given", ["localhost:9", "report.example", "https://x.example/report", "ftp://x", "https://"])
def test_an_origin_of_the_form_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="config-not-an-origin"):
        read({"REGISTRY_REPORT_ORIGIN": given})
    assert read({"REGISTRY_REPORT_ORIGIN": "https://report.example:8443"}).report_origin
