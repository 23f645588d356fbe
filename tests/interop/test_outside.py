"""Other people's npm packages read a few seals of ours: the quick part of `make interop`, over files alone."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from registry.core.keyring import open_keys
from registry.printing.artwork import Sticker
from registry.seals import credential, did, status_list
from registry.seals.code import completed
from registry.seals.credential import Attested
from tests.interop import cameras, node, silence
from tests.interop.report import Line, NotRun, shown, summary
from tests.registry.seals.test_credential import HOTEL, ISSUER, NOW, TAXI

VALID, SUSPENDED, REVOKED = (completed(f"{letter}K3M9QXT2W4HVN") for letter in "789")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hotel, a suspended taxi and a withdrawn one, laid out like a house's addresses."""
    try:
        node.packages()
    except node.Absent as reason:
        pytest.skip(f"npm's packages cannot be had: {reason}")
    root = tmp_path_factory.mktemp("outside")
    keys = open_keys(root / "keys")
    sealed: list[Attested] = [
        msgspec.structs.replace(facts, code=code, status_index=index)
        for facts, code, index in ((HOTEL, VALID, 7), (TAXI, SUSPENDED, 48213), (TAXI, REVOKED, 131071))
    ]
    files = {
        ".well-known/did.json": msgspec.json.encode(
            did.document(ISSUER.did, ISSUER.origin, "sello.example.cr", [keys.issuer], keys.snapshot, keys.log)
        ),
        "profile/seal-1.json": credential.SCHEMA,
    }
    for facts in sealed:
        files[f"s/{facts.code}.jwt"] = credential.secure(
            credential.build(ISSUER, facts), keys.issuer, ISSUER.did
        ).encode()
    for purpose, bits in (("revocation", {131071}), ("suspension", {48213})):
        listed = status_list.credential(purpose, bits, ISSUER.origin, ISSUER.did, ISSUER.name, NOW + timedelta(hours=1))
        files[f"log/status/{purpose}/1"] = credential.secure_list(listed, keys.issuer, ISSUER.did).encode()
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


@pytest.mark.parametrize("script", ["jose", "schemas", "lists"])
def test_others_verify_what_we_publish(folder: Path, script: str) -> None:
    states = {
        VALID: {"suspension": False, "revocation": False},
        SUSPENDED: {"suspension": True, "revocation": False},
        REVOKED: {"suspension": False, "revocation": True},
    }
    told = node.run(
        script, source=str(folder), codes=[*states], states=states, schemas=node.schemas(),
        lists=["/log/status/revocation/1", "/log/status/suspension/1"],
    )  # fmt: skip
    ran = [one for one in told if isinstance(one, Line)]
    assert ran
    assert [(one.checked, one.failures) for one in ran if one.failed] == []
    assert all(one.count for one in ran)


def test_a_wrong_bit_is_a_failure_and_not_a_warning(folder: Path) -> None:
    states = {VALID: {"suspension": True, "revocation": False}}
    told = node.run("lists", source=str(folder), codes=[VALID], states=states, lists=[
        "/log/status/revocation/1", "/log/status/suspension/1",
    ])  # fmt: skip
    assert any(isinstance(one, Line) and one.failed for one in told)
    assert summary(told)[1] == 1


def test_a_check_that_breaks_fails_and_one_that_cannot_run_is_counted() -> None:
    absent = NotRun("x", "1", "y", "there is none here")
    assert summary([absent])[1] == 1, "nothing ran"
    assert summary([Line("x", "1", "y", 3), absent]) == ("1 lines, 3 checks: 1 passed, 0 failed, 1 not run", 0)
    assert "not run: there is none here" in shown(absent)


def test_the_kernel_counts_whatever_wants_out_of_a_namespace_and_a_silent_one_is_a_failure() -> None:
    """Otherwise the line that says that nothing was fetched would say nothing."""
    if not (alone := silence.apart()):
        pytest.skip("network namespaces are not allowed here")
    script = "from tests.interop import silence as m; m.raise_loopback(); print(m.wanted_out(), m.knocks())"
    done = subprocess.run([*alone, sys.executable, "-c", script], capture_output=True, text=True, check=True)
    before, heard = map(int, done.stdout.split())
    assert (before, heard >= 2) == (0, True)


def test_a_line_about_silence_fails_where_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "wanted_out", lambda: 7)
    told = silence.quiet(7, alone=True)
    assert isinstance(told, Line) and told.failed
    assert isinstance(silence.quiet(7, alone=False), NotRun)


@pytest.mark.parametrize("view", cameras.VIEWS, ids=lambda view: view.checked)
def test_a_printed_sticker_is_read_from_far_and_from_the_side(view: cameras.View) -> None:
    """Twelve frames each; `make interop` takes fifty, of real seals, and asks zbar too."""
    printed = Sticker(
        code=VALID, address=f"HTTPS://SELLO.EXAMPLE.CR/S/{VALID}", mark="TSJ 4417", serial=417, year=2026,
        registry="Resguardo", scheme="Código de conducta", slogan="Este vehículo apoya la red.", slogan_en="",
        check="Compruebe siempre: SELLO.EXAMPLE.CR", valid_only="Válido solo si el código lo confirma", title="Sello",
    )  # fmt: skip
    read = [
        any(address in decoded for decoded in cameras.by_zxing(frame))
        for shape in ("window", "inside")
        for address, frame in cameras.frames([printed], shape, view, 6)
    ]
    assert sum(read) >= 11
