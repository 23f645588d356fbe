"""Where a demo may be played: alone, in a folder of its own, and never over anybody's real data."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from registry.config import Config
from registry.core.errors import Conflict
from registry.demo import commands
from registry.demo.result import Played, Result


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path / "data", demo=True)


async def told(config: Config) -> Played:
    return Played(result=Result(), logins=[], seals={}, origin="http://localhost:8000")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A story of no words."""
    monkeypatch.setattr(commands, "_performed", told)


def left_half_told(config: Config) -> Path:
    config.data.mkdir()
    (config.data / commands.STARTED).touch()
    kept = config.data / "kept"
    kept.write_text("half a story")
    return kept


def test_a_story_cut_short_is_cleared_away(config: Config) -> None:
    kept = left_half_told(config)
    assert commands.already(config) is None
    assert not kept.exists()


def test_a_story_that_is_being_told_by_another_process_is_left_alone(config: Config) -> None:
    kept = left_half_told(config)
    hold = "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(config.data / commands.STARTED)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(Conflict, match="demo-being-played"):
            commands.already(config)
        assert kept.exists()
        other.kill()  # and whoever was killed holds nothing any more
    assert commands.already(config) is None


async def test_a_story_that_was_told_is_never_cleared_away(config: Config, short: None) -> None:
    played = await commands.perform(config)
    (config.data / commands.PLAYED).write_bytes(msgspec.json.encode(played))
    assert commands.already(config) == played
    (config.data / commands.PLAYED).unlink()  # lost, in a folder in which people went on to work
    (config.data / "files").mkdir()
    with pytest.raises(Conflict, match="demo-folder-in-use"):
        commands.already(config)


@pytest.mark.parametrize("beside", ["data", "data-authority", "data-custodian-2", "data-authority-children"])
def test_a_folder_in_use_is_refused_also_beside_the_data(config: Config, beside: str) -> None:
    (config.data.parent / beside).mkdir()
    (config.data.parent / beside / "keys.txt").write_text("AGE-SECRET-KEY-…")
    with pytest.raises(Conflict, match="demo-folder-in-use"):
        commands.already(config)


@pytest.mark.parametrize(
    "real", [{"database_url": "postgresql://db/real"}, {"s3_bucket": "real"}, {"smtp_url": "smtp://m"}]
)
def test_real_databases_stores_and_mail_servers_are_refused(config: Config, real: dict[str, str]) -> None:
    with pytest.raises(Conflict, match="demo-not-embedded"):
        commands.already(msgspec.structs.replace(config, **real))
