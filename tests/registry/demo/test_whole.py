"""The whole story, with few businesses: every step that `make demo` plays, and what it has to come to."""

import io
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from registry.config import Config
from registry.core.i18n import speaking
from registry.core.ports import free_port
from registry.demo import offices, report, telling
from registry.demo.commands import PLAYED, STARTED
from registry.demo.result import Played, Result
from tests.registry.demo import whole

CERTIFIED = 1 + sum(whole.WAVES) + whole.TAXIS - 1
"""The first hotel and those of the waves; every taxi but that of the owner who never signed."""


@pytest.fixture(scope="module")
def config(data: Path) -> Config:
    """Told by the real command, in a process of its own and over a database of its own."""
    config = Config(data=data / "whole", demo=True, port=free_port("127.0.0.1"))
    settings = {"REGISTRY_DATA": str(config.data), "REGISTRY_PORT": str(config.port), "LANG": "en"}
    command = [sys.executable, "-m", "tests.registry.demo.whole", "--no-serve", "--json", str(data / "whole.json")]
    run = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    return config


@pytest.fixture(scope="module")
def played(config: Config) -> Played:
    assert not (config.data / STARTED).exists()
    return msgspec.json.decode((config.data / PLAYED).read_bytes(), type=Played)


def test_every_seal_is_printed_read_found_and_verified(config: Config, played: Played) -> None:
    said = msgspec.json.decode(config.data.with_suffix(".json").read_bytes(), type=Result)
    assert said == played.result
    assert list(said.members_imported.values()) == [whole.HOTELS, whole.TAXIS]
    assert said.cells_refused > 0
    assert said.seals_issued == CERTIFIED
    assert said.qr_decoded == said.pages_agree == said.credentials_verified == CERTIFIED
    assert set(played.seals) == set(telling.STATES), "one seal to look at for each state"
    assert 0 < said.suspension_to_page_seconds < 20


def test_the_report_reaches_an_outcome_and_stands_nowhere_in_clear(config: Config, played: Played) -> None:
    said = played.result
    assert [one.state for one in said.report_states] == ["sealed", "notified", "opened", "acknowledged", "closed"]
    assert [one.at for one in said.report_states] == sorted(one.at for one in said.report_states)
    assert said.report_closed_elsewhere
    assert said.plaintext_leaks == 0
    code = (offices.folder(config, offices.REPORTER) / offices.CODE).read_text()
    assert len(code) == 20
    assert report.leaks(config.data, (*report.WORDS, code)) == 0, "nor in what was written since"
    assert report.leaks(offices.folder(config, "authority"), report.WORDS) > 0, "the search finds what there is"
    for behind in offices.CHAIN[1:]:
        assert report.leaks(offices.folder(config, behind.key), report.WORDS) == 0, "nobody behind had to be asked"


def test_the_closing_lines_say_where_to_look_and_whom_to_be(config: Config, played: Played) -> None:
    code = (offices.folder(config, offices.REPORTER) / offices.CODE).read_text()
    console = Console(file=io.StringIO(), record=True, width=400)
    with speaking("en"):
        telling.addresses(console, config, played)
    said = console.export_text()
    for words in (
        "/report?place=CR-P",
        " → ".join(office.names["en"] for office in offices.CHAIN),
        "/report?place=CR-L",
        "555",
        "/return",
        f"code: {code[:4]} {code[4:8]} ",
        "hotline operator",
        "trained reporter",
        "authority officer, police",
        *(one.email for one in played.logins),
    ):
        assert words in said, words
    assert len({one.email for one in played.logins}) == len(played.logins)
