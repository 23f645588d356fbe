"""The text of a scheme version: its shape, its folder of TOML files and its canonical bytes. Pure but for `load`.

Every struct refuses unknown fields, so that a misspelt parameter is a refusal and not a silent default. Percentages are
whole numbers. The bytes are RFC 8785 (JCS): the same text is the same hash on any machine.
"""

import tomllib
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import rfc8785

Text = dict[str, str]
"""The same words by language: every language of the scheme, none empty (`checked`)."""
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=1200)]
Grade = Literal["critical", "major", "minor", "observation"]
DATA = Path(__file__).parent / "data"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any piece of a version."""

    def keys(self) -> tuple[str, ...]:
        """With `__getitem__`, makes `dict(part)` work for rooms that take what they know from a mapping."""
        return self.__struct_fields__

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


class Question(Part, frozen=True, forbid_unknown_fields=True):
    """One question of an audit. `on_failure` is the grade of the finding a "no" makes."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]\d?\.\d{2}$")]
    kinds: tuple[str, ...]
    type: Literal["document", "percentage", "observation", "interview", "sample", "scenario", "count", "test_call"]
    on_failure: Grade
    text: Text
    evidence: Text
    in_unit: bool = False
    """Also looked at in each sampled member of a group, though it is asked of everybody."""
    figure: Literal["", "coverage", "critical_coverage"] = ""
    """What the registry itself knows for the auditor to confirm: share of trained workers, or of critical posts."""


class Criterion(Part, frozen=True, forbid_unknown_fields=True):
    """One criterion with its questions in order. `group_only` is the central office of a group."""

    id: str
    name: Text
    sentence: Text
    questions: tuple[Question, ...]
    group_only: bool = False


class Term(Part, frozen=True, forbid_unknown_fields=True):
    """The term of commitment in one language. `lead_alone` is for a business whose roster is not entered yet."""

    title: str
    lead: str
    lead_alone: str
    premise: str
    opening: str
    promises: tuple[str, ...]
    close: str


class Choice(Part, frozen=True, forbid_unknown_fields=True):
    """One item of a knowledge check in one language: a situation and three answers."""

    ask: str
    a: str
    b: str
    c: str


class Item(Part, frozen=True, forbid_unknown_fields=True):
    """One item of a module's bank; whoever gets a `must_pass` wrong repeats the check, whatever the score."""

    id: str
    answer: Literal["a", "b", "c"]
    es: Choice
    en: Choice
    pt: Choice
    fr: Choice
    must_pass: bool = False


class Audience(Part, frozen=True, forbid_unknown_fields=True):
    """Posts in kinds of business; `all` stands for every one."""

    kinds: tuple[str, ...]
    posts: tuple[str, ...]


class Module(Part, frozen=True, forbid_unknown_fields=True):
    """One training module. Without an audience nobody needs it by post; without items it cannot be checked here yet."""

    id: str
    minutes: Positive
    audience: tuple[Audience, ...]
    name: Text
    able: Text
    items: tuple[Item, ...] = ()


class Training(Part, frozen=True, forbid_unknown_fields=True):
    """What a scheme asks of training (domain.md 4)."""

    starter_days: Positive
    validity_months: Positive
    refresher_months: Positive
    pass_percent: Percent
    critical_posts: tuple[str, ...]
    critical_shifts: tuple[str, ...]
    small_group: Positive
    late_entry_days: Positive
    group_limit: Positive
    same_score_limit: Positive
    warn_days: tuple[Positive, ...]


class Deadline(Part, frozen=True, forbid_unknown_fields=True):
    """Days from a finding to the plan, and to its verified closing."""

    plan_days: int
    close_days: int


class Group(Part, frozen=True, forbid_unknown_fields=True):
    """How many members of a group are looked at from outside, and what their results say (domain.md 3)."""

    all_up_to: Positive
    random_percent: Percent
    new_member_percent: Percent
    growth_percent: Percent
    major_percent: Percent
    major_minimum: Positive
    surveillance_factor: float
    renewal_factor: float
    risk: dict[str, float]


class Parameters(Part, frozen=True, forbid_unknown_fields=True):
    """What the rules take from a scheme version instead of from a constant."""

    validity_months: Positive
    surveillance_months: Positive
    surveillance_random_percent: Percent
    surveillance_grace_days: Positive
    renewal_opens_months: Positive
    suspension_max_months: Positive
    reapply_months: Positive
    appeal_days: Positive
    criterion_floor: Percent
    evaluation_max_age_days: Positive
    repeated_minors: Positive
    tie_months: Positive
    lead_cycles: Positive
    unannounced_percent: Percent
    coverage_total: Percent
    coverage_renewal: Percent
    coverage_critical: Percent
    coverage_grace_days: Positive
    micro_lodging_rooms: Positive
    internal_check_months: Positive
    answer_days: Positive
    silence_days: Positive
    commitment_months: Positive
    overlap_months: Positive
    training: Training
    deadlines: dict[Grade, Deadline]
    group: Group
    self_assessment: bool | msgspec.UnsetType = msgspec.UNSET
    """False spares applicants the questions before the visit. Unset, as in texts older than it, they are asked; the
    canonical bytes of those texts stay what they were."""


class Content(Part, frozen=True, forbid_unknown_fields=True):
    """Everything a version says."""

    key: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{2,60}$")]
    number: Annotated[str, msgspec.Meta(pattern=r"^\d+\.\d+$")]
    attestation: Literal["certification", "recognition"]
    languages: tuple[str, ...]
    name: Text
    slogan: dict[Literal["establishment", "vehicle"], Text]
    parameters: Parameters
    term: dict[str, Term]
    criteria: tuple[Criterion, ...]
    modules: tuple[Module, ...]


def load(folder: Path) -> Content:
    """A version from its folder: scheme.toml, term.toml, criteria/ and modules/. Raises msgspec.ValidationError."""

    def toml(path: Path) -> dict[str, Any]:
        return tomllib.loads(path.read_text(encoding="utf-8"))

    def numbered(path: Path) -> tuple[int, str]:
        digits = "".join(c for c in path.stem if c.isdigit())
        return (int(digits) if digits else 999, path.stem)

    parts = toml(folder / "scheme.toml") | {"term": toml(folder / "term.toml")}
    for name in ("criteria", "modules"):
        parts[name] = [toml(path) for path in sorted((folder / name).glob("*.toml"), key=numbered)]
    return msgspec.convert(parts, Content)


def encode(content: Content) -> bytes:
    """The canonical bytes of a version: what is stored and hashed."""
    return rfc8785.dumps(msgspec.to_builtins(content))


def decode(data: bytes | str) -> Content:
    """Back from the stored bytes. An older text must still decode: add fields only with defaults."""
    return msgspec.json.decode(data, type=Content)


def fingerprint(data: bytes) -> str:
    """SHA-256 in hex."""
    return sha256(data).hexdigest()


class Available(msgspec.Struct, frozen=True):
    """A text that this repository brings, and the hash it would be published under."""

    sha256: str
    content: Content


@cache
def available() -> tuple[Available, ...]:
    """Every text under data/, read once: files of a release do not change while it runs."""
    texts = [load(path.parent) for path in sorted(DATA.glob("*/scheme.toml"))]
    return tuple(Available(fingerprint(encode(text)), text) for text in texts)
