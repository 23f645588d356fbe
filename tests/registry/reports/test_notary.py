"""Signed requests and statements: what counts, and what does not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core import crypto
from registry.core.errors import Invalid
from registry.reports import notary

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
WHO = UUID(int=5)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> crypto.FileSigner:
    return crypto.FileSigner.make(Path(tmp_path_factory.mktemp("keys")) / "k.pem")


def test_a_signed_request_holds(signer: crypto.FileSigner) -> None:
    request = notary.Request("POST", "Registry.Test", "/authority-api/v1/envelopes", b"{}")
    headers = notary.signed(request, signer, WHO, NOW, "n" * 24)
    found = notary.claim(request, headers)
    assert found.authority == WHO
    notary.holds(found, crypto.b64url(signer.public_bytes()), NOW + timedelta(minutes=4))


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"host": "other.test"},
        {"path": "/authority-api/v1/directory"},
        {"body": b"{ }"},
    ],
)
def test_any_change_of_the_request_is_noticed(signer: crypto.FileSigner, change: dict[str, object]) -> None:
    request = notary.Request("POST", "registry.test", "/authority-api/v1/envelopes", b"{}")
    headers = notary.signed(request, signer, WHO, NOW, "n" * 24)
    with pytest.raises(Invalid):
        notary.holds(
            notary.claim(msgspec.structs.replace(request, **change), headers), crypto.b64url(signer.public_bytes()), NOW
        )


def test_old_and_future_requests_do_not_count(signer: crypto.FileSigner) -> None:
    request = notary.Request("GET", "registry.test", "/x")
    found = notary.claim(request, notary.signed(request, signer, WHO, NOW, "n" * 24))
    for at in (NOW + timedelta(minutes=6), NOW - timedelta(minutes=6)):
        with pytest.raises(Invalid, match="agent-request-old"):
            notary.holds(found, crypto.b64url(signer.public_bytes()), at)


@given(st.dictionaries(st.sampled_from(["signature-input", "signature", "content-digest"]), st.text(max_size=200)))
def test_any_headers_are_survived(headers: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        notary.claim(notary.Request("GET", "registry.test", "/x"), headers)


def test_a_statement_is_bound_to_its_envelope(signer: crypto.FileSigner) -> None:
    which, key = uuid4(), crypto.b64url(signer.public_bytes())
    said = notary.statement("acknowledged", which, b"h" * 32, reference="X")
    signature = crypto.b64url(signer.sign(said))
    notary.attested(key, signature, said)
    for other in (
        notary.statement("acknowledged", uuid4(), b"h" * 32, reference="X"),
        notary.statement("outcome", which, b"h" * 32, reference="X"),
        notary.statement("acknowledged", which, b"h" * 32, reference="Y"),
    ):
        with pytest.raises(Invalid, match="statement-not-signed"):
            notary.attested(key, signature, other)
