"""What the demo measured; the object `registry demo --json FILE` writes, with exactly these keys."""

import msgspec


class ReportState(msgspec.Struct, frozen=True):
    """A state of the report as the reporter saw it, and when (ISO 8601, UTC)."""

    state: str
    at: str


class Result(msgspec.Struct, kw_only=True):
    """Every figure is counted or timed while the story is played; none is typed in."""

    members_imported: dict[str, int] = msgspec.field(default_factory=dict)
    cells_refused: int = 0
    seals_issued: int = 0
    qr_decoded: int = 0
    pages_agree: int = 0
    credentials_verified: int = 0
    suspension_to_page_seconds: float = 0.0
    report_states: list[ReportState] = msgspec.field(default_factory=list)
    report_closed_elsewhere: bool = False
    plaintext_leaks: int = 0
    seconds: float = 0.0


class Login(msgspec.Struct, frozen=True):
    """A demo person's way in. `secret` is the phone's, base32, so that the demo can show its code."""

    name: str
    email: str
    role: str
    password: str
    secret: str


class Played(msgspec.Struct):
    """What is kept in the data folder once the story is told, so that a second run changes nothing."""

    result: Result
    logins: list[Login]
    seals: dict[str, str]
    """Public state -> the path of one seal in it."""
    origin: str
    """The address the seals are signed for."""
    card: str = ""
    """The path that a trained employee's card opens; empty where nobody of the open province is trained."""
