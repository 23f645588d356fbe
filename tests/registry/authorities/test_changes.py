"""What a custodian sees before signing, and what is refused before it is shown."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pyrage
import pytest
from click.testing import CliRunner

from registry.authorities import changes, commands
from registry.authorities import directory as d
from registry.authorities.root import Root
from registry.core import crypto
from registry.core.errors import Invalid
from registry.core.i18n import speaking
from tests.registry.authorities.test_directory import RECORD, age, made

replace = msgspec.structs.replace
OTHER = replace(RECORD, authority=UUID(int=2), names={"es": "Otra"}, working=(age(4), age(5)), recovery=age(6))


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REGISTRY_LANGUAGE", "en")
    with speaking("en"):
        yield


def next_of(before: d.Directory, *records: d.Record) -> d.Directory:
    return made(before.version + 1, d.digest(before), *records)


def test_added_removed_and_changed_are_told_with_fingerprints() -> None:
    first = made(1, "", RECORD)
    swapped = replace(RECORD, working=(age(1), age(9)), terms=d.Terms(24, 2, 30))
    text = "\n".join(changes.told(first, next_of(first, swapped, OTHER)))
    assert "ADDED: Otra" in text and "CHANGED: Unidad" in text
    assert f"- working key: {d.aloud(age(2))}" in text and f"+ working key: {d.aloud(age(9))}" in text
    assert "- terms: 72 h" in text and "+ terms: 24 h, urgent 2 h, outcome 30 days" in text
    assert f"      recovery key: {d.aloud(age(3))}" in text, "what stayed is there to compare"
    gone = "\n".join(changes.told(first, next_of(first, OTHER)))
    assert "REMOVED: Unidad" in gone


def test_a_year_more_is_no_change_and_every_other_difference_is() -> None:
    first = made(1, "", RECORD)
    longer = replace(RECORD, valid_until=RECORD.valid_until + timedelta(days=20), previous="0" * 64)
    assert changes.changes(first, next_of(first, longer)) == []
    for field, value in {
        "names": {"es": "Otro nombre"}, "kind": "hotline", "competence": d.Competence(("CR",)), "recovery": age(8),
        "signing": "B" * 43, "languages": ("en",), "always_open": False, "agreement": "X-2",
        "offences": (d.Offence.TRAFFICKING,), "abroad": True, "then": UUID(int=7),
    }.items():  # fmt: skip
        assert len(changes.changes(first, next_of(first, replace(RECORD, **{field: value})))) == 1, field


def test_what_does_not_follow_is_not_shown() -> None:
    first = made(1, "", RECORD)
    second = next_of(first, RECORD)
    changes.follows_from(first, second)
    changes.follows_from(second, second)
    with pytest.raises(Invalid, match="directory-rolled-back"):
        changes.follows_from(second, first)
    with pytest.raises(Invalid, match="directory-rolled-back"):
        changes.follows_from(second, made(2, d.digest(first), OTHER))
    for other in (made(2, "0" * 64, RECORD), made(3, d.digest(second), RECORD)):
        with pytest.raises(Invalid, match="directory-not-the-next"):
            changes.follows_from(first, other)


class Custodian:
    """One custodian's machine: a folder, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = crypto.FileSigner.make(folder / "root.pem")

    def sign(self, document: Path, *options: str, says: str = "y\n") -> tuple[int, str, Path]:
        out = self.folder / "out.json"
        done = CliRunner().invoke(
            commands.authority,
            ["sign-directory", "--root-key", str(self.folder / "root.pem"), "--out", str(out), *options, str(document)],
            input=says,
        )
        return done.exit_code, done.output, out


def written(folder: Path, directory: d.Directory) -> Path:
    path = folder / f"{directory.version}.json"
    path.write_bytes(msgspec.json.encode(d.Signed(directory)))
    return path


def test_custodians_read_ask_and_sign_one_after_the_other(tmp_path: Path) -> None:
    one, two, three = (Custodian(tmp_path / name) for name in ("one", "two", "three"))
    root = Root(2, tuple(crypto.b64url(c.key.public_bytes()) for c in (one, two, three)))
    first = made(1, "", RECORD)
    document = written(tmp_path, first)
    status, said, _ = one.sign(document, says="n\n")
    assert status != 0 and not (one.folder / "out.json").exists() and d.aloud(RECORD.recovery) in said
    status, _, half = one.sign(document)
    assert status == 0
    status, _, whole = two.sign(half)
    assert status == 0 and root.signed(d.canonical(first), d.read(whole.read_bytes()).signatures)

    second = written(tmp_path, next_of(first, RECORD, OTHER))
    status, said, _ = one.sign(second)
    assert status == 0 and "ADDED: Otra" in said and "1 more as they were" in said
    status, said, _ = three.sign(second)
    assert status != 0 and "/log/authorities/directory/1.json" in said and "--previous" in said, (
        "the third has never seen the first"
    )
    status, said, _ = three.sign(second, "--previous", str(half), "--root", str(root))
    assert status != 0 and "not enough signatures" in said, "one signature makes no directory to compare with"
    status, said, _ = three.sign(second, "--previous", str(whole), "--root", str(root))
    assert status == 0 and "It follows directory 1." in said
    status, said, _ = one.sign(document)
    assert status != 0 and "older than" in said, "what was signed is remembered"


def test_a_key_that_counts_for_nothing_signs_nothing_and_nobody_signs_twice(tmp_path: Path) -> None:
    one, two, stranger = (Custodian(tmp_path / name) for name in ("one", "two", "stranger"))
    root = str(Root(2, tuple(crypto.b64url(c.key.public_bytes()) for c in (one, two))))
    document = written(tmp_path, made(1, "", RECORD))
    status, said, out = stranger.sign(document, "--root", root)
    assert status != 0 and "not one of the custodians" in said and not out.exists()
    assert not (stranger.folder / "last-signed.json").exists()
    status, said, out = stranger.sign(document)
    assert status == 0 and "could not be checked" in said
    status, said, half = one.sign(out, "--root", root)
    assert status == 0 and "Signed so far by 0" in said and "1 of the 2" in said and "next custodian" in said
    copy = tmp_path / "half.json"
    copy.write_bytes(half.read_bytes())
    status, said, _ = one.sign(copy, "--root", root)
    assert status != 0 and "already" in said, "twice by one is not by two"
    status, said, _ = two.sign(copy, "--root", root)
    assert status == 0 and "2 of the 2" in said and "load-directory" in said


@pytest.mark.parametrize(("language", "yes"), [("es", "sí"), ("es", "SI"), ("en", "yes"), ("pt", "sim"), ("fr", "oui")])
def test_a_custodian_reads_and_answers_in_their_own_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, yes: str
) -> None:
    monkeypatch.setenv("REGISTRY_LANGUAGE", language)
    one = Custodian(tmp_path / "one")
    document = written(tmp_path, made(1, "", RECORD))
    status, said, out = one.sign(document, says="no\n")
    assert status != 0 and not out.exists()
    if language != "en":
        assert not {"fingerprint", "working", "signing", "Directory", "ADDED"} & set(said.replace(":", " ").split())
    status, said, out = one.sign(document, says=f"{yes}\n")
    assert status == 0 and out.exists(), said


def fingerprints(*given: str) -> tuple[int, str]:
    done = CliRunner().invoke(commands.authority, ["fingerprint", *given])
    return done.exit_code, done.output


def test_a_fingerprint_is_read_from_what_keygen_writes(tmp_path: Path) -> None:
    public = tmp_path / "public.json"
    first, second = (str(pyrage.x25519.Identity.generate().to_public()) for _ in range(2))
    signing = crypto.b64url(crypto.FileSigner.make(tmp_path / "signing.pem").public_bytes())
    public.write_text(f'[{{"use": "working", "public": "{first}", "holder": "Guardia"}}]')
    status, said = fingerprints(str(public), second, signing)
    assert status == 0
    assert said.splitlines() == [
        f"{d.aloud(first)}  working, Guardia", f"{d.aloud(second)}  {second}", f"{d.aloud(signing)}  {signing}",
    ]  # fmt: skip


@pytest.mark.parametrize("given", ["public.json", "nowhere/public.json", "age1qqq", age(1), "A" * 42, "ñ", ""])
def test_what_is_neither_a_key_nor_a_file_has_no_fingerprint(given: str) -> None:
    status, said = fingerprints(str(pyrage.x25519.Identity.generate().to_public()), given)
    assert status != 0 and "Error:" in said and "public.json" in said
    assert not any(sign.isdigit() for sign in said.replace(given, "")), "not even of the good one before it"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "\xff", '[{"use": "working", "holder": "x"}]',
             '[{"use": "working", "public": "age1x", "holder": "x"}]'],
)  # fmt: skip
def test_a_file_that_keygen_did_not_write_has_no_fingerprint(tmp_path: Path, text: str) -> None:
    path = tmp_path / "public.json"
    path.write_bytes(text.encode("latin-1"))
    assert fingerprints(str(path))[0] != 0
    assert fingerprints(str(tmp_path))[0] != 0, "nor has a folder"


@pytest.mark.parametrize(
    "name",
    [
        "Unidad\x1b[8m",
        "Unidad\x1b[2J\x1b[H",
        "Unidad\n    + working key: 11111 22222",
        "Unidad\r    + working key: 1",
        "Unidad\u202e\u2066",
        "Unidad\u2028    + signing key: 1",
        "Unidad" + " " * 90 + "+ working key: 11111",
    ],
)
def test_a_name_that_comes_from_the_register_hides_no_key_from_a_custodian(name: str) -> None:
    before = made(1, "", RECORD)
    other = replace(RECORD, names={"es": name}, agreement=name, working=(age(7), age(8)))
    told = changes.told(before, next_of(before, other))
    assert all(line.isprintable() and "     " not in line.strip() for line in told)
    shown = [line for line in told if line.startswith("    + working key:")]
    assert shown == [f"    + working key: {d.aloud(key)}" for key in sorted(other.working)]
