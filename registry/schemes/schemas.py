"""What crosses the border of this room."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.schemes.content import Content, Criterion, Module, Parameters, Question, Term, Text


class Publish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text to publish and the day it takes effect."""

    content: Content
    effective_on: date


class Version(msgspec.Struct, frozen=True):
    """A published version, whole and never changing. `sha256` is that of its canonical bytes."""

    id: UUID
    scheme: str
    version: str
    sha256: str
    effective_on: date
    published_at: datetime
    content: Content

    @property
    def attestation(self) -> str:
        """`certification` or `recognition`."""
        return self.content.attestation

    @property
    def languages(self) -> tuple[str, ...]:
        return self.content.languages

    @property
    def name(self) -> Text:
        return self.content.name

    @property
    def parameters(self) -> Parameters:
        return self.content.parameters

    @property
    def term(self) -> Mapping[str, Term]:
        """The term of commitment by language."""
        return self.content.term

    @property
    def slogan(self) -> Mapping[str, Text]:
        """The words on the seal, by kind of unit and language."""
        return self.content.slogan  # type: ignore[return-value]  # enum keys are strings

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        return self.content.criteria

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question in the order of the criteria."""
        return tuple(question for criterion in self.content.criteria for question in criterion.questions)

    @property
    def modules(self) -> tuple[Module, ...]:
        return self.content.modules

    def module(self, id: str) -> Module | None:
        """A training module by its id, or None."""
        return next((module for module in self.content.modules if module.id == id), None)


class Line(msgspec.Struct, frozen=True):
    """One version in the officer's list. `current` is in force now; an `ended_on` to come is announced."""

    id: UUID
    scheme: str
    name: Text
    number: str
    sha256: str
    effective_on: date
    published_at: datetime
    published_by: str
    current: bool
    ended_on: date | None
