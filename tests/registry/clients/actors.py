"""Who acts in these tests."""

from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.core.ids import uuid7

OFFICER = Actor(uuid7(), "Olga", frozenset({Role.OFFICER}))
STRANGE = Actor(uuid7(), "Fausto", frozenset({Role.ASSOCIATION_ADMIN}))


def admin(association: UUID) -> Actor:
    return Actor(
        uuid7(), "Irene", frozenset({Role.ASSOCIATION_ADMIN}), frozenset({(Role.ASSOCIATION_ADMIN, association)})
    )


def owner(client: UUID) -> Actor:
    return Actor(uuid7(), "Ana", frozenset({Role.REPRESENTATIVE}), frozenset({(Role.REPRESENTATIVE, client)}))
