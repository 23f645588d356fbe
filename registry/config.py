"""Configuration: one frozen Config, read once from the environment and passed by hand.

Every setting has a safe zero value; secrets never have one outside the demo (`registry check config` says what is
missing). Names in the environment are `REGISTRY_` and the field in capitals, but for DATABASE_URL.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from registry.core.errors import Invalid


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Where things are, who we are, and which doors are open."""

    data: Path = Path("data")
    """The data folder: embedded database, files, keys, mail spool."""
    database_url: str | None = None
    """Any PostgreSQL 15 or later; none means the embedded server in the data folder."""
    origin: str = "http://localhost:8000"
    """Scheme and host people use, without a path; where it is not set, this machine and `port`."""
    seal_origin: str | None = None
    """Scheme and short domain printed in seals; none means `origin`."""
    host: str = "127.0.0.1"
    port: int = 8000
    operator: str = "Resguardo"
    """Name of the registry's operator, on pages and in credentials."""
    country: str = "CR"
    telephone: Annotated[str, msgspec.Meta(pattern=r"^(\+[1-9][0-9]{6,14})?$")] = ""
    """Whom somebody without internet calls or writes to about a seal, in E.164 (+50625550147); printed on seals."""
    time_zone: str = "America/Costa_Rica"
    language: str = "es"
    s3_bucket: str | None = None
    """Bucket for private and published files; none means folders in the data folder."""
    s3_endpoint: str | None = None
    smtp_url: str | None = None
    """smtp://user:password@host:port; none means letters are kept in the data folder's mail spool."""
    mail_from: str = "registro@localhost"
    phone_url: str | None = None
    """https://user:password@host/2010-04-01/Accounts/AC…: the account at a gateway that rings duty numbers (it speaks
    Twilio's Messages and Calls); none means that what would be rung is kept in the data folder's telephone spool."""
    phone_from: Annotated[str, msgspec.Meta(pattern=r"^(\+[1-9][0-9]{6,14})?$")] = ""
    """The number that rings them, one of that account's, in E.164."""
    key_issuer: str = ""
    """Where the first key of credentials and status lists is: file:…, env:… or kms:…; none means a file made here."""
    key_snapshot: str = ""
    """The same for the key of manifests."""
    key_log: str = ""
    """The same for the key of the log; it has to be Ed25519."""
    log_key: str = ""
    """For a stranger's door: the log's verifier key it trusts; none means the one it meets first."""
    witnesses: Path | None = None
    """A C2SP tlog-policy file: the witnesses of our log with their addresses, and how many are enough."""
    proxies: frozenset[str] = frozenset()
    """Addresses of proxies whose X-Forwarded-For is believed."""
    region_header: str = ""
    """Header in which such a proxy names a caller's country or province, for counts of look-ups; none means unknown."""
    authority_root: str = ""
    """The custodians who sign the directory of authorities: 2:<key>,<key>,<key> (base64url); none closes every form."""
    report_origin: str | None = None
    """Scheme and host of the report form alone (https://report.example); none means it stands under `origin`."""
    erasure: Path | None = None
    """Folder of the erasure keys of reports, which no backup may hold; none means `erasure` in the data folder."""
    demo: bool = False
    """True only where the demo set the house up: every person and number in it is invented."""

    @property
    def seal_base(self) -> str:
        """What a QR begins with: upper case, so that it stays in alphanumeric mode (seals.md 1.5)."""
        return f"{(self.seal_origin or self.origin).upper()}/S/"

    @property
    def erasure_folder(self) -> Path:
        """Where the erasure keys lie."""
        return self.erasure or self.data / "erasure"

    @property
    def form_base(self) -> str:
        """Scheme and host under which the report form, the return page and the partners' card answer."""
        return self.report_origin or self.origin

    @property
    def did(self) -> str:
        """did:web of the issuer: the host of `origin`, with a port percent-encoded as the method asks."""
        return "did:web:" + self.origin.split("://", 1)[1].replace(":", "%3A")

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS, so that cookies may be bound to it."""
        return self.origin.startswith("https://")


_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:]+\](:\d{1,5})?")


def read(environment: Mapping[str, str]) -> Config:
    """The Config an environment describes. Raises Invalid naming the variable that cannot be understood."""
    given: dict[str, object] = {}
    for field in msgspec.structs.fields(Config):
        name = "DATABASE_URL" if field.name == "database_url" else f"REGISTRY_{field.name.upper()}"
        if not (text := environment.get(name, "").strip()):
            continue
        value: object = frozenset(text.split(",")) if field.name == "proxies" else text
        try:
            given[field.name] = msgspec.convert(value, field.type, strict=False, dec_hook=_path)
        except msgspec.ValidationError as error:
            raise Invalid("config-not-understood", name=name, value=text) from error
    if "report_origin" in given and not _ORIGIN.fullmatch(str(given["report_origin"])):
        raise Invalid("config-not-an-origin", name="REGISTRY_REPORT_ORIGIN", value=given["report_origin"])
    config = Config(**given)  # type: ignore[arg-type]  # converted above, field by field
    if "origin" not in given:
        config = msgspec.structs.replace(config, origin=f"http://localhost:{config.port}")
    return msgspec.structs.replace(config, data=config.data.resolve())


def _path(kind: type, value: object) -> object:
    return Path(str(value)) if kind is Path else value
