"""Configuration: read once, typed, with a sentence for what cannot be understood."""

from pathlib import Path

import pytest

from registry.config import Config, read
from registry.core.errors import Invalid


def test_an_empty_environment_is_a_safe_house() -> None:
    config = read({})
    assert config.origin == "http://localhost:8000"
    assert config.did == "did:web:localhost%3A8000"
    assert config.data == Path("data").resolve()
    assert not config.demo


def test_the_origin_follows_the_port_unless_it_is_set() -> None:
    assert read({"REGISTRY_PORT": "8300"}).origin == "http://localhost:8300"
    assert read({"REGISTRY_PORT": "8300", "REGISTRY_ORIGIN": "https://sello.example"}).origin == "https://sello.example"


def test_a_setting_that_cannot_be_understood_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        read({"REGISTRY_PORT": "eight"})
    assert refused.value.details == {"name": "REGISTRY_PORT", "value": "eight"}


def test_a_qr_stays_in_alphanumeric_mode() -> None:
    assert Config(origin="https://sello.example.cr").seal_base == "HTTPS://SELLO.EXAMPLE.CR/S/"
    assert Config(origin="https://long.example", seal_origin="https://s.example").seal_base == "HTTPS://S.EXAMPLE/S/"


def test_a_telephone_is_written_as_networks_write_it() -> None:
    assert read({"REGISTRY_TELEPHONE": "+50625550147"}).telephone == "+50625550147"
    assert read({}).telephone == ""
    for odd in ("2555-0147", "+506 2555 0147", "+0123456789", "call us"):
        with pytest.raises(Invalid, match="config-not-understood"):
            read({"REGISTRY_TELEPHONE": odd})
