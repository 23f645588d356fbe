"""What goes wrong on an office's machine is told as a sentence, and what was done is said."""

import json
import multiprocessing
import os
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
import pytest
from click.testing import CliRunner

from registry.authorities import ceremony
from registry.authorities.commands import authority
from registry.authorities.rules import Use
from registry.core import i18n
from registry.core.errors import Conflict, Invalid
from registry.reports import commands
from registry.reports.agent import keys, trouble

HOLDERS = ("guardia", "jefatura", "legal", "agente")
ROOT = f"2:{'A' * 43},{'B' * 42}A,{'C' * 42}A"
WHO = str(UUID(int=7))

assert commands.COMMANDS == []


def run(*words: str, given: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(authority, list(words), input=given)
    return done.exit_code, done.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys.make(tmp_path / "keys", HOLDERS)
    return tmp_path / "keys"


def settled(folder: Path) -> Path:
    assert run("settle", "--keys", str(folder), "--authority", WHO, "--root", ROOT)[0] == 0
    return folder


def test_keys_are_made_with_a_word_of_who_takes_which_and_never_twice(tmp_path: Path) -> None:
    where = str(tmp_path / "keys")
    status, said = run("keygen", "--out", where, "--holders", *HOLDERS)
    assert status == 0
    for file, holder in zip(("working-1.key", "working-2.key", "recovery.key"), HOLDERS, strict=False):
        assert f"{file} es para {holder}" in said
    assert f"Saque recovery.key y la otra llave de trabajo de {where}" in said
    before = (tmp_path / "keys" / "working-1.key").read_text()
    status, said = run("keygen", "--out", where)
    assert status == 1 and "ya hay llaves" in said and (tmp_path / "keys" / "working-1.key").read_text() == before


def test_a_test_is_opened_with_exactly_the_key_it_is_for(folder: Path) -> None:
    """With all keys in one folder, the one of the recovery key proved nothing: working-1 opened everything."""
    listed = json.loads((folder / "public.json").read_text())
    for public, name in zip(listed, keys.FILES, strict=True):
        task, kept = ceremony._task(Use(public["use"]), public["public"])
        for other in keys.FILES:
            status, said = run("prove", "--keys", str(folder), "--use", other, task)
            if other == name:
                answer = said.splitlines()[-1]
                assert status == 0 and ceremony._proves(Use(public["use"]), public["public"], kept, answer), name
            else:
                assert status == 1 and "no es para" in said, (name, other)
        assert keys.asked(folder, task) == name
        (folder / keys.FILES[name]).rename(folder / "away")
        assert run("prove", "--keys", str(folder), "--use", name, task)[0] == 1, "no other key stands in for it"
        assert run("prove", "--keys", str(folder), task)[0] == 1
        (folder / "away").rename(folder / keys.FILES[name])


def test_a_test_comes_as_a_file_or_through_a_pipe(folder: Path) -> None:
    public = json.loads((folder / "public.json").read_text())[0]["public"]
    task, kept = ceremony._task(Use.WORKING, public)
    paper = folder / "task.txt"
    paper.write_text("\n".join(task[at : at + 60] for at in range(0, len(task), 60)) + "\n")
    for words, given in ((("--task", str(paper)), ""), (("--task", "-"), task + "\n")):
        status, said = run("prove", "--keys", str(folder), "--use", "working-1", *words, given=given)
        assert status == 0 and ceremony._proves(Use.WORKING, public, kept, said.splitlines()[-1])
    assert "--task" in run("prove", "--keys", str(folder))[1]
    assert run("prove", "--keys", str(folder), "--task", str(paper), task)[0] == 1
    status, said = run("prove", "--keys", str(folder), "nonsense")
    assert status == 1 and "prueba" in said


def test_settling_says_what_was_settled(folder: Path) -> None:
    status, said = run("settle", "--keys", str(folder), "--authority", WHO, "--root", ROOT)
    assert status == 0 and WHO in said and "2 de estos 3" in said and "A" * 43 in said
    for root in ("", "2:x", "9:" + "A" * 43):
        status, said = run("settle", "--keys", str(folder), "--authority", WHO, "--root", root)
        assert status == 1 and "root-not" not in said and "Error: " in said


def agent(folder: Path, *words: str, origin: str = "http://127.0.0.1:9") -> tuple[int, str]:
    return run("agent", "--once", "--keys", str(folder), "--origin", origin, *words)


@pytest.mark.parametrize("language", ["es", "en", "pt", "fr"])
def test_what_breaks_is_a_sentence_in_the_operators_language(
    folder: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("REGISTRY_LANGUAGE", language)

    def worded(code: str, **details: str) -> str:
        with i18n.speaking(language):
            return i18n.sentence(code, **details)

    nowhere = folder / "nowhere"
    assert worded("agent-not-settled", folder=str(nowhere)) in agent(nowhere)[1]
    assert not nowhere.exists(), "and no folder is made of a name that was mistyped"
    settled(folder)
    assert worded("register-not-reached", origin="http://127.0.0.1:9") in agent(folder)[1]
    assert worded("register-not-reached", origin="x") in agent(folder, origin="x")[1]
    (folder / "deliver.json").write_text("{")
    status, said = agent(folder)
    assert status == 1 and "deliver.json" in said and "deliver-not-readable" not in said
    (folder / "deliver.json").unlink()
    (folder / "file").write_text("")
    status, said = agent(folder, "--cases", str(folder / "file" / "cases"))
    assert status == 1 and str(folder / "file" / "cases") in said and "Error: [" not in said and "NotADir" not in said


@pytest.mark.parametrize(
    ("status", "what", "code"),
    [
        (401, "sign-in-first", "register-not-there"), (404, "page-not-found", "register-knows-no-such-office"),
        (404, "/authority-api/v1/directory", "register-not-there"), (303, "x", "register-not-there"),
        (409, "envelope-not-opened", "envelope-not-opened"), (500, "x", "register-refused"),
    ],
)  # fmt: skip
def test_what_the_register_answers_is_told_by_what_to_do(status: int, what: str, code: str) -> None:
    found = trouble.meant(Conflict("register-refused", status=status, what=what), "https://x.example")
    assert found.code == code and i18n.known(f"problem:{code}")
    assert "%(" not in i18n.sentence(found)


def test_whatever_breaks_has_a_sentence() -> None:
    for error in (httpx.ConnectError("x"), TimeoutError(), OSError(28, "full", "/x"), ConnectionError(),
                  msgspec.DecodeError("x"), httpx.InvalidURL("x"), Invalid("keys-not-found", folder="x")):  # fmt: skip
        found = trouble.meant(error, "https://x.example")
        assert i18n.known(f"problem:{found.code}") and "%(" not in i18n.sentence(found)


def test_every_alarm_has_a_sentence_in_four_languages() -> None:
    codes = {*trouble.ALARMS, "directory-not-signed", "directory-not-my-key", "directory-not-served",
             "directory-expired", "directory-rolled-back", "directory-forked", "directory-unreadable",
             "directory-not-sensible", "attachment-damaged", "register-refused"}  # fmt: skip
    general = {language: _said(language, "no-such-code") for language in i18n.LANGUAGES}
    for code in codes:
        said = {language: _said(language, code) for language in i18n.LANGUAGES}
        assert len(set(said.values())) == 4 and not set(said.values()) & set(general.values()), code


def _said(language: str, code: str) -> str:
    with i18n.speaking(language):
        return trouble.alarm(code)


def _hold(cases: Path, ready: object, end: object) -> None:
    with trouble.alone_in(cases):
        ready.set()  # type: ignore[attr-defined]
        end.wait(30)  # type: ignore[attr-defined]


def test_a_second_agent_of_one_folder_is_told_who_is_there_and_a_killed_one_leaves_it_free(folder: Path) -> None:
    settled(folder)
    fork = multiprocessing.get_context("spawn")
    ready, end = fork.Event(), fork.Event()
    other = fork.Process(target=_hold, args=(folder / "cases", ready, end))
    other.start()
    try:
        assert ready.wait(60)
        status, said = agent(folder)
        assert status == 1 and f"proceso {other.pid} (" in said, said
        assert agent(folder, "--cases", str(folder / "others"))[1].count("proceso") == 0, "another folder is free"
    finally:
        other.kill()
        other.join()
    with trouble.alone_in(folder / "cases"):
        assert str(os.getpid()) in (folder / "cases" / trouble.LOCK).read_text()
